/**
 * One life of an actor on this thread, and the context its behavior sees. Once halted it handles nothing more
 * and nothing it had under way (timers, answers, promises, watches) is delivered to anybody.
 */
import type {
  ActorContext,
  ActorDefinition,
  ActorRef,
  AnyRef,
  AskFailure,
  Behavior,
  ChildOptions,
  Outcome,
  StopReason,
  Timers,
} from './actor.ts';
import type { PendingAsk, Reply } from './ask.ts';
import { DirectRef } from './bridge/direct-ref.ts';
import { RemoteRef } from './bridge/remote-ref.ts';
import type { Body, Cell } from './cell.ts';
import { Children } from './children.ts';
import { settlesWithin } from './deadline.ts';
import { Delivery, Envelope, nothing, type Opener } from './envelope.ts';
import { toError } from './errors.ts';
import { ask, whenEnded } from './handle.ts';
import type { Mailbox } from './mailbox.ts';
import { KeyedTimers } from './timers.ts';

export class Incarnation implements ActorContext<unknown>, Body, Opener {
  readonly self: ActorRef<unknown>;
  readonly timers: Timers<unknown>;
  readonly thread: number;
  readonly controls = undefined;
  readonly #cell: Cell;
  readonly #children: Children;
  readonly #timers: KeyedTimers<unknown>;
  readonly #asked = new Set<PendingAsk<never>>();
  readonly #taken = new Set<Reply<never>>();
  readonly #unwatch = new Set<() => void>();
  readonly #ways: DirectRef[] = [];
  #live = true;
  #abort: AbortController | undefined;
  #behavior: Behavior<unknown> | undefined;
  #setup: Promise<void> | undefined;
  #failStart: ((error: Error) => void) | undefined;

  constructor(cell: Cell) {
    this.#cell = cell;
    this.self = cell.ref;
    this.thread = cell.kernel.thread;
    this.#children = new Children(cell);
    this.#timers = new KeyedTimers(cell.kernel.clock, this, (delivery) => this.#deliver(delivery));
    this.timers = this.#timers;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (!this.#live) this.#abort.abort();
    return this.#abort.signal;
  }

  spawn<C, B>(definition: ActorDefinition<C, B>, args: B, options: ChildOptions = {}): ActorRef<C> {
    if (!this.#live) throw new Error(`${this.self.path} has ended and cannot spawn ${definition.name}`);
    return this.#children.spawn(definition as ActorDefinition<unknown, unknown>, args, options);
  }

  stopChild(child: AnyRef): void {
    this.#children.stopChild(child);
  }

  watch(ref: AnyRef, toMessage: (reason: StopReason) => unknown): void {
    if (!this.#live) return;
    const unwatch = whenEnded(ref, (reason) => {
      this.#unwatch.delete(unwatch);
      this.#deliver(new Delivery(this, () => toMessage(reason)));
    });
    this.#unwatch.add(unwatch);
  }

  direct<N>(ref: ActorRef<N>): ActorRef<N> {
    if (!this.#live || !(ref instanceof RemoteRef)) return ref;
    const way = new DirectRef(this.#cell.kernel, ref);
    this.#ways.push(way);
    return way;
  }

  pipe<T>(promise: Promise<T>, toMessage: (outcome: Outcome<T>) => unknown): void {
    const settled = (outcome: Outcome<T>): void => {
      if (this.#live) this.#deliver(new Delivery(this, () => toMessage(outcome)));
    };
    promise.then(
      (value) => settled({ ok: true, value }),
      (error: unknown) => settled({ ok: false, error: toError(error) }),
    );
  }

  ask(
    ref: AnyRef,
    question: unknown,
    timeoutMs: number,
    toMessage: (outcome: Outcome<never, AskFailure>) => unknown,
  ): void {
    if (!this.#live) return;
    const { kernel, path } = this.#cell;
    const pending = ask<never>(kernel, path, ref, question, timeoutMs, (outcome) =>
      this.#deliver(new Delivery(this, () => toMessage(outcome))),
    );
    this.#asked.add(pending);
    pending.whenSettled(() => this.#asked.delete(pending));
  }

  stop(): void {
    if (this.#live) this.#cell.finish();
  }

  took(reply: Reply<never>): void {
    this.#taken.add(reply);
    reply.whenSettled(() => this.#taken.delete(reply));
  }

  async start(): Promise<void> {
    const abandoned = new Promise<never>((_resolve, reject) => {
      this.#failStart = reject;
    });
    this.#setup = this.#runSetup();
    await Promise.race([abandoned, this.#setup]);
    await Promise.race([abandoned, this.#children.up()]);
  }

  run(mailbox: Mailbox, max: number): number {
    const behavior = this.#behavior;
    if (behavior === undefined) return 0;
    let handled = 0;
    let message: unknown;
    try {
      while (handled < max && mailbox.size > 0 && this.#live) {
        handled += 1;
        message = mailbox.take();
        if (message instanceof Envelope) message = message.open(this);
        if (message === nothing) continue;
        const result: unknown = behavior.receive(message);
        if (result !== undefined) refuseAsync(result);
      }
    } catch (error) {
      this.#cell.fail(toError(error), message instanceof Envelope ? nothing : message);
    }
    this.#cell.handled += handled;
    return handled;
  }

  halt(error = new Error(`${this.self.path} was told to end while starting`)): void {
    if (!this.#live) return;
    this.#live = false;
    this.#timers.end();
    for (const pending of this.#asked) pending.abandon();
    for (const unwatch of this.#unwatch) unwatch();
    for (const reply of this.#taken) reply.fail('stopped');
    this.#abort?.abort();
    this.#failStart?.(error);
  }

  async end(reason: StopReason): Promise<void> {
    this.halt();
    await this.#children.stop();
    const { kernel, shutdownMs, path } = this.#cell;
    const done = (this.#setup ?? Promise.resolve())
      .catch(() => {})
      .then(() => this.#behavior?.stopped?.(reason))
      .catch((error: unknown) => kernel.failed(path, toError(error)));
    const isDone = await settlesWithin(kernel.clock, shutdownMs, done);
    for (const way of this.#ways) way.close();
    if (!isDone) kernel.failed(path, new Error(`${path} did not end within ${shutdownMs} ms`));
  }

  async #runSetup(): Promise<void> {
    const { definition, args } = this.#cell.spec;
    this.#behavior = await definition.setup(this, args);
  }

  #deliver(delivery: Delivery): void {
    if (this.#live) this.#cell.deliver(delivery);
  }
}

/** A promise from `receive` would fail where nobody looks. */
function refuseAsync(result: unknown): void {
  if (typeof result !== 'object' || result === null || !('then' in result)) return;
  Promise.resolve(result).catch(() => {});
  throw new TypeError('Expected receive to be synchronous, it returned a promise: use ctx.pipe');
}
