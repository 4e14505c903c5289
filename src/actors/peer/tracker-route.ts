/**
 * Where a link to a catalogue goes next and when: which of its trackers, after what wait. Invariant: those who lose
 * the same tracker spread over the others and over time; a tracker that refuses, or asks for patience, is not hammered.
 */
import { moveSpreadMs, stableConnectionMs } from '../../core/limits.ts';
import type { NeighbourTracker } from '../../core/neighbours.ts';
import type { KnownCatalogue } from './tracker-catalogues.ts';
import { TrackerChoices, type TrackerChoice } from './tracker-choices.ts';
import type { TrackerLinkArgs } from './tracker-link-messages.ts';
import { afterBusyMs, TrackerRetries } from './tracker-retries.ts';

export interface Loss {
  /** How long the connection was good; undefined when it never was. */
  readonly lastedMs: number | undefined;
  /** We were told why, and that is the same at every tracker of the catalogue. */
  readonly isRefusal: boolean;
  readonly retryAfterMs: number | undefined;
}

export class TrackerRoute {
  readonly #choices: TrackerChoices;
  readonly #retries: TrackerRetries;
  readonly #catalogue: KnownCatalogue;
  readonly #random: () => number;
  /** Dialled last; and where we are, or were. */
  #dialled: TrackerChoice;
  #at: TrackerChoice;
  /** The tracker has said that it goes and comes back, and within what time all should be there again. */
  #comesBackWithinMs: number | undefined;

  constructor({ own, catalogue, address, library, random }: TrackerLinkArgs) {
    this.#catalogue = catalogue;
    this.#dialled = address;
    this.#at = address;
    this.#random = random;
    this.#retries = new TrackerRetries(random);
    this.#choices = new TrackerChoices({ own, catalogue, isNamedFirst: library === undefined });
  }

  /** Whether there is a tracker that has not been tried since the last one was lost. */
  get hasAnother(): boolean {
    return this.#choices.hasUntried;
  }

  /** The one to dial. */
  next(): TrackerChoice {
    this.#dialled = this.#choices.next() ?? this.#dialled;
    return this.#dialled;
  }

  /** It is there, and is who it should be. */
  arrived(at: TrackerChoice): void {
    this.#at = at;
    this.#comesBackWithinMs = undefined;
  }

  /** What the tracker says of the others. */
  tell(neighbours: readonly NeighbourTracker[]): void {
    this.#catalogue.neighbours = neighbours;
  }

  /** The tracker sends us away: when to go for another; undefined when there is none, and it goes itself. */
  redirected(withinMs: number): number | undefined {
    if (this.#choices.left(this.#at)) return this.#retries.beforeMovingMs(withinMs);
    this.#comesBackWithinMs = withinMs;
    return undefined;
  }

  /** The attempt has failed. Whether there is another to try. */
  missed(): boolean {
    return this.#choices.failed(this.#dialled);
  }

  /** How long to wait, and whether it is for a tracker that has not been tried. */
  afterLoss(loss: Loss): { readonly waitMs: number; readonly isForAnother: boolean } {
    const anotherMs = this.#beforeAnotherMs(loss);
    return { waitMs: anotherMs ?? this.#beforeSameMs(loss), isForAnother: anotherMs !== undefined };
  }

  #beforeAnotherMs({ lastedMs, isRefusal }: Loss): number | undefined {
    if (isRefusal || this.#comesBackWithinMs !== undefined) return undefined;
    if (lastedMs !== undefined && lastedMs >= stableConnectionMs)
      return this.#choices.left(this.#at) ? this.#retries.beforeMovingMs() : undefined;
    if (!this.#choices.failed(this.#dialled)) return undefined;
    return lastedMs === undefined ? 0 : this.#random() * moveSpreadMs;
  }

  #beforeSameMs({ lastedMs, isRefusal, retryAfterMs }: Loss): number {
    if (isRefusal) return this.#retries.afterRefusalMs();
    const withinMs = this.#comesBackWithinMs;
    this.#comesBackWithinMs = undefined;
    if (withinMs !== undefined) return this.#retries.beforeComingBackMs(withinMs);
    const waitMs = this.#retries.afterLossMs(lastedMs);
    return retryAfterMs === undefined ? waitMs : Math.max(waitMs, afterBusyMs(retryAfterMs, this.#random));
  }
}
