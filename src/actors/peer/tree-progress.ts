/**
 * How far a tree is, as its record shows it. Invariant: payload is counted once, whoever tells of it first: the
 * connection it came over or the disk it was written to.
 */
import type { DownloadDetails, DownloadState } from '../../core/engine-api.ts';
import { maxTreeFilesPerEvent } from '../../core/limits/trees.ts';
import type { Problem } from '../../core/result.ts';
import type { TreeContents } from './tree-contents.ts';
import type { TreeFiles } from './tree-files.ts';
import type { TreeArgs } from './tree-messages.ts';
import type { TreeSupplies } from './tree-supplies.ts';
import { viewOf } from './transfer-record.ts';
import { Showing } from './transfer-showing.ts';

/** What keeps everything from going on, and when it is looked at again. */
export interface Obstacle {
  readonly problem: Problem;
  readonly untilMs: number;
  /** Looks in vain, in a row. */
  readonly attempts: number;
}

/** Where the actor is with its work. */
export interface TreeStage {
  readonly obstacle: Obstacle | undefined;
  readonly isListed: boolean;
  readonly isFinishing: boolean;
  /** The record's problem says how. */
  readonly isOver: boolean;
}

export class TreeProgress {
  readonly #args: TreeArgs;
  readonly #files: TreeFiles;
  readonly #contents: TreeContents;
  readonly #supplies: TreeSupplies;
  readonly #now: () => number;
  readonly #showing: Showing;
  /** Of earlier incarnations. */
  readonly #fetchedBefore: number;
  #cameBytes = 0;
  #writtenBytes = 0;
  #contentBytes = 0;
  #movedMs: number;

  constructor(args: TreeArgs, files: TreeFiles, contents: TreeContents, supplies: TreeSupplies) {
    const { record, host, now = () => performance.now() } = args;
    const { transfer } = record;
    this.#args = args;
    this.#files = files;
    this.#contents = contents;
    this.#supplies = supplies;
    this.#now = now;
    this.#showing = new Showing(record, () => host.tell({ type: 'changed', transfer }));
    this.#fetchedBefore = record.fetchedBytes;
    this.#movedMs = now();
  }

  /** Something has been got done. */
  moved(): void {
    this.#movedMs = this.#now();
  }

  /** Payload of small files came. */
  came(bytes: number): void {
    this.#cameBytes += bytes;
    this.moved();
  }

  /** A small file that came is on the disk. */
  written(bytes: number): void {
    this.#writtenBytes += bytes;
    this.moved();
  }

  /** A content is over, for which so much came. */
  contentOver(bytes: number): void {
    this.#contentBytes += bytes;
  }

  /** How long nothing has been got done. To be in a source's queue is a promise, and so is a source at work. */
  get idleMs(): number {
    const { record } = this.#args;
    if (record.queuePosition !== undefined || this.#contents.records.some(({ sources }) => sources > 0))
      this.moved();
    return this.#now() - this.#movedMs;
  }

  /** The files that have not ended, or failed. */
  get details(): DownloadDetails {
    const download = viewOf(this.#args.record);
    const unknown = { pieceLength: undefined, pieces: undefined, pieceMap: undefined };
    return { download, ...unknown, sources: [], openFiles: this.#files.details() };
  }

  waitingFor(obstacle: Obstacle | undefined): Problem {
    if (obstacle) return obstacle.problem;
    if (this.#args.record.queuePosition !== undefined) return busy;
    const { isReady, isDialling, main } = this.#supplies;
    const isAtWork = isReady || isDialling || !this.#contents.isIdle;
    return this.#contents.nextWaiting?.problem ?? main.problem ?? (isAtWork ? silent : nowhere);
  }

  /** Brings the record up to date, and shows it when that is news. */
  show(stage: TreeStage): void {
    const { record, host } = this.#args;
    const ended = this.#files.takeEnded();
    for (let at = 0; at < ended.length; at += maxTreeFilesPerEvent) {
      const files = ended.slice(at, at + maxTreeFilesPerEvent);
      host.tell({ type: 'tree-files', transfer: record.transfer, files });
    }
    this.#count(stage);
    const state = this.#stateAt(stage);
    if (!stage.isOver) this.#explain(state, stage.obstacle);
    this.#showing.show(state, this.#now());
  }

  /** Whether small files are on their way. */
  get #hasSmall(): boolean {
    if (this.#supplies.queuePosition > 0) return false;
    for (const { stage } of this.#files.open) if (stage === 'wanted') return true;
    return false;
  }

  /** How it has ended: well, or why not all of it is here. */
  end(folderProblem: Problem | undefined): void {
    const { record } = this.#args;
    const { failed, total } = this.#files.counts;
    const first = this.#files.firstProblem ?? folderProblem;
    const message =
      failed > 1 ? `${failed} of ${total} files failed; the first: ${first?.message}` : first?.message;
    record.problem = first && { code: first.code, message: message ?? '' };
    record.retry = first && 'never';
    record.nextAttemptMs = undefined;
  }

  #count({ isListed, isOver }: TreeStage): void {
    const { record } = this.#args;
    const supplies = this.#supplies;
    this.#contents.count();
    const { records, isIdle } = this.#contents;
    const sum = (field: 'doneBytes' | 'fetchedBytes' | 'wastedBytes' | 'sources' | 'sentBytes'): number =>
      records.reduce((total, one) => total + one[field], 0);
    record.files = this.#files.counts;
    record.sizeBytes = isListed ? this.#files.sizeBytes : undefined;
    record.doneBytes = this.#files.doneBytes + sum('doneBytes');
    const smallBytes = Math.max(this.#cameBytes, this.#writtenBytes);
    record.fetchedBytes = this.#fetchedBefore + smallBytes + this.#contentBytes + sum('fetchedBytes');
    record.sources = isOver ? 0 : Math.max(supplies.sending, sum('sources'));
    record.knownSources = Math.max(1, record.sources);
    record.queuePosition = supplies.queuePosition > 0 && isIdle ? supplies.queuePosition : undefined;
  }

  #explain(state: DownloadState, obstacle: Obstacle | undefined): void {
    const { record } = this.#args;
    const isWaiting = state === 'waiting';
    const content = this.#contents.nextWaiting;
    const atMs = obstacle?.untilMs ?? this.#supplies.main.nextAttemptMs;
    const dateMs = atMs === undefined ? undefined : Date.now() + Math.max(0, atMs - this.#now());
    record.problem = isWaiting ? this.waitingFor(obstacle) : undefined;
    record.retry = isWaiting ? (obstacle ? 'disk' : (content?.retry ?? 'connection')) : undefined;
    record.attempts = isWaiting ? (obstacle?.attempts ?? content?.attempts ?? 0) : 0;
    record.nextAttemptMs = isWaiting ? (!obstacle && content?.nextAttemptMs) || dateMs : undefined;
  }

  #stateAt({ obstacle, isListed, isFinishing, isOver }: TreeStage): DownloadState {
    const supplies = this.#supplies;
    if (isOver) return this.#args.record.problem ? 'failed' : 'done';
    if (isFinishing) return 'finishing';
    if (obstacle) return 'waiting';
    const isFetching = supplies.isReady && (!isListed || this.#hasSmall);
    if (!this.#contents.isIdle) return this.#contents.nextWaiting && !isFetching ? 'waiting' : 'downloading';
    if (supplies.isReady) return supplies.queuePosition > 0 ? 'waiting' : 'downloading';
    // Of a peer that is asked for nothing more the trackers are asked who else has what is left.
    const isLookedFor = supplies.isDialling || supplies.main.isBanned || !supplies.main.problem;
    return isLookedFor ? 'finding' : 'waiting';
  }
}

const silent: Problem = { code: 'timeout', message: 'Who has it has sent nothing so far' };
export const nowhere: Problem = { code: 'not-found', message: 'Nobody who is online has it' };
const busy: Problem = { code: 'busy', message: 'The source is busy; waiting for our turn' };
