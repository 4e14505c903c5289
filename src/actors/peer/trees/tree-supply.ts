/**
 * A peer that a tree comes from, and the connection to it: dialled again, later and later, when it is lost.
 * Invariant: there is a connection, an attempt under way, or a time for the next.
 */
import { fullJitterMs } from '../../../core/backoff.ts';
import type { Source } from '../../../core/catalogue.ts';
import {
  sourceAnswerTimeoutMs,
  sourceRetryBaseMs,
  sourceRetryMaxMs,
} from '../../../core/limits/downloads.ts';
import { rateSilenceMs } from '../../../core/limits/pipelining.ts';
import { maxTreeStrikes, treeListTimeoutMs } from '../../../core/limits/trees.ts';
import { maxEntriesPerPage } from '../../../core/limits/wire.ts';
import type { PeerId } from '../../../core/ids.ts';
import { lostLine } from '../../../core/peer-words.ts';
import { fail, type Problem } from '../../../core/result.ts';
import type { ActorContext, ActorRef } from '../../runtime/index.ts';
import type { SessionCommand, Waits } from '../sessions/session.ts';
import type { TreeDisk } from './tree-disk.ts';
import type { OpenFile } from './tree-files.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';

export class TreeSupply {
  /** Place in its queue; 0: it sends. */
  queuePosition = 0;
  readonly #ctx: ActorContext<TreeMessage>;
  readonly #args: TreeArgs;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #isLookedUp: boolean;
  #source: Source;
  #session: ActorRef<SessionCommand> | undefined;
  #isAttached = false;
  #waitsForDisk = false;
  #isDialling = false;
  #problem: Problem | undefined;
  /** When it was dialled; when a page of the list was asked for, while it has not come. */
  #dialledMs = 0;
  #listAskedMs: number | undefined;
  #stallsAtMs: number | undefined;
  /** Losses in a row, and wrong files ever. */
  #failures = 0;
  #strikes = 0;
  #notBeforeMs = 0;

  /** `isLookedUp`: it is asked after where it is when it is lost. */
  constructor(ctx: ActorContext<TreeMessage>, args: TreeArgs, source: Source, isLookedUp: boolean) {
    const { now = () => performance.now(), random = Math.random } = args;
    this.#ctx = ctx;
    this.#args = args;
    this.#now = now;
    this.#random = random;
    this.#source = source;
    this.#isLookedUp = isLookedUp;
  }

  get source(): Source {
    return this.#source;
  }

  /** Whether files may be asked for. */
  get isReady(): boolean {
    return this.#isAttached;
  }

  /** Whether a connection is being made. */
  get isDialling(): boolean {
    return this.#isDialling || (this.#session !== undefined && !this.#isAttached);
  }

  /** It has sent what is wrong too often, and is asked for nothing more. */
  get isBanned(): boolean {
    return this.#strikes >= maxTreeStrikes;
  }

  /** Why it was lost the last time. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /**
   * When something is done about it next: it is dialled, or the attempt is given up, or the connection because nothing
   * comes; undefined while all is well, or nothing more is to come of it.
   */
  get nextAttemptMs(): number | undefined {
    if (this.isBanned) return undefined;
    if (this.#isAttached) return this.#silentUntilMs;
    return this.isDialling ? this.#dialledMs + sourceAnswerTimeoutMs : this.#notBeforeMs;
  }

  /** Whether it is being dialled, for the first time since it last sent something, and not for long yet. */
  get isCalledFirst(): boolean {
    return this.isDialling && !this.#problem && this.#now() - this.#dialledMs < rateSilenceMs;
  }

  /** Whether nothing has come of it for a while though it should. */
  get isSilent(): boolean {
    return this.#isAttached && this.#silentUntilMs !== undefined;
  }

  /** Like those who wait for pieces: a list that does not come is asked for over a connection that is as silent. */
  get #silentUntilMs(): number | undefined {
    const askedMs = this.#listAskedMs;
    const isListLate = askedMs !== undefined && this.#now() - askedMs >= rateSilenceMs;
    return this.#stallsAtMs ?? (isListLate ? askedMs + treeListTimeoutMs : undefined);
  }

  /** Dials when it is time. */
  dialIfDue(): void {
    if (this.#session || this.#isDialling || this.isBanned || this.#now() < this.#notBeforeMs) return;
    this.#isDialling = true;
    this.#dialledMs = this.#now();
    const source = this.#source;
    const { peer } = source;
    this.#ctx.ask(this.#args.host, { type: 'session', source }, sourceAnswerTimeoutMs, (outcome) => ({
      type: 'connected',
      peer,
      outcome,
    }));
  }

  /** It is to be tried at once, wherever it is now. */
  hurry(): void {
    if (this.#session || this.#isDialling) return;
    this.#lookUp();
    this.#notBeforeMs = 0;
    this.dialIfDue();
  }

  /** The disk is opened anew: what comes over the connection comes to nothing until that is done. */
  loseDisk(): void {
    if (!this.#session || this.#waitsForDisk) return;
    this.#session.offer({ type: 'forget-tree', tree: this.#args.record.transfer });
    this.#isAttached = false;
    this.#waitsForDisk = true;
  }

  /** A connection, perhaps still to be made: what it brings is told as news, once there is a disk to bring it to. */
  connected(session: ActorRef<SessionCommand>, disk: TreeDisk | undefined): void {
    // It was asked for before it was given up.
    if (!this.#isDialling) return;
    this.#isDialling = false;
    if (this.#session !== session) this.#ctx.watch(session, () => ({ type: 'session-gone', session }));
    this.#session = session;
    this.#waitsForDisk = true;
    if (disk && !this.#attach(session, disk)) this.lost(lostLine(this.#source.name));
  }

  /** A connection that was made before now brings what it has here; another is made if it has ended unused. */
  useDisk(disk: TreeDisk): void {
    if (!this.#session || !this.#waitsForDisk) return;
    if (this.#attach(this.#session, disk)) return;
    this.#session = undefined;
    this.dialIfDue();
  }

  #attach(session: ActorRef<SessionCommand>, disk: TreeDisk): boolean {
    this.#waitsForDisk = false;
    const { record } = this.#args;
    const store = disk.connect();
    const { transfer: tree, rate, weight } = record;
    const opened = { tree, store, rate: rate.shared, weight: weight.shared };
    const isTaken = session.offer({ type: 'attach-tree', opened, download: this.#ctx.self });
    if (!isTaken) store.close();
    return isTaken;
  }

  attached(): void {
    this.#isAttached = true;
    this.waits({ queuePosition: 0, stallsAtMs: undefined });
  }

  /** It makes us wait, or no longer. */
  waits({ queuePosition, stallsAtMs }: Waits): void {
    this.queuePosition = queuePosition;
    this.#stallsAtMs = stallsAtMs === undefined ? undefined : this.#now() + stallsAtMs - Date.now();
  }

  /** Whether it is this connection that files are asked for over, or are to be. */
  uses(session: ActorRef<SessionCommand>): boolean {
    return this.#session === session && !this.#waitsForDisk;
  }

  /** What was asked for does not come; without a problem nobody is to blame. */
  lost(problem?: Problem): void {
    this.#isDialling = false;
    this.#isAttached = false;
    this.#session = undefined;
    this.#listAskedMs = undefined;
    this.waits({ queuePosition: 0, stallsAtMs: undefined });
    this.#problem = problem;
    this.#notBeforeMs = this.#now() + fullJitterMs(backoff, ++this.#failures, this.#random);
    // It may be back at another address by then.
    if (this.#isLookedUp) this.#lookUp();
  }

  /** What a tracker says of where it is now. */
  moved(outcome: FoundPeer['outcome']): void {
    if (!outcome.ok || !outcome.value.ok) return;
    const source = outcome.value.value;
    if (source.peer === this.#source.peer) this.#source = source;
  }

  delivered(): void {
    this.#failures = 0;
    this.#problem = undefined;
  }

  /** It sent something wrong. True when it has done so too often, and is asked for nothing more. */
  strike(): boolean {
    this.#strikes++;
    return this.isBanned;
  }

  list(cursor: string | undefined): void {
    const { path } = this.#args.record.request.target;
    const question = { type: 'list', path, recursive: true, cursor, limit: maxEntriesPerPage } as const;
    if (!this.#session) return;
    this.#listAskedMs = this.#now();
    this.#ctx.ask(this.#session, question, treeListTimeoutMs, (outcome) => {
      this.#listAskedMs = undefined;
      return { type: 'listed', outcome };
    });
  }

  want(files: readonly OpenFile[]): void {
    const wanted = files.map(({ file, id, sizeBytes }) => ({ file, id, sizeBytes }));
    this.#session?.offer({ type: 'want-files', tree: this.#args.record.transfer, files: wanted });
  }

  /** These are to come from `to`, unless they are on their way. */
  drop(files: readonly OpenFile[], to: PeerId): void {
    const from = this.#source.peer;
    const dropped = {
      type: 'drop-files',
      tree: this.#args.record.transfer,
      files: files.map(({ file }) => file),
    } as const;
    if (this.#session)
      this.#ctx.ask(this.#session, dropped, sourceAnswerTimeoutMs, (outcome) => ({
        type: 'dropped',
        from,
        to,
        files,
        outcome,
      }));
  }

  /** What is under way is thrown away. */
  leave(): void {
    this.#session?.offer({ type: 'forget-tree', tree: this.#args.record.transfer });
    this.#session = undefined;
    this.#isAttached = false;
  }

  #lookUp(): void {
    const question = { type: 'find-peer', peer: this.#source.peer } as const;
    this.#ctx.ask(this.#args.trackers, question, sourceAnswerTimeoutMs, (outcome) => ({
      type: 'found-peer',
      outcome,
    }));
  }
}

type FoundPeer = Extract<TreeMessage, { readonly type: 'found-peer' }>;

const backoff = { baseMs: sourceRetryBaseMs, maxMs: sourceRetryMaxMs };
/** In place of a connection. */
export const tooMany = fail('busy', 'Too many connections are open');

/** Whether asking again would bring the same answer. */
export function isLasting({ code }: Problem): boolean {
  return code === 'not-found' || code === 'not-shared' || code === 'bad-request' || code === 'unauthorised';
}
