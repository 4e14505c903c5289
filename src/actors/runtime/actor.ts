/**
 * The vocabulary of the runtime: what an actor is, what it is told, what holds it, how it ends. Types and the
 * `actor()` constructor only; nothing here runs anything.
 */

/** Where an actor sits in its system: `/tracker/listener/connection-7`. Unique among living actors. */
export type ActorPath = string;

/** A handle to an actor. It stays the same over restarts; contravariant, so it can be handed out narrowed. */
export interface ActorRef<in M> {
  readonly path: ActorPath;
  /** Sends and forgets. What cannot be accepted becomes a dead letter. Never runs the receiver. */
  tell(message: M): void;
  /** Sends, or returns false: the mailbox is full or the actor is gone, and the caller keeps the message. */
  offer(message: M): boolean;
}

/** An actor of any kind: to watch, to stop, to compare; never to send to. */
export type AnyRef = ActorRef<never>;

/** Where the answer to a question goes. One answer; a second one, or one too late, is a dead letter. */
export interface ReplyTo<in R> {
  reply(value: R): void;
}

/** Makes a message a question: `{ type: 'lookup', id } & Asking<Answer>`. */
export interface Asking<R> {
  readonly replyTo: ReplyTo<R>;
}

type Unaddressed<M> = M extends { readonly replyTo: ReplyTo<never> } ? Omit<M, 'replyTo'> : never;

/** The questions among the messages `M`, as the asker writes them: without `replyTo`. */
export type Question<M> = Unaddressed<M>;

/** What the question `Q` to an actor that takes `M` is answered with. */
export type Answer<M, Q> = M extends Asking<infer R> ? (Q extends Omit<M, 'replyTo'> ? R : never) : never;

/** How something that was waited for came out. */
export type Outcome<T, E = Error> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** Why there is no answer: none in time, the actor ended (or lost the question), its mailbox was full. */
export type AskFailure = 'timeout' | 'stopped' | 'full';

/** Why an actor ended: of its own will, because it was told to, or because of a failure. */
export type StopReason =
  | { readonly kind: 'normal' }
  | { readonly kind: 'shutdown' }
  | { readonly kind: 'failed'; readonly error: Error };

/** What one incarnation of an actor does; its state is what `setup` closed over. */
export interface Behavior<M> {
  /** Handles one message, to its end. What waits goes through the context and comes back as a message. */
  receive(message: M): void;
  /** Called once, after all children have ended, whatever the reason. A promise is waited for `shutdownMs`. */
  stopped?(reason: StopReason): void | Promise<void>;
}

/** What happens to a message that finds the mailbox full: it is refused, or the oldest one makes room. */
export type WhenFull = 'reject' | 'drop-oldest';

export interface MailboxOptions {
  /** Messages; default `defaultMailboxCapacity`. */
  readonly capacity?: number;
  /** Default `reject`. */
  readonly whenFull?: WhenFull;
}

/** Whom the failure of one child takes along: nobody, those spawned after it, all. */
export type Strategy = 'one-for-one' | 'rest-for-one' | 'one-for-all';

/** How an actor looks after its children. More than `maxRestarts` in any `withinMs` and it fails itself. */
export interface Supervision {
  readonly strategy: Strategy;
  readonly maxRestarts: number;
  readonly withinMs: number;
}

/** The wait before a restart: doubles from `minMs` to `maxMs`, varied by ± `jitter` (0 to 1). */
export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
  readonly jitter: number;
  /** Having been up for this long, an actor starts again at `minMs`. */
  readonly resetAfterMs: number;
}

export const defaultBackoff: Backoff = { minMs: 250, maxMs: 30_000, jitter: 0.2, resetAfterMs: 60_000 };

/** `permanent` is restarted however it ended, `transient` after a failure, `temporary` never. */
export type RestartPolicy = 'permanent' | 'transient' | 'temporary';

/** Memory bounds of a placed actor's thread, in MiB, as in `node:worker_threads`. */
export interface ThreadLimits {
  readonly maxOldGenerationSizeMb?: number;
  readonly maxYoungGenerationSizeMb?: number;
  readonly stackSizeMb?: number;
}

export interface ChildOptions {
  /** Default: the definition's name, numbered when a living sibling has it. Given and taken, `spawn` throws. */
  readonly name?: string;
  /** Default `permanent`. */
  readonly restart?: RestartPolicy;
  /** Default: restart at once. */
  readonly backoff?: Backoff;
  /** Deadline of its `stopped()` (and of a thread to end); default `defaultShutdownMs`. */
  readonly shutdownMs?: number;
  /** `thread`: on a worker thread of its own. The definition must say its `module`, args must be plain data. */
  readonly placement?: 'here' | 'thread';
  readonly resourceLimits?: ThreadLimits;
}

export interface DefinitionOptions {
  readonly mailbox?: MailboxOptions;
  readonly supervision?: Supervision;
  /** `import.meta.url` of the module that exports this definition: needed for placement on a thread. */
  readonly module?: string;
}

/** A kind of actor, as data: what to spawn. Made by `actor()`. */
export interface ActorDefinition<M, A> {
  readonly name: string;
  readonly setup: Setup<M, A>;
  readonly options: DefinitionOptions;
}

/**
 * Makes one incarnation; a restart calls it again with the same args. It throws only when running is pointless.
 * Messages wait until it has returned (or resolved) and the children it spawned are up.
 */
export type Setup<M, A> = (ctx: ActorContext<M>, args: A) => Behavior<M> | Promise<Behavior<M>>;

/** Messages to oneself at a later time, by key: a key set again replaces what it had. */
export interface Timers<in M> {
  once(key: string, afterMs: number, message: M): void;
  /** Repeats; a tick whose predecessor is still unhandled is left out. */
  every(key: string, intervalMs: number, message: M): void;
  /** The message is not delivered any more, not even when it is already queued. */
  cancel(key: string): void;
}

/** What an incarnation can do. All of it ends with the incarnation: what comes later is not delivered. */
export interface ActorContext<M> {
  readonly self: ActorRef<M>;
  /** Aborted when this incarnation ends. */
  readonly signal: AbortSignal;
  readonly timers: Timers<M>;
  /** Starts a child. During `setup` children start one after the other, and the parent is up after the last. */
  spawn<C, B>(definition: ActorDefinition<C, B>, args: B, options?: ChildOptions): ActorRef<C>;
  /** Ends a child for good; nothing when it has ended already. */
  stopChild(child: AnyRef): void;
  /** Tells when `ref` has ended for good (a restart is no end); at once when it already has. */
  watch(ref: AnyRef, toMessage: (reason: StopReason) => M): void;
  /** Brings a promise's end back as a message. */
  pipe<T>(promise: Promise<T>, toMessage: (outcome: Outcome<T>) => M): void;
  /** Asks another actor; the answer, or its absence, comes back as a message. */
  ask<N, const Q extends Question<N>>(
    ref: ActorRef<N>,
    question: Q,
    timeoutMs: number,
    toMessage: (outcome: Outcome<Answer<N, Q>, AskFailure>) => M,
  ): void;
  /**
   * The same actor, reached from this thread without the threads between. While there is no such way messages go the
   * other, so those sent one after the other may overtake each other at its beginning and end: meant for questions.
   * Holds for this incarnation; an actor that is no further than one thread away is returned as it is.
   */
  direct<N>(ref: ActorRef<N>): ActorRef<N>;
  /** Ends this actor normally once the present message is handled. */
  stop(): void;
}

/** Defines a kind of actor. */
export function actor<M, A = void>(
  name: string,
  setup: Setup<M, A>,
  options: DefinitionOptions = {},
): ActorDefinition<M, A> {
  if (!/^[\w.:-]+$/.test(name))
    throw new TypeError(`Expected a name of letters, digits and .:_-, got '${name}'`);
  return { name, setup, options };
}

/** A message that nobody handled. */
export interface DeadLetter {
  readonly to: ActorPath;
  readonly message: unknown;
  readonly why: DeadLetterReason;
}

/**
 * `stopped`: the actor is gone. `full`: its mailbox was. `crashed`: it failed on this message, or its thread
 * died with it. `late-reply`: nobody waits for this answer any more. `unsendable`: not plain data, so it cannot
 * cross to the actor's thread. `dropped`: made room for a newer one, as its mailbox is meant to do (`drop-oldest`).
 */
export type DeadLetterReason = 'stopped' | 'full' | 'crashed' | 'late-reply' | 'unsendable' | 'dropped';

/**
 * `starting`: in `setup`. `running`. `restarting`: ended by a failure, its own or a sibling's, and waiting for
 * its next incarnation; the mailbox fills. `stopping`: ending for good. `stopped`.
 */
export type ActorStatus = 'starting' | 'running' | 'restarting' | 'stopping' | 'stopped';

/**
 * Which actors a snapshot is of: all, or those only that are restarted when they fail (`standing`). Of those there are
 * few, where there may be one actor for each of many connections.
 */
export type SnapshotOf = 'all' | 'standing';

/** One actor at one moment. `handled` and `restarts` only grow. */
export interface ActorSnapshot {
  readonly path: ActorPath;
  readonly status: ActorStatus;
  readonly queued: number;
  readonly capacity: number;
  readonly handled: number;
  readonly restarts: number;
  readonly lastError: string | undefined;
  /** `worker_threads.threadId` of where it runs. */
  readonly thread: number;
}
