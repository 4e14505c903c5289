/**
 * An incarnation's timers, by key. At most one message per key is queued at any time.
 * Invariant: once ended there is none, whoever sets another.
 */
import type { Timers } from './actor.ts';
import type { Clock } from './clock.ts';
import { Delivery, type Opener } from './envelope.ts';

interface Timer {
  stop: () => void;
  /** Its message in the mailbox, until that is opened. */
  queued: Delivery | undefined;
}

export class KeyedTimers<M> implements Timers<M> {
  readonly #clock: Clock;
  readonly #owner: Opener;
  readonly #deliver: (delivery: Delivery) => void;
  readonly #timers = new Map<string, Timer>();
  #hasEnded = false;

  constructor(clock: Clock, owner: Opener, deliver: (delivery: Delivery) => void) {
    this.#clock = clock;
    this.#owner = owner;
    this.#deliver = deliver;
  }

  once(key: string, afterMs: number, message: M): void {
    if (this.#hasEnded) return;
    const timer = this.#replace(key);
    timer.stop = this.#clock.after(afterMs, () => this.#send(timer, message, () => this.#timers.delete(key)));
  }

  every(key: string, intervalMs: number, message: M): void {
    if (this.#hasEnded) return;
    const timer = this.#replace(key);
    const tick = (): void => {
      timer.stop = this.#clock.after(intervalMs, tick);
      if (timer.queued === undefined) this.#send(timer, message, () => {});
    };
    timer.stop = this.#clock.after(intervalMs, tick);
  }

  cancel(key: string): void {
    const timer = this.#timers.get(key);
    if (timer === undefined) return;
    this.#timers.delete(key);
    timer.stop();
    if (timer.queued !== undefined) timer.queued.cancelled = true;
  }

  /** Takes back all. What is still under way in the incarnation sets no more: nobody would take them back. */
  end(): void {
    this.#hasEnded = true;
    for (const key of this.#timers.keys()) this.cancel(key);
  }

  #replace(key: string): Timer {
    this.cancel(key);
    const timer: Timer = { stop: () => {}, queued: undefined };
    this.#timers.set(key, timer);
    return timer;
  }

  #send(timer: Timer, message: M, opened: () => void): void {
    const delivery = new Delivery(this.#owner, () => {
      timer.queued = undefined;
      opened();
      return message;
    });
    timer.queued = delivery;
    this.#deliver(delivery);
  }
}
