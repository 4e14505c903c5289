/**
 * How far a tree is, as its record shows it. Invariant: payload is counted once, whoever tells of it first: the
 * connection it came over or the disk it was written to.
 */
import type { DownloadDetails, DownloadState } from '../../../core/engine/engine-api.ts';
import { maxTreeFilesPerEvent } from '../../../core/limits/trees.ts';
import type { Problem } from '../../../core/result.ts';
import type { TreeContents } from './tree-contents.ts';
import type { TreeFiles } from './tree-files.ts';
import type { TreeArgs } from './tree-messages.ts';
import type { TreeSupply } from './tree-supply.ts';
import type { TreeSupplies } from './tree-supplies.ts';
import { reasonToWait, stateAtWork, type Standing } from '../downloads/standing.ts';
import { viewOf } from '../downloads/transfer-record.ts';
import { Showing } from '../downloads/transfer-showing.ts';

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
  #receivedMs = -Infinity;
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
    this.#receivedMs = this.#now();
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
    const isQueued = this.#supplies.queuePosition > 0 && this.#contents.isIdle;
    if (isQueued || this.#contents.records.some(({ sources }) => sources > 0)) this.moved();
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
    return this.#contents.nextWaiting?.problem ?? reasonToWait(this.#standing);
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

  /** Of the list and the small files: what has no download of its own. */
  get #standing(): Standing {
    const supplies = this.#supplies;
    const { queuePosition, called, main } = supplies;
    const isAtWork = called.length > 0 || !this.#contents.isIdle;
    return {
      obstacle: undefined,
      isBusyHere: false,
      receivedMs: this.#receivedMs,
      working: supplies.sending,
      connected: supplies.ready.length,
      hasWork: true,
      queuePosition: queuePosition > 0 ? queuePosition : undefined,
      // Of a peer that is asked for nothing more the trackers are asked who else has what is left.
      isLooking: main.isBanned || main.isCalledFirst || (called.length === 0 && !main.problem),
      called: isAtWork ? namesOf(called.length > 0 ? called : [main]) : [],
      silent: namesOf(supplies.ready.filter(({ isSilent }) => isSilent)),
      problem: main.problem,
      nowMs: this.#now(),
    };
  }

  /** Whether the list is still to come, or small files are. */
  #hasSmall(isListed: boolean): boolean {
    if (!isListed) return true;
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
    const { records } = this.#contents;
    const sum = (
      field: 'doneBytes' | 'arrivingBytes' | 'fetchedBytes' | 'wastedBytes' | 'sentBytes',
    ): number => records.reduce((total, one) => total + one[field], 0);
    record.files = this.#files.counts;
    record.sizeBytes = isListed ? this.#files.sizeBytes : undefined;
    record.doneBytes = this.#files.doneBytes + sum('doneBytes');
    record.arrivingBytes = sum('arrivingBytes');
    const smallBytes = Math.max(this.#cameBytes, this.#writtenBytes);
    record.fetchedBytes = this.#fetchedBefore + smallBytes + this.#contentBytes + sum('fetchedBytes');
    // Several files may come from one peer, which is one source all the same.
    const most = (field: 'sources' | 'knownSources'): number =>
      Math.max(0, ...records.map((one) => one[field]));
    record.sources = isOver ? 0 : Math.max(supplies.sending, most('sources'));
    record.knownSources = Math.max(1, record.sources, most('knownSources'));
    const queued = [supplies.queuePosition, ...records.map(({ queuePosition = 0 }) => queuePosition)];
    const places = queued.filter((place) => place > 0);
    record.queuePosition = places.length > 0 ? Math.min(...places) : undefined;
  }

  #explain(state: DownloadState, obstacle: Obstacle | undefined): void {
    const { record } = this.#args;
    const isWaiting = state === 'waiting';
    const content = this.#contents.nextWaiting;
    const atMs = obstacle?.untilMs ?? this.#supplies.main.nextAttemptMs;
    const dateMs = atMs === undefined ? undefined : Date.now() + Math.max(0, atMs - this.#now());
    const { problem } = this.#supplies.main;
    record.problem = isWaiting ? this.waitingFor(obstacle) : state === 'finding' ? problem : undefined;
    record.retry = isWaiting ? (obstacle ? 'disk' : (content?.retry ?? 'connection')) : undefined;
    record.attempts = isWaiting ? (obstacle?.attempts ?? content?.attempts ?? 0) : 0;
    const isTimed = isWaiting || state === 'finding';
    record.nextAttemptMs = isTimed ? (!obstacle && content?.nextAttemptMs) || dateMs : undefined;
  }

  #stateAt({ obstacle, isListed, isFinishing, isOver }: TreeStage): DownloadState {
    if (isOver) return this.#args.record.problem ? 'failed' : 'done';
    if (isFinishing) return 'finishing';
    if (obstacle) return 'waiting';
    const states = this.#contents.states;
    if (states.length === 0 || this.#hasSmall(isListed)) states.push(stateAtWork(this.#standing));
    if (states.every((state) => state === 'waiting')) return 'waiting';
    return states.every((state) => state === 'waiting' || state === 'finding') ? 'finding' : 'downloading';
  }
}

const namesOf = (supplies: readonly TreeSupply[]): string[] => supplies.map(({ source }) => source.name);
