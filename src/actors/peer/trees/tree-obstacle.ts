/**
 * What keeps a tree from writing, and when that is looked at again: later and later, until something is on the disk. A
 * look begins with the room that there is: what is fetched for a disk that is full is fetched in vain, over and over.
 * Invariant: while there is an obstacle there is a time for the next look, or the look is under way.
 */
import { diskProbeMs } from '../../../core/backoff.ts';
import { sourceAnswerTimeoutMs } from '../../../core/limits/downloads.ts';
import type { Problem } from '../../../core/result.ts';
import type { WriterReport } from '../../../workers/tree-contract.ts';
import type { ActorContext } from '../../runtime/index.ts';
import type { TreeFiles } from './tree-files.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';
import type { Obstacle } from './tree-progress.ts';

export interface ObstacleNeeds {
  readonly ctx: Pick<ActorContext<TreeMessage>, 'timers' | 'ask'>;
  readonly args: Pick<TreeArgs, 'record' | 'host' | 'now' | 'random'>;
  readonly files: Pick<TreeFiles, 'room'>;
}

export class TreeObstacle {
  readonly #needs: ObstacleNeeds;
  #current: Obstacle | undefined;
  #isDue = false;
  /** Looks in vain, in a row. */
  #attempts = 0;

  constructor(needs: ObstacleNeeds) {
    this.#needs = needs;
  }

  get current(): Obstacle | undefined {
    return this.#current;
  }

  /** Whether it is not time to look yet. */
  get isResting(): boolean {
    return this.#current !== undefined && !this.#isDue;
  }

  /** Whether it is being looked at. */
  get isDue(): boolean {
    return this.#isDue;
  }

  /** The disk refuses: `look-again` comes when it is to be looked at. */
  put(problem: Problem): void {
    const { ctx, args } = this.#needs;
    const { now = () => performance.now(), random = Math.random } = args;
    this.#attempts += 1;
    const waitMs = diskProbeMs(this.#attempts, random);
    this.#current = { problem, untilMs: now() + waitMs, attempts: this.#attempts };
    this.#isDue = false;
    ctx.timers.once('look-again', waitMs, { type: 'look-again' });
  }

  /** Looks at it now, if there is one: `room-told` says whether there is room by now. */
  look(): void {
    const { ctx, args } = this.#needs;
    ctx.timers.cancel('look-again');
    if (!this.#current) return;
    this.#isDue = true;
    // As the disk is now: others may have written to it since we began.
    args.host.tell({ type: 'begins', transfer: args.record.transfer });
    this.askForRoom();
  }

  /** Whether there is room for all that has been listed is answered by `room-told`. */
  askForRoom(): void {
    const { ctx, args, files } = this.#needs;
    const question = { type: 'room', transfer: args.record.transfer, ...files.room } as const;
    ctx.ask(args.host, question, sourceAnswerTimeoutMs, (outcome) => ({ type: 'room-told', outcome }));
  }

  /** It is gone, as far as is known. */
  clear(): void {
    this.#current = undefined;
    this.#isDue = false;
  }

  /** Where something is on the disk that was not, it does not refuse any more. */
  wrote({ named, written }: Pick<WriterReport, 'named' | 'written'>): void {
    if (named.length + written.length > 0) this.#attempts = 0;
  }
}
