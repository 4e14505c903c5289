/**
 * What crosses between the two ends of a link. A frame is a flat array of operations, three items each:
 * `op, id, payload`. `id` names a ref of the receiver's (tells, ask, forget), of the sender's (taken, gone), or
 * a question (reply, unanswered, settled).
 */
import type { MessagePort } from 'node:worker_threads';
import type { ActorPath, ActorSnapshot, DeadLetterReason, SnapshotOf, StopReason } from '../actor.ts';
import type { Handle } from '../handle.ts';

export const itemsPerOp = 3;

export const op = {
  /** Messages to the ref. */
  tells: 0,
  /** Message with a `replyTo` to the ref. */
  ask: 1,
  /** So many messages of the ref have been taken from its mailbox. */
  taken: 2,
  /** The answer. */
  reply: 3,
  /** There will be none; payload is why. */
  unanswered: 4,
  /** Nobody waits for the answer any more. */
  settled: 5,
  /** The ref's actor has ended; payload is the reason. */
  gone: 6,
  /** The ref will not be used any more. */
  forget: 7,
  /** Payload is a `Control`. */
  control: 8,
} as const;

export type Op = (typeof op)[keyof typeof op];

/** Worker data of a placed actor's thread. */
export interface ThreadSpec {
  readonly path: ActorPath;
  readonly module: string;
  readonly name: string;
  readonly shutdownMs: number;
}

/** Between the cell of a placed actor and its thread; of a direct way, `up` and `ended`. */
export type Control =
  /** Either way: one end of a direct way, for where that actor runs. */
  | { readonly type: 'connect'; readonly to: Handle<never>; readonly port: MessagePort }
  /** To the thread. */
  | { readonly type: 'start'; readonly args: unknown }
  | { readonly type: 'halt' }
  | { readonly type: 'stop'; readonly reason: StopReason }
  | { readonly type: 'crash'; readonly path: ActorPath; readonly error: Error }
  | { readonly type: 'kill'; readonly path: ActorPath }
  | { readonly type: 'snapshot'; readonly request: number; readonly only: SnapshotOf }
  /** From the thread. */
  | { readonly type: 'up' }
  | { readonly type: 'not-up'; readonly error: Error }
  | { readonly type: 'failed'; readonly error: Error }
  | { readonly type: 'finished' }
  | { readonly type: 'ended' }
  | { readonly type: 'actors'; readonly request: number; readonly actors: readonly ActorSnapshot[] }
  | { readonly type: 'failure'; readonly path: ActorPath; readonly error: Error }
  | {
      readonly type: 'dead-letter';
      readonly to: ActorPath;
      readonly message: unknown;
      readonly why: DeadLetterReason;
    };
