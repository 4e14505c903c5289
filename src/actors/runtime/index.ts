/** The actor runtime's public face. What it guarantees is in docs/actors.md. */
export {
  actor,
  defaultBackoff,
  type ActorContext,
  type ActorDefinition,
  type ActorPath,
  type ActorRef,
  type ActorSnapshot,
  type ActorStatus,
  type Answer,
  type AnyRef,
  type AskFailure,
  type Asking,
  type Backoff,
  type Behavior,
  type ChildOptions,
  type DeadLetter,
  type DeadLetterReason,
  type DefinitionOptions,
  type MailboxOptions,
  type Outcome,
  type Question,
  type ReplyTo,
  type RestartPolicy,
  type Setup,
  type SnapshotOf,
  type StopReason,
  type Strategy,
  type Supervision,
  type ThreadLimits,
  type Timers,
  type WhenFull,
} from './actor.ts';
export { isAwaited } from './ask.ts';
export { systemClock, type Clock } from './clock.ts';
export type { DeadLetterCounts, DeadLetterNote } from './dead-letters.ts';
export type { SystemOptions } from './new-kernel.ts';
export { ActorSystem, type Root } from './system.ts';
