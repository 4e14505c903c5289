/**
 * Watches that what was asked for over one connection comes: says when nothing has for a while, and when it has been
 * too long. Invariant: time in which nothing could come, as while we read nothing ourselves, ends no connection.
 */
import { stallTimeoutMs } from '../../../core/limits/connections.ts';
import { rateSilenceMs } from '../../../core/limits/pipelining.ts';
import { nowMs, type Connection } from '../connection.ts';

export interface StallEvents {
  /** Whether something is to come now, and would be read. */
  isDue(): boolean;
  /** `stallsAtMs` has begun to say something, or has ended to. */
  changed(): void;
}

export class StallWatch {
  readonly #connection: Pick<Connection, 'end'>;
  readonly #events: StallEvents;
  /** When something last came, or could not have come. */
  #movedMs = nowMs();
  /** Since the last look at the clock. */
  #hasMoved = false;
  #stallsAtMs: number | undefined;

  /** Ends the connection when it stalls, and itself with it. */
  constructor(connection: Pick<Connection, 'end' | 'ended'>, events: StallEvents) {
    this.#connection = connection;
    this.#events = events;
    const timer = setInterval(() => this.#look(), stallLookMs);
    void connection.ended.then(() => clearInterval(timer));
  }

  /** When the connection is given up unless something comes, in ms since 1970; undefined while something does. */
  get stallsAtMs(): number | undefined {
    return this.#hasMoved ? undefined : this.#stallsAtMs;
  }

  /** Something came: costs next to nothing. */
  moved(): void {
    this.#hasMoved = true;
  }

  /** From now on something is to come. */
  begin(): void {
    this.#movedMs = nowMs();
  }

  #look(): void {
    if (this.#hasMoved || !this.#events.isDue()) this.begin();
    this.#hasMoved = false;
    const silentMs = nowMs() - this.#movedMs;
    if (silentMs >= stallTimeoutMs)
      return this.#connection.end({
        code: 'timeout',
        message: `Nothing came for ${stallTimeoutMs / 1000} s`,
      });
    const before = this.#stallsAtMs;
    this.#stallsAtMs =
      silentMs >= rateSilenceMs ? (before ?? Date.now() + stallTimeoutMs - silentMs) : undefined;
    if (before !== this.#stallsAtMs) this.#events.changed();
  }
}

/** So exactly is said since when nothing has come. */
const stallLookMs = rateSilenceMs / 6;
