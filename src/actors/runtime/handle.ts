/**
 * What every ref of the runtime can do beyond `ActorRef`: take a question, and tell of its actor's end. Refs
 * made by users (fakes in tests) have the two public methods only, and are served as well as that allows.
 */
import type { ActorPath, ActorRef, AnyRef, AskFailure, Outcome, StopReason } from './actor.ts';
import { PendingAsk, type Reply } from './ask.ts';
import type { Relay } from './bridge/relay.ts';
import type { Kernel } from './kernel.ts';

export abstract class Handle<in M> implements ActorRef<M> {
  abstract readonly path: ActorPath;
  abstract tell(message: M): void;
  abstract offer(message: M): boolean;
  /** Delivers a message whose `replyTo` is `reply`; tells `reply` when it cannot. */
  abstract question(message: unknown, reply: Reply<never>): void;
  /** Delivers a message from another thread, whose sender has seen to the bound. */
  abstract relay(relay: Relay): void;
  /** How many messages another thread may have in flight to it. */
  abstract readonly window: number;
  /** Calls back once when the actor has ended for good, later than this call. The result takes it back. */
  abstract whenEnded(callback: (reason: StopReason) => void): () => void;
}

const doNothing = (): void => {};

/** Calls back when the actor behind `ref` has ended; never for a ref that is not the runtime's. */
export function whenEnded(ref: AnyRef, callback: (reason: StopReason) => void): () => void {
  return ref instanceof Handle ? ref.whenEnded(callback) : doNothing;
}

/** Puts a question on its way; `deliver` gets what came of it, exactly once and never before this returns. */
export function ask<R>(
  kernel: Kernel,
  asker: ActorPath,
  ref: AnyRef,
  question: unknown,
  timeoutMs: number,
  deliver: (outcome: Outcome<R, AskFailure>) => void,
): PendingAsk<R> {
  const late = (value: R): void => kernel.deadLetters.add(asker, value, 'late-reply');
  const pending = new PendingAsk<R>(kernel.clock, timeoutMs, deliver, late);
  const message = { ...(question as object), replyTo: pending };
  if (ref instanceof Handle) ref.question(message, pending);
  else if (!(ref as ActorRef<unknown>).offer(message)) pending.fail('full');
  return pending;
}
