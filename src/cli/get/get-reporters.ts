/**
 * How downloads are reported where nothing can be redrawn: JSON lines for scripts, plain lines for people.
 * Invariant: no file is told of more often than its interval allows, and its outcome exactly once.
 */
import type { DownloadView } from '../../core/engine/engine-api.ts';
import { plainProgressEveryMs, progressEveryMs } from '../../core/limits/cli.ts';
import { describeState, downloadName, percentDone } from '../../tui/transfer-text.ts';
import type { DownloadOutcome, DownloadReporter, Progress } from './downloads.ts';
import { FolderFailures } from './folder-failures.ts';
import { doneLine, isRenamed } from './outcome-lines.ts';
import type { Output } from '../output.ts';
import { WaitNews } from './wait-news.ts';
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
      ...(view.uncheckedBytes !== undefined && view.uncheckedBytes > 0 && { unchecked: view.uncheckedBytes }),
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
  readonly #waits: WaitNews<string>;
  readonly #failures: FolderFailures;

  constructor(output: Output, now: () => number, base: string) {
    this.#output = output;
    this.#base = base;
    this.#failures = new FolderFailures(base);
    this.#throttle = new Throttle(plainProgressEveryMs, now);
    this.#waits = new WaitNews(now, (view) => this.#line(view, `waiting: ${waitWords(view)}`));
  }

  begin(): void {}

  progress({ view, bytesPerSecond, file }: Progress): void {
    const key = file?.target.id ?? keyOf(view);
    if (isHeldUp(view)) return this.#waits.waits(key, view);
    // Between attempts it looks for sources, and waits for the same as before.
    if (view.state !== 'finding') this.#waits.goesOn(key);
    if (this.#throttle.isDue(key, false)) this.#line(view, describeState(view, bytesPerSecond));
  }

  outcome(...outcomes: readonly DownloadOutcome[]): void {
    for (const { file } of outcomes) {
      this.#throttle.forget(file.target.id);
      this.#waits.ended(file.target.id);
    }
    this.#output.line(...outcomes.flatMap((outcome) => (outcome.ok ? [doneLine(outcome, this.#base)] : [])));
    this.#output.note(...this.#failures.take(outcomes.filter((outcome) => !outcome.ok)));
  }

  folderOver(transfer: number): void {
    this.#waits.ended(keyOf({ transfer }));
    this.#output.note(...this.#failures.lines());
  }

  close(): Promise<void> {
    this.#waits.close();
    this.#output.note(...this.#failures.lines());
    return Promise.resolve();
  }

  #line(view: DownloadView, words: string): void {
    this.#output.line(`${percentDone(view)} %  ${downloadName(view)}  ${words}`);
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
    ...(isRenamed(outcome) && { renamed: outcome.file.target.name }),
  };
}

/** For what has no id: a folder. */
const keyOf = ({ transfer }: Pick<DownloadView, 'transfer'>): string => `transfer ${transfer}`;
