/**
 * The download of one folder through an engine: one transfer, told of file by file.
 * Invariant: every file of the folder that the engine tells of gets exactly one outcome.
 */
import path from 'node:path';
import type {
  DownloadDetails,
  DownloadView,
  EngineEvent,
  PieceOrder,
  TreeFile,
  TreeTarget,
} from '../../core/engine/engine-api.ts';
import { maxEarlyViews, progressEveryMs } from '../../core/limits/cli.ts';
import type { Problem } from '../../core/result.ts';
import type { DownloadOutcome, DownloadReporter } from './downloads.ts';
import type { EngineSession } from '../engine-session.ts';
import { FileSpeeds } from './file-speeds.ts';
import type { WantedFile } from './get-target.ts';
import { LiveProgress } from './live-progress.ts';

export interface TreeGetOptions {
  readonly outDir: string;
  /** Default `rarest`. */
  readonly order?: PieceOrder;
  /** How long nothing may come before it is given up. */
  readonly giveUpAfterMs: number;
  /** Once aborted nothing more is reported. */
  readonly signal: AbortSignal;
  now(): number;
}

export interface TreeEnd {
  /** Where it lies; undefined where it was never begun. */
  readonly path: string | undefined;
  readonly files: number;
  /** How long it took. */
  readonly seconds: number;
  /** Those of the files that failed. */
  readonly problems: readonly Problem[];
  /** Why the folder itself could not be had, or not all of it. */
  readonly problem: Problem | undefined;
}

export class TreeGet {
  /** Settles when all its files have their outcomes. */
  readonly finished: Promise<TreeEnd>;
  readonly #session: EngineSession;
  readonly #target: TreeTarget;
  readonly #reporter: DownloadReporter;
  readonly #options: TreeGetOptions;
  readonly #resolve: (end: TreeEnd) => void;
  readonly #unsubscribe: () => void;
  readonly #startedMs: number;
  readonly #live: LiveProgress;
  readonly #speeds: FileSpeeds;
  readonly #problems: Problem[] = [];
  /** Undefined until the engine has said which of its transfers it is; what it told before waits. */
  #transfer: number | undefined;
  #early: EngineEvent[] = [];
  #path: string | undefined;
  #files = 0;
  #detailsTimer: NodeJS.Timeout | undefined;

  constructor(
    session: EngineSession,
    target: TreeTarget,
    reporter: DownloadReporter,
    options: TreeGetOptions,
  ) {
    const { promise, resolve } = Promise.withResolvers<TreeEnd>();
    this.finished = promise;
    this.#resolve = resolve;
    this.#session = session;
    this.#target = target;
    this.#reporter = reporter;
    this.#options = options;
    this.#startedMs = options.now();
    this.#live = new LiveProgress(
      () => options.now(),
      (view, bytesPerSecond) => {
        if (!options.signal.aborted) reporter.progress({ file: undefined, view, bytesPerSecond });
      },
    );
    this.#speeds = new FileSpeeds(this.#startedMs);
    this.#unsubscribe = session.subscribe((event) => this.#receive(event));
    void this.#start(target);
    void session.ended.then(() => this.#end(session.endProblem()));
  }

  async #start(target: TreeTarget): Promise<void> {
    const { outDir, order, giveUpAfterMs } = this.#options;
    const request = { target, outDir, bytesPerSecond: 0, giveUpAfterMs, ...(order && { order }) };
    const answer = await this.#session.ask('download', request);
    if (!answer.ok) return this.#end(answer.problem);
    this.#transfer = answer.value.transfer;
    const early = this.#early;
    this.#early = [];
    for (const event of early) this.#receive(event);
    this.#askDetails();
  }

  #receive(event: EngineEvent): void {
    if (event.type !== 'download' && event.type !== 'tree-files') return;
    if (this.#transfer === undefined) {
      this.#early.push(event);
      if (this.#early.length > maxEarlyViews) this.#early.shift();
    } else if (event.type === 'tree-files') {
      if (event.transfer === this.#transfer && !this.#options.signal.aborted)
        this.#reporter.outcome(...event.files.map((file) => this.#outcomeOf(file)));
    } else if (event.download.transfer === this.#transfer) this.#view(event.download);
  }

  #outcomeOf(file: TreeFile): DownloadOutcome {
    this.#files++;
    const wanted = wantedOf(file);
    if (file.outcome !== 'done') {
      const problem = file.problem ?? { code: 'internal', message: 'It failed without a reason' };
      this.#problems.push(problem);
      return { ok: false, file: wanted, problem, path: file.filePath ?? this.#placeOf(file) };
    }
    return {
      ok: true,
      file: wanted,
      path: file.filePath ?? '',
      sizeBytes: file.sizeBytes,
      fetchedBytes: file.fetchedBytes,
      seconds: (file.tookMs ?? this.#options.now() - this.#startedMs) / 1000,
      isTimed: file.tookMs !== undefined,
      sources: file.sources,
      ...(file.isCopy === true && { isCopy: true }),
    };
  }

  /** Where a file that did not come would lie; undefined before it is known where the folder does. */
  #placeOf(file: TreeFile): string | undefined {
    const root = this.#target.path;
    if (this.#path === undefined || !file.path.startsWith(root)) return undefined;
    return path.join(this.#path, file.path.slice(root.length));
  }

  #view(view: DownloadView): void {
    this.#live.came(view);
    this.#path = view.path ?? this.#path;
    switch (view.state) {
      case 'done':
        return this.#end(undefined);
      case 'failed':
      case 'cancelled':
        // What failed file by file was told file by file.
        return this.#end(this.#problems.length > 0 ? undefined : (view.problem ?? cancelled));
      case 'queued':
      case 'finding':
      case 'waiting':
      case 'downloading':
      case 'paused':
      case 'finishing':
        this.#live.show(view);
    }
  }

  /** Files that take long are told of on their way. */
  #askDetails(): void {
    this.#detailsTimer = setTimeout(() => {
      const transfer = this.#transfer;
      if (transfer === undefined) return;
      void this.#session.ask('details', { transfer }).then((answer) => {
        if (this.#detailsTimer === undefined || this.#options.signal.aborted) return;
        if (answer.ok) this.#detailed(answer.value);
        this.#askDetails();
      });
    }, progressEveryMs).unref();
  }

  #detailed({ openFiles, download }: DownloadDetails): void {
    const nowMs = this.#options.now();
    this.#speeds.look(openFiles, nowMs);
    for (const file of openFiles) this.#progress(file, download, this.#speeds.bytesPerSecond(file, nowMs));
  }

  #progress(file: TreeFile, tree: DownloadView, bytesPerSecond: number): void {
    if (file.outcome !== 'open' || file.doneBytes === 0) return;
    const { id, sizeBytes, doneBytes, fetchedBytes, sources } = file;
    const wanted = wantedOf(file);
    const view = { ...tree, id, name: wanted.target.name, sizeBytes, doneBytes, fetchedBytes, sources };
    this.#reporter.progress({ file: wanted, view: { ...view, files: undefined }, bytesPerSecond });
  }

  #end(problem: Problem | undefined): void {
    clearTimeout(this.#detailsTimer);
    this.#detailsTimer = undefined;
    this.#live.close();
    this.#unsubscribe();
    if (this.#transfer !== undefined) this.#reporter.folderOver(this.#transfer);
    const seconds = (this.#options.now() - this.#startedMs) / 1000;
    this.#resolve({ path: this.#path, files: this.#files, seconds, problems: this.#problems, problem });
  }
}

const cancelled: Problem = { code: 'cancelled', message: 'The download was cancelled' };

function wantedOf({ id, path, sizeBytes }: TreeFile): WantedFile {
  const folders = path.split('/').filter((part) => part !== '');
  const name = folders.pop() ?? '';
  return { target: { kind: 'content', id, name, folders, sources: [] }, sizeBytes };
}
