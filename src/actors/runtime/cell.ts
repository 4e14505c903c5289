/**
 * What stays of an actor over its restarts: its ref, mailbox, counters and place in the tree. At any time it
 * holds at most one body (an incarnation), and only a running body gets messages.
 */
import type { MessagePort } from 'node:worker_threads';
import type {
  ActorDefinition,
  ActorPath,
  ActorSnapshot,
  ActorStatus,
  ChildOptions,
  SnapshotOf,
  StopReason,
} from './actor.ts';
import { Envelope, nothing } from './envelope.ts';
import type { Kernel } from './kernel.ts';
import { defaultMailboxCapacity, defaultShutdownMs } from './limits.ts';
import { LocalRef } from './local-ref.ts';
import { Mailbox } from './mailbox.ts';
import type { Runnable } from './scheduler.ts';

/** What can be done with the thread of a placed actor. */
export interface ThreadControls {
  /** Messages sent to it and not yet taken there. */
  readonly inFlight: number;
  /** Hands it one end of a direct way to its actor. */
  connect(port: MessagePort): void;
  /** Makes an actor on it fail. */
  crash(path: ActorPath, error: Error): void;
  /** Terminates it, or one placed by an actor on it, without a word. */
  kill(path: ActorPath): void;
  /** The actors on it, the placed one left out; empty when it does not answer in time. */
  actors(only: SnapshotOf): Promise<readonly ActorSnapshot[]>;
}

/** One incarnation: a behavior on this thread, or a thread of its own. */
export interface Body {
  /** The thread it runs on. */
  readonly thread: number;
  /** Of a placed actor. */
  readonly controls: ThreadControls | undefined;
  /** Resolves when it and the children it spawned while starting are up. */
  start(): Promise<void>;
  /** Takes up to `max` entries to handle and returns how many. */
  run(mailbox: Mailbox, max: number): number;
  /** At once: handles nothing more, and nothing of it is delivered any more. */
  halt(error?: Error): void;
  /** Halts and resolves when it has ended, children first. Never rejects. */
  end(reason: StopReason): Promise<void>;
}

/** Who looks after a cell: its parent's children, or the system for a root. */
export interface Keeper {
  /** It failed while running; it has been halted. */
  failed(cell: Cell, error: Error): void;
  /** It wishes to end; it has been halted. */
  finished(cell: Cell): void;
  /** It has ended for good. */
  ended(cell: Cell): void;
}

export interface CellSpec {
  readonly path: ActorPath;
  readonly definition: ActorDefinition<unknown, unknown>;
  readonly args: unknown;
  readonly options: ChildOptions;
}

export class Cell implements Runnable {
  readonly kernel: Kernel;
  readonly spec: CellSpec;
  readonly ref: LocalRef;
  readonly mailbox: Mailbox;
  status: ActorStatus = 'starting';
  handled = 0;
  restarts = 0;
  lastError: Error | undefined;
  upSince: number;
  readonly #keeper: Keeper;
  #finishWhenUp = false;
  #failure: StopReason | undefined;
  #inLine = false;
  #body: Body | undefined;
  #ending: Promise<void> | undefined;
  #stopping: Promise<StopReason> | undefined;
  #ended: StopReason | undefined;
  #watchers = new Set<(reason: StopReason) => void>();

  constructor(kernel: Kernel, keeper: Keeper, spec: CellSpec) {
    const { capacity = defaultMailboxCapacity, whenFull = 'reject' } = spec.definition.options.mailbox ?? {};
    this.kernel = kernel;
    this.#keeper = keeper;
    this.spec = spec;
    this.ref = new LocalRef(this);
    this.mailbox = new Mailbox(capacity, whenFull);
    this.upSince = kernel.clock.now();
    kernel.cells.set(spec.path, this);
  }

  get path(): ActorPath {
    return this.spec.path;
  }

  get controls(): ThreadControls | undefined {
    return this.#body?.controls;
  }

  /** Whether it is restarted when it fails. */
  get isStanding(): boolean {
    return this.spec.options.restart !== 'temporary';
  }

  get shutdownMs(): number {
    return this.spec.options.shutdownMs ?? defaultShutdownMs;
  }

  /** Whether an incarnation exists, running or not. */
  get embodied(): boolean {
    return this.#body !== undefined;
  }

  /** Takes a message or an envelope within the bound; false when it cannot. */
  offer(entry: unknown): boolean {
    if (this.status === 'stopping' || this.status === 'stopped') return false;
    if (this.mailbox.size >= this.mailbox.capacity && !this.#makeRoom()) return false;
    this.mailbox.force(entry);
    if (!this.#inLine) this.wake();
    return true;
  }

  /** Takes an envelope whatever the bound; for what the actor itself has under way. */
  deliver(envelope: Envelope): void {
    if (this.status === 'stopping' || this.status === 'stopped') {
      this.#discard(envelope, 'stopped');
      return;
    }
    this.mailbox.force(envelope);
    this.wake();
  }

  /** Why `offer` just said no. */
  get refusal(): 'stopped' | 'full' {
    return this.status === 'stopping' || this.status === 'stopped' ? 'stopped' : 'full';
  }

  run(max: number): number {
    if (this.status !== 'running' || this.#body === undefined) {
      this.#inLine = false;
      return 0;
    }
    const taken = this.#body.run(this.mailbox, max);
    this.#inLine = false;
    if (taken > 0) this.wake();
    return taken;
  }

  /** Stands in line when there is something to do; the body calls it when it can go on. */
  wake(): void {
    if (this.#inLine || this.status !== 'running' || this.mailbox.size === 0) return;
    this.#inLine = true;
    this.kernel.scheduler.add(this);
  }

  /** Brings up an incarnation. Rejects when that failed; resolves without one when it was halted meanwhile. */
  async start(): Promise<void> {
    if (this.status === 'stopping' || this.status === 'stopped' || this.#body !== undefined) return;
    this.status = 'starting';
    this.#failure = undefined;
    this.#finishWhenUp = false;
    try {
      this.#body = this.kernel.makeBody(this);
      await this.#body.start();
    } catch (error) {
      if (!this.#isStarting()) return;
      this.halt('restarting');
      throw error;
    }
    if (!this.#isStarting()) return;
    this.status = 'running';
    this.upSince = this.kernel.clock.now();
    if (this.#finishWhenUp) this.finish();
    else this.wake();
  }

  /** Stops handling at once; the incarnation is still to be ended. */
  halt(status: 'restarting' | 'stopping', error?: Error): void {
    if (this.status === 'stopped' || this.status === 'stopping') return;
    this.status = status;
    this.#body?.halt(error);
  }

  /** Ends the incarnation, if there is one. */
  async end(reason: StopReason): Promise<void> {
    const body = this.#body;
    if (body === undefined) return;
    if (this.#ending === undefined) {
      this.halt('restarting');
      this.#ending = body.end(reason).then(() => {
        this.#body = undefined;
        this.#ending = undefined;
      });
    }
    await this.#ending;
  }

  /** Ends the actor for good. The first call's reason holds, and a failure not yet mended before that. */
  stop(reason: StopReason): Promise<StopReason> {
    this.#stopping ??= this.#stop(this.#failure ?? reason);
    return this.#stopping;
  }

  /** The actor failed: on `culprit` if given, while starting, or from outside. */
  fail(error: Error, culprit: unknown = nothing): void {
    if (culprit !== nothing) this.kernel.deadLetters.add(this.path, culprit, 'crashed');
    if (this.status !== 'running' && this.status !== 'starting') return;
    if (this.status === 'starting') {
      this.#body?.halt(error);
      return;
    }
    this.noteFailure(error);
    this.halt('restarting');
    this.#keeper.failed(this, error);
  }

  /** The actor ends of its own will, once the present message is handled. */
  finish(): void {
    this.#finishWhenUp = this.status === 'starting';
    if (this.status !== 'running') return;
    this.halt('restarting');
    this.#keeper.finished(this);
  }

  noteFailure(error: Error): void {
    this.lastError = error;
    this.#failure = { kind: 'failed', error };
    this.kernel.failed(this.path, error);
  }

  whenEnded(callback: (reason: StopReason) => void): () => void {
    const reason = this.#ended;
    if (reason !== undefined) {
      let wanted = true;
      queueMicrotask(() => wanted && callback(reason));
      return () => {
        wanted = false;
      };
    }
    this.#watchers.add(callback);
    return () => this.#watchers.delete(callback);
  }

  snapshot(): ActorSnapshot {
    return {
      path: this.path,
      status: this.status,
      queued: this.mailbox.size + (this.controls?.inFlight ?? 0),
      capacity: this.mailbox.capacity,
      handled: this.handled,
      restarts: this.restarts,
      lastError: this.lastError?.message,
      thread: this.#body?.thread ?? this.kernel.thread,
    };
  }

  async #stop(reason: StopReason): Promise<StopReason> {
    this.halt('stopping');
    await this.end(reason);
    this.status = 'stopped';
    this.#ended = reason;
    this.kernel.cells.delete(this.path);
    while (this.mailbox.size > 0) this.#discard(this.mailbox.take(), 'stopped');
    this.#keeper.ended(this);
    for (const watcher of this.#watchers) watcher(reason);
    this.#watchers.clear();
    return reason;
  }

  /** False when it was halted meanwhile; nothing starts it again before this incarnation has ended. */
  #isStarting(): boolean {
    return this.status === 'starting';
  }

  #makeRoom(): boolean {
    if (this.mailbox.whenFull === 'reject') return false;
    const dropped = this.mailbox.dropOldest();
    if (dropped === nothing) return false;
    this.#discard(dropped, 'full');
    return true;
  }

  #discard(entry: unknown, why: 'stopped' | 'full'): void {
    const message = entry instanceof Envelope ? entry.discard(why) : entry;
    if (message === nothing) return;
    this.kernel.deadLetters.add(this.path, message, why === 'full' ? 'dropped' : why);
  }
}
