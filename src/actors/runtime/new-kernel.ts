/** Puts together what the cells of one system on one thread share. */
import { threadId } from 'node:worker_threads';
import type { ActorPath, DeadLetter } from './actor.ts';
import { ThreadBody } from './bridge/thread-body.ts';
import type { Cell } from './cell.ts';
import { systemClock, type Clock } from './clock.ts';
import { DeadLetters, type DeadLetterNote } from './dead-letters.ts';
import { Incarnation } from './incarnation.ts';
import type { Kernel } from './kernel.ts';
import { Scheduler } from './scheduler.ts';

export interface SystemOptions {
  /** Default: the system's own. Actors on threads always have that. */
  readonly clock?: Clock;
  /** From 0 to 1, for jitter; default `Math.random`. */
  readonly random?: () => number;
  /** Sees every dead letter. */
  readonly onDeadLetter?: (letter: DeadLetter) => void;
  /** Sees every failure, before supervision acts on it. */
  readonly onFailure?: (path: ActorPath, error: Error) => void;
  /** Gets a few dead letters per window and how many it was spared: for the log. */
  readonly logDeadLetter?: (note: DeadLetterNote) => void;
}

export function newKernel(options: SystemOptions): Kernel {
  const clock = options.clock ?? systemClock;
  return {
    clock,
    random: options.random ?? Math.random,
    scheduler: new Scheduler(),
    deadLetters: new DeadLetters(clock, options.onDeadLetter, options.logDeadLetter),
    cells: new Map<ActorPath, Cell>(),
    thread: threadId,
    makeBody: (cell) =>
      cell.spec.options.placement === 'thread' ? new ThreadBody(cell) : new Incarnation(cell),
    failed: (path, error) => options.onFailure?.(path, error),
  };
}
