/**
 * How downloads are reported where nothing can be redrawn: JSON lines for scripts, plain lines for people.
 * Invariant: no file is told of more often than its interval allows, and its outcome exactly once.
 */
import type { DownloadView } from '../core/engine-api.ts';
import { plainProgressEveryMs, progressEveryMs } from '../core/limits.ts';
import { describeState, percentDone } from '../tui/transfer-text.ts';
import type { DownloadOutcome, DownloadReporter, Progress } from './downloads.ts';
import { FolderFailures } from './folder-failures.ts';
import { doneLine } from './outcome-lines.ts';
import type { Output } from './output.ts';
import { Changes } from './changes.ts';
import { isHeldUp, standingOf, waitWords } from './wait-words.ts';

/** Lets each transfer through at most once in an interval. */
class Throttle {
  readonly #everyMs: number;
  readonly #now: () => number;
  readonly #last = new Map<string, number>();

  constructor(everyMs: number, now: () => number) {
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /** Whether it is this one's turn; `firstMs` counts from when it was first asked, unless it is at once. */
  isDue(key: string, firstAtOnce: boolean): boolean {
    const nowMs = this.#now();
    const last = this.#last.get(key);
    const isDue = last === undefined ? firstAtOnce : nowMs - last >= this.#everyMs;
    if (isDue || last === undefined) this.#last.set(key, nowMs);
    return isDue;
  }

  forget(key: string): void {
    this.#last.delete(key);
  }
}

/** One object a line; progress at most twice a second for each file. */
export class JsonReporter implements DownloadReporter {
  readonly #output: Output;
  readonly #throttle: Throttle;

  constructor(output: Output, now: () => number) {
    this.#output = output;
    this.#throttle = new Throttle(progressEveryMs, now);
  }

  begin(): void {}

  progress({ view, bytesPerSecond, file }: Progress): void {
    const id = file?.target.id ?? null;
    const { name, doneBytes, sizeBytes = file?.sizeBytes ?? null, sources, files } = view;
    if (!this.#throttle.isDue(id ?? keyOf(view), true)) return;
    this.#output.event({
      event: 'progress',
      id,
      name,
      done: doneBytes,
      size: sizeBytes,
      bytesPerSecond: Math.round(bytesPerSecond),
      sources,
      ...standingOf(view),
      fetched: view.fetchedBytes,
      ...(files && { files }),
    });
  }

  outcome(...outcomes: readonly DownloadOutcome[]): void {
    for (const { file } of outcomes) this.#throttle.forget(file.target.id);
    this.#output.event(...outcomes.map(outcomeLine));
  }

  folderOver(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A line now and then for what takes long, one when it comes to wait, one for each outcome. */
export class LinesReporter implements DownloadReporter {
  readonly #base: string;
  readonly #output: Output;
  readonly #throttle: Throttle;
  /** Why each waits: attempt after attempt fails alike. */
  readonly #waits = new Changes<string>();
  readonly #failures: FolderFailures;

  constructor(output: Output, now: () => number, base: string) {
    this.#output = output;
    this.#base = base;
    this.#failures = new FolderFailures(base);
    this.#throttle = new Throttle(plainProgressEveryMs, now);
  }

  begin(): void {}

  progress(progress: Progress): void {
    const { view, bytesPerSecond, file } = progress;
    const key = file?.target.id ?? keyOf(view);
    const isHeld = isHeldUp(view);
    if (view.state === 'downloading') this.#waits.isNew(key, '', true);
    const waitsAnew = isHeld && this.#waits.isNew(key, view.problem?.message ?? '', false);
    if (!this.#throttle.isDue(key, waitsAnew) && !waitsAnew) return;
    const state = isHeld ? `waiting: ${waitWords(view)}` : describeState(view, bytesPerSecond);
    this.#output.line(`${percentDone(view)} %  ${view.name}  ${state}`);
  }

  outcome(...outcomes: readonly DownloadOutcome[]): void {
    for (const { file } of outcomes) {
      this.#throttle.forget(file.target.id);
      this.#waits.isNew(file.target.id, '', true);
    }
    this.#output.line(...outcomes.flatMap((outcome) => (outcome.ok ? [doneLine(outcome, this.#base)] : [])));
    this.#output.note(...this.#failures.take(outcomes.filter((outcome) => !outcome.ok)));
  }

  folderOver(): void {
    this.#output.note(...this.#failures.lines());
  }

  close(): Promise<void> {
    this.folderOver();
    return Promise.resolve();
  }
}

function outcomeLine(outcome: DownloadOutcome): object {
  const { id } = outcome.file.target;
  if (!outcome.ok) {
    const { code, message } = outcome.problem;
    return { event: 'failed', id, code, message };
  }
  const { path, sizeBytes, fetchedBytes, seconds, sources, isCopy } = outcome;
  return {
    event: 'done',
    id,
    path,
    size: sizeBytes,
    fetched: fetchedBytes,
    seconds: Math.round(seconds * 1000) / 1000,
    sources,
    ...(isCopy === true && { copied: true }),
  };
}

/** For what has no id: a folder. */
const keyOf = ({ transfer }: DownloadView): string => `transfer ${transfer}`;
