/**
 * Downloads of many files through one engine: a bounded window of them is with the engine, the rest waits here.
 * Invariant: every file gets exactly one outcome.
 */
import type { DownloadState, DownloadView, EngineEvent, PieceOrder } from '../../core/engine/engine-api.ts';
import { getWindow, hopelessTimeoutMs, maxEarlyViews, maxStallMs } from '../../core/limits/cli.ts';
import type { Problem } from '../../core/result.ts';
import type { EngineSession } from '../engine-session.ts';
import type { WantedFile } from './get-target.ts';
import { LiveProgress } from './live-progress.ts';

/** A download under way, as reporters show it. */
export interface Progress {
  /** Undefined for a folder as a whole. */
  readonly file: WantedFile | undefined;
  readonly view: DownloadView;
  readonly bytesPerSecond: number;
}

export type DownloadOutcome =
  | {
      readonly ok: true;
      readonly file: WantedFile;
      readonly path: string;
      readonly sizeBytes: number;
      readonly fetchedBytes: number;
      /** Since it was asked for; of a file of a folder its own time where that is known. */
      readonly seconds: number;
      /** Whether `seconds` says how long this file took. */
      readonly isTimed: boolean;
      readonly sources: number;
      /** Whether it was copied from another file of this machine. */
      readonly isCopy?: boolean;
    }
  | {
      readonly ok: false;
      readonly file: WantedFile;
      readonly problem: Problem;
      /** Where it would lie; undefined where that is not known. */
      readonly path?: string | undefined;
    };

/** Is told of everything as it happens. */
export interface DownloadReporter {
  /** Says how many files there are that were asked for one by one, before anything else, and of what size as far as it is known. */
  begin(files: number, sizeBytes: number): void;
  progress(progress: Progress): void;
  outcome(...outcomes: readonly DownloadOutcome[]): void;
  /** Nothing more comes of a folder. */
  folderOver(transfer: number): void;
  /** Nothing more comes; settles when all is shown. */
  close(): Promise<void>;
}

export interface DownloadOptions {
  readonly outDir: string;
  /** Default `rarest`. */
  readonly order?: PieceOrder;
  /** How long a file may be without a source before it is given up. */
  readonly findTimeoutMs: number;
  /** The same where the trackers answer that nobody has it. */
  readonly notFoundTimeoutMs: number;
  /** Once aborted nothing more is reported: whoever stops the engine knows why downloads end. */
  readonly signal: AbortSignal;
  now(): number;
}

interface Active {
  readonly file: WantedFile;
  readonly transfer: number;
  readonly startedMs: number;
  readonly progress: LiveProgress;
  /** Since when nobody delivers, the last reason given for it, and when that ends the wait. */
  lonely:
    { readonly sinceMs: number; problem: Problem | undefined; timer: NodeJS.Timeout | undefined } | undefined;
}

/** What a peer says of a file that has changed where it lies, until it knows whether it has it still. */
const changed: ReadonlySet<string | undefined> = new Set(['stale', 'not-shared']);

/** States in which nobody delivers; being in somebody's queue is a promise, though. */
const searching: ReadonlySet<DownloadState> = new Set(['finding', 'waiting']);

export class Downloads {
  /** Settles with the problems of those that failed, when every file has its outcome. */
  readonly finished: Promise<readonly Problem[]>;
  readonly #session: EngineSession;
  readonly #reporter: DownloadReporter;
  readonly #options: DownloadOptions;
  readonly #waiting: WantedFile[];
  readonly #active = new Map<number, Active>();
  /** Views that came before the engine's answer said which file they are of. */
  readonly #early = new Map<number, DownloadView>();
  readonly #problems: Problem[] = [];
  readonly #resolve: (problems: readonly Problem[]) => void;
  #open = 0;
  /** When anything came of any file. */
  #deliveredMs: number;
  #trackerProblem: Problem | undefined;

  constructor(
    session: EngineSession,
    files: readonly WantedFile[],
    reporter: DownloadReporter,
    options: DownloadOptions,
  ) {
    const { promise, resolve } = Promise.withResolvers<readonly Problem[]>();
    this.finished = promise;
    this.#resolve = resolve;
    this.#session = session;
    this.#reporter = reporter;
    this.#options = options;
    // The next one is taken from the end, so that a long list is not shifted for every file.
    this.#waiting = files.toReversed();
    reporter.begin(
      files.length,
      files.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0),
    );
    this.#deliveredMs = options.now();
    session.subscribe((event) => this.#receive(event));
    void session.ended.then(() => this.#failAll());
    this.#fill();
  }

  #fill(): void {
    while (this.#open < getWindow) {
      const file = this.#waiting.pop();
      if (file === undefined) break;
      this.#open += 1;
      void this.#start(file);
    }
    if (this.#open === 0) this.#resolve(this.#problems);
  }

  async #start(file: WantedFile): Promise<void> {
    const options = this.#options;
    const startedMs = options.now();
    const answer = await this.#session.ask('download', {
      target: file.target,
      outDir: options.outDir,
      ...(options.order && { order: options.order }),
      bytesPerSecond: 0,
      sizeBytes: file.sizeBytes,
      giveUpAfterMs: maxStallMs,
    });
    if (!answer.ok) return this.#end({ ok: false, file, problem: answer.problem });
    const { transfer } = answer.value;
    const progress = new LiveProgress(
      () => options.now(),
      (view, bytesPerSecond) => {
        if (!options.signal.aborted) this.#reporter.progress({ file, view, bytesPerSecond });
      },
    );
    this.#active.set(transfer, { file, transfer, startedMs, progress, lonely: undefined });
    const early = this.#early.get(transfer);
    this.#early.delete(transfer);
    if (early !== undefined) this.#view(early);
  }

  #receive(event: EngineEvent): void {
    if (event.type === 'download') this.#view(event.download);
    if (event.type === 'tracker') this.#trackerProblem = event.tracker.problem;
  }

  #view(view: DownloadView): void {
    const active = this.#active.get(view.transfer);
    if (active === undefined) {
      this.#keepEarly(view);
      return;
    }
    const nowMs = this.#options.now();
    if (active.progress.came(view) > 0) {
      this.#deliveredMs = nowMs;
      this.#leaveToIt(active);
    }
    switch (view.state) {
      case 'done':
        return this.#finish(active, {
          ok: true,
          file: active.file,
          path: view.path ?? '',
          sizeBytes: view.sizeBytes ?? view.doneBytes,
          fetchedBytes: view.fetchedBytes,
          seconds: (nowMs - active.startedMs) / 1000,
          isTimed: true,
          sources: view.usedSources,
          ...(view.isCopy && { isCopy: true }),
        });
      case 'failed':
      case 'cancelled': {
        const problem = view.problem ?? { code: 'cancelled', message: 'The download was cancelled' };
        return this.#finish(active, { ok: false, file: active.file, problem });
      }
      case 'queued':
      case 'finding':
      case 'waiting':
      case 'downloading':
      case 'paused':
      case 'finishing':
        this.#watchSources(active, view);
        active.progress.show(view);
    }
  }

  /** Starts the clock of a file that nobody delivers, and stops it as soon as somebody does or promises to. */
  #watchSources(active: Active, view: DownloadView): void {
    clearTimeout(active.lonely?.timer);
    if (!searching.has(view.state) || view.sources > 0 || view.queuePosition !== undefined) {
      // Who says again and again that it has it no more looks, each time it is asked, as if it were to deliver.
      const isRefused = changed.has(active.lonely?.problem?.code) && view.queuePosition === undefined;
      if (!isRefused) active.lonely = undefined;
      return;
    }
    const nowMs = this.#options.now();
    const { sinceMs, problem: earlier } = active.lonely ?? { sinceMs: nowMs, problem: undefined };
    const problem = view.problem ?? earlier;
    const waitMs = Math.max(0, sinceMs + this.#patienceMs(problem, nowMs) - nowMs);
    active.lonely = { sinceMs, problem, timer: setTimeout(() => this.#giveUp(active), waitMs).unref() };
  }

  /** Something has come of it. */
  #leaveToIt(active: Active): void {
    clearTimeout(active.lonely?.timer);
    active.lonely = undefined;
  }

  #patienceMs(problem: Problem | undefined, nowMs: number): number {
    const { findTimeoutMs, notFoundTimeoutMs } = this.#options;
    const patienceMs =
      problem?.code === 'not-found' || problem?.code === 'not-shared'
        ? Math.min(findTimeoutMs, notFoundTimeoutMs)
        : findTimeoutMs;
    // Of a folder whose peer has left, every file is tried, but not every one as long as the first.
    const isHopeless = nowMs - this.#deliveredMs > patienceMs;
    return isHopeless ? Math.min(patienceMs, hopelessTimeoutMs) : patienceMs;
  }

  #giveUp(active: Active): void {
    // Paused, not cancelled: what is on the disk is worth keeping for the next try.
    this.#session.send({ type: 'pause', transfers: [active.transfer] });
    const late = 'no source was found in time';
    const why = active.lonely?.problem ?? this.#trackerProblem;
    const problem: Problem =
      why === undefined
        ? { code: 'not-found', message: late }
        : { code: why.code, message: `${late}: ${whyOf(active.file, why)}` };
    this.#finish(active, { ok: false, file: active.file, problem });
  }

  /** Views of downloads that have ended come here too: the oldest make room. */
  #keepEarly(view: DownloadView): void {
    this.#early.set(view.transfer, view);
    const [oldest] = this.#early.keys();
    if (this.#early.size > maxEarlyViews && oldest !== undefined) this.#early.delete(oldest);
  }

  /** The engine has ended by itself; what waits here fails when it is asked for. */
  #failAll(): void {
    const problem = this.#session.endProblem();
    for (const active of this.#active.values())
      this.#finish(active, { ok: false, file: active.file, problem });
  }

  #finish(active: Active, outcome: DownloadOutcome): void {
    clearTimeout(active.lonely?.timer);
    active.progress.close();
    this.#active.delete(active.transfer);
    this.#end(outcome);
  }

  #end(outcome: DownloadOutcome): void {
    if (this.#options.signal.aborted) return;
    if (!outcome.ok) this.#problems.push(outcome.problem);
    this.#open -= 1;
    this.#reporter.outcome(outcome);
    this.#fill();
  }
}

/** Of a file that one peer alone was to give, the peer by its name. */
function whyOf({ target: { sources } }: WantedFile, { code, message }: Problem): string {
  const [only, ...others] = sources;
  return code === 'not-shared' && only !== undefined && others.length === 0
    ? `${only.name} does not share it any more`
    : message;
}
