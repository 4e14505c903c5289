/**
 * For tests of actors: time that moves when told to, probes to stand in for other actors, and a system that
 * fails the test when a message went nowhere without the test having said so.
 */
import { threadId } from 'node:worker_threads';
import { actor, type ActorRef, type DeadLetter } from './actor.ts';
import { systemClock, type Clock } from './clock.ts';
import { settlesWithin } from './deadline.ts';
import type { SystemOptions } from './new-kernel.ts';
import { ActorSystem } from './system.ts';

/** How long a probe or `eventually` waits in real time before the test fails: other programs may have the processors. */
export const probeDeadlineMs = 60_000;

/** Resolves when `condition` holds; for what happens on other threads. Rejects after `withinMs` of real time. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  withinMs = probeDeadlineMs,
): Promise<void> {
  for (const end = performance.now() + withinMs; !(await condition());) {
    if (performance.now() > end) throw new Error(`Not so within ${withinMs} ms: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Turns of the event loop without work after which a system counts as settled. */
const quietTurns = 3;

export class ManualClock implements Clock {
  #now: number;
  #timers: { at: number; callback: () => void }[] = [];

  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Moves time on, calling back what falls due on the way in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers
        .filter((timer) => timer.at <= end)
        .reduce((first, timer) => (first === undefined || timer.at < first.at ? timer : first), noTimer);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }

  /** Timers set and neither due nor taken back. */
  get pending(): number {
    return this.#timers.length;
  }
}

const noTimer: { at: number; callback: () => void } | undefined = undefined;

/** Stands in for an actor and keeps what it is told. */
export interface Probe<M> {
  readonly ref: ActorRef<M>;
  /** What came and was not yet taken by `next`. */
  readonly messages: readonly M[];
  /** Takes the next message, waiting for it; rejects after `probeDeadlineMs` of real time. */
  next(): Promise<M>;
}

export class TestSystem {
  readonly system: ActorSystem;
  readonly clock: ManualClock;
  readonly failures: { path: string; error: Error }[] = [];
  #letters: DeadLetter[] = [];

  constructor(options: Omit<SystemOptions, 'clock'> = {}) {
    this.clock = new ManualClock();
    this.system = new ActorSystem({
      random: () => 0.5,
      ...options,
      clock: this.clock,
      onDeadLetter: (letter) => {
        if (letter.why !== 'dropped') this.#letters.push(letter);
        options.onDeadLetter?.(letter);
      },
      onFailure: (path, error) => {
        this.failures.push({ path, error });
        options.onFailure?.(path, error);
      },
    });
  }

  /** Resolves when nothing on this thread has anything to do any more, short of time moving on. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns;) {
      await new Promise(setImmediate);
      quiet = this.system.idle ? quiet + 1 : 0;
    }
  }

  /** Moves time on and settles. */
  async advance(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  probe<M>(name = 'probe'): Probe<M> {
    const messages: M[] = [];
    let arrived = (): void => {};
    const definition = actor<M>(name, () => ({
      receive(message) {
        messages.push(message);
        arrived();
      },
    }));
    const { ref } = this.system.start(definition, undefined);
    const next = async (): Promise<M> => {
      if (messages.length === 0) await arrival(name, (callback) => (arrived = callback));
      const [message] = messages.splice(0, 1);
      return message as M;
    };
    return { ref, messages, next };
  }

  /** The dead letters so far, which are thereby expected. */
  takeDeadLetters(): DeadLetter[] {
    return this.#letters.splice(0);
  }

  #hasThreads(): boolean {
    return this.system.snapshot().some(({ thread }) => thread !== threadId);
  }

  /** Stops everything and throws when there were dead letters that nobody took before. */
  async close(): Promise<void> {
    await this.settle();
    const unexpected = this.takeDeadLetters();
    const stopped = this.system.stop();
    await this.settle();
    if (this.#hasThreads()) await settlesWithin(systemClock, threadEndMs, stopped);
    while (this.clock.pending > 0 && !(await isSettled(stopped))) await this.advance(1_000);
    await stopped;
    if (unexpected.length === 0) return;
    const list = unexpected.map(({ to, why, message }) => `${to} (${why}): ${inWords(message)}`);
    throw new Error(`Unexpected dead letters:\n${list.join('\n')}`);
  }
}

/** What a thread gets in real time to end by itself when a test closes its system. */
const threadEndMs = 2_000;

/** Messages may hold anything, sockets and circles included. */
function inWords(message: unknown): string {
  try {
    return JSON.stringify(message);
  } catch {
    return String(message);
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([promise.then(() => true), Promise.resolve(false)])) satisfies boolean;
}

function arrival(name: string, onArrival: (callback: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`Probe ${name} got nothing in ${probeDeadlineMs} ms`)),
      probeDeadlineMs,
    );
    onArrival(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
