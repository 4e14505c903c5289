/** Questions under way. Each settles exactly once: by its answer, its timeout, or the end of either side. */
import type { AskFailure, Outcome, ReplyTo } from './actor.ts';
import type { Clock } from './clock.ts';

/** The runtime's own `ReplyTo`: it can also be told that there will be no answer. */
export abstract class Reply<in R> implements ReplyTo<R> {
  #whenSettled: (() => void)[] = [];
  #settled = false;

  get settled(): boolean {
    return this.#settled;
  }

  abstract reply(value: R): void;

  /** There will be no answer. Nothing when it has settled already. */
  abstract fail(why: AskFailure): void;

  /** Calls back once, when it settles in whatever way. */
  whenSettled(callback: () => void): void {
    if (this.#settled) callback();
    else this.#whenSettled.push(callback);
  }

  /** False when it had settled before. */
  protected settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    for (const callback of this.#whenSettled) callback();
    this.#whenSettled = [];
    return true;
  }
}

/** Whether somebody may still wait for the answer. */
export function isAwaited(replyTo: ReplyTo<never>): boolean {
  return !(replyTo instanceof Reply && replyTo.settled);
}

/** A question asked on this thread. */
export class PendingAsk<R> extends Reply<R> {
  readonly #deliver: (outcome: Outcome<R, AskFailure>) => void;
  readonly #late: (value: R) => void;
  readonly #stopTimer: () => void;

  /** `late` gets the answers that come when it has settled. */
  constructor(
    clock: Clock,
    timeoutMs: number,
    deliver: (outcome: Outcome<R, AskFailure>) => void,
    late: (value: R) => void,
  ) {
    super();
    this.#deliver = deliver;
    this.#late = late;
    this.#stopTimer = clock.after(timeoutMs, () => this.fail('timeout'));
  }

  reply(value: R): void {
    if (this.#end()) this.#deliver({ ok: true, value });
    else this.#late(value);
  }

  fail(why: AskFailure): void {
    if (this.#end()) this.#deliver({ ok: false, error: why });
  }

  /** The asker is gone: nothing is delivered any more. */
  abandon(): void {
    this.#end();
  }

  #end(): boolean {
    this.#stopTimer();
    return this.settle();
  }
}
