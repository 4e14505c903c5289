/** What all cells of one system share. */
import type { ActorPath } from './actor.ts';
import type { Body, Cell } from './cell.ts';
import type { Clock } from './clock.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Scheduler } from './scheduler.ts';

export interface Kernel {
  readonly clock: Clock;
  readonly random: () => number;
  readonly scheduler: Scheduler;
  readonly deadLetters: DeadLetters;
  /** Every living cell of this thread by path, parents before children. */
  readonly cells: Map<ActorPath, Cell>;
  readonly thread: number;
  /** Makes what runs in a cell: a behavior here, or a thread. */
  readonly makeBody: (cell: Cell) => Body;
  /** Told of every failure, before anything is done about it. */
  readonly failed: (path: ActorPath, error: Error) => void;
}
