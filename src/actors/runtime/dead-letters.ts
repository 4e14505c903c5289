/** The office of dead letters: every one is counted and shown to the observer; the log is throttled. */
import type { ActorPath, DeadLetter, DeadLetterReason } from './actor.ts';
import { Reply } from './ask.ts';
import type { Clock } from './clock.ts';
import { deadLetterLogWindowMs, deadLettersLoggedPerWindow } from './limits.ts';

/** A line for the log. Carries no message contents: they may hold what must not be logged. */
export interface DeadLetterNote {
  readonly to: ActorPath;
  readonly why: DeadLetterReason;
  /** The message's `type`, if it has one. */
  readonly type: string | undefined;
  /** Dead letters that were not logged since the last note. */
  readonly suppressed: number;
}

export type DeadLetterCounts = Readonly<Record<DeadLetterReason, number>>;

export class DeadLetters {
  readonly #clock: Clock;
  readonly #observe: ((letter: DeadLetter) => void) | undefined;
  readonly #log: ((note: DeadLetterNote) => void) | undefined;
  readonly #counts = { stopped: 0, full: 0, crashed: 0, 'late-reply': 0, unsendable: 0, dropped: 0 };
  #windowStart = Number.NEGATIVE_INFINITY;
  #loggedInWindow = 0;
  #suppressed = 0;

  constructor(
    clock: Clock,
    observe: ((letter: DeadLetter) => void) | undefined,
    log: ((note: DeadLetterNote) => void) | undefined,
  ) {
    this.#clock = clock;
    this.#observe = observe;
    this.#log = log;
  }

  get counts(): DeadLetterCounts {
    return { ...this.#counts };
  }

  add(to: ActorPath, message: unknown, why: DeadLetterReason): void {
    this.#counts[why] += 1;
    replyOf(message)?.fail(why === 'full' ? 'full' : 'stopped');
    this.#observe?.({ to, message, why });
    if (this.#log !== undefined && why !== 'dropped') this.#note(this.#log, to, message, why);
  }

  #note(log: (note: DeadLetterNote) => void, to: ActorPath, message: unknown, why: DeadLetterReason): void {
    const now = this.#clock.now();
    if (now - this.#windowStart >= deadLetterLogWindowMs) {
      this.#windowStart = now;
      this.#loggedInWindow = 0;
    }
    if (this.#loggedInWindow >= deadLettersLoggedPerWindow) {
      this.#suppressed += 1;
      return;
    }
    this.#loggedInWindow += 1;
    log({ to, why, type: typeOf(message), suppressed: this.#suppressed });
    this.#suppressed = 0;
  }
}

/** Where a question that was handed on by `tell` would have been answered. */
function replyOf(message: unknown): Reply<never> | undefined {
  if (typeof message !== 'object' || message === null || !('replyTo' in message)) return undefined;
  return message.replyTo instanceof Reply ? message.replyTo : undefined;
}

function typeOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  return typeof message.type === 'string' ? message.type : undefined;
}
