/**
 * Where a link to a catalogue goes next and when: which of its trackers, after what wait. Invariant: those who lose
 * the same tracker spread over the others and over time; a tracker that refuses, or asks for patience, is not hammered.
 */
import type { TrackerAddress } from '../../../core/engine/engine-api.ts';
import { hostPort } from '../../../core/host.ts';
import {
  formerNeighbourMs,
  minDialGapMs,
  moveSpreadMs,
  stableConnectionMs,
} from '../../../core/limits/tracker-link.ts';
import { maxToldTrackers } from '../../../core/limits/wire.ts';
import type { NeighbourTracker } from '../../../core/tracker/neighbours.ts';
import type { Clock } from '../../runtime/index.ts';
import type { FormerNeighbour, KnownCatalogue } from './tracker-catalogues.ts';
import { TrackerChoices, type TrackerChoice } from './tracker-choices.ts';
import type { TrackerLinkArgs } from './tracker-link-messages.ts';
import { afterBusyMs, TrackerRetries } from './tracker-retries.ts';

export interface Loss {
  /** We were told why, and that is the same at every tracker of the catalogue. */
  readonly isRefusal: boolean;
  readonly retryAfterMs: number | undefined;
}

export interface Wait {
  readonly waitMs: number;
  /** It is for a tracker that has not been tried. */
  readonly isForAnother: boolean;
  /** We had been let in. */
  readonly wasIn: boolean;
}

/** A loss, with how long the connection was good; undefined when it never was. */
type TimedLoss = Loss & { readonly lastedMs: number | undefined };

export class TrackerRoute {
  readonly #choices: TrackerChoices;
  readonly #retries: TrackerRetries;
  readonly #catalogue: KnownCatalogue;
  readonly #random: () => number;
  /** Dialled last; and where we are, or were. */
  #dialled: TrackerChoice;
  #at: TrackerChoice;
  /** Where we were before that. */
  #before: TrackerChoice;
  /** No tracker is dialled before then, as one has asked for it. */
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  /** The tracker has said that it goes and comes back, and within what time all should be there again. */
  #comesBackWithinMs: number | undefined;
  /** Where we are has sent us away. */
  #isRedirected = false;
  readonly #address: TrackerAddress;
  readonly #clock: Clock;
  #enteredMs: number | undefined;
  /** When an attempt last ended without a welcome. */
  #failedMs = Number.NEGATIVE_INFINITY;

  constructor({ own, catalogue, address, library, random, clock }: TrackerLinkArgs) {
    this.#address = address;
    this.#clock = clock;
    this.#catalogue = catalogue;
    this.#dialled = address;
    this.#at = address;
    this.#before = address;
    this.#random = random;
    this.#retries = new TrackerRetries(random);
    this.#choices = new TrackerChoices({ own, catalogue, isNamedFirst: library === undefined });
  }

  /** Whether all have just been tried in vain. */
  get hasJustFailed(): boolean {
    return this.#clock.now() - this.#failedMs < minDialGapMs && !this.#choices.hasUntried;
  }

  /** Where we are, when that is not where the catalogue is looked for. */
  get via(): TrackerAddress | undefined {
    const { host, port } = this.#at;
    return hostPort(this.#at) === hostPort(this.#address) ? undefined : { host, port };
  }

  /** The one to dial. */
  next(): TrackerChoice {
    this.#forgetFormer();
    this.#dialled = this.#choices.next() ?? this.#dialled;
    return this.#dialled;
  }

  /** It is there, and is who it should be. */
  arrived(at: TrackerChoice): void {
    this.#before = this.#at;
    this.#at = at;
    this.#isRedirected = false;
    this.#comesBackWithinMs = undefined;
    this.#enteredMs = undefined;
  }

  /** It has not let us in, and we are still where we were, which has sent us away. */
  stayed(): void {
    this.#at = this.#before;
    this.#isRedirected = true;
  }

  /** It has let us in. */
  entered(): void {
    this.#enteredMs = this.#clock.now();
  }

  /** What the tracker says of the others. Gives those to be known: with itself, where it is one that was told. */
  tell(others: readonly NeighbourTracker[]): readonly NeighbourTracker[] {
    const { id, host, port } = this.#at;
    const itself = id === undefined ? [] : [{ id, host, port }];
    const before = this.#catalogue.neighbours;
    const now = [...itself, ...others].slice(0, maxToldTrackers);
    this.#catalogue.neighbours = now;
    const untilMs = this.#clock.now() + formerNeighbourMs;
    const told = new Set(now.map(hostPort));
    const former = [...before.map((each) => ({ ...each, untilMs })), ...(this.#catalogue.former ?? [])];
    this.#catalogue.former = former.filter((each) => !told.has(hostPort(each)));
    this.#forgetFormer();
    return now;
  }

  /** Keeps of those no longer told of the ones whose time is not over, each once. */
  #forgetFormer(): void {
    const nowMs = this.#clock.now();
    const byAddress = new Map<string, FormerNeighbour>();
    for (const each of this.#catalogue.former ?? []) {
      const at = hostPort(each);
      if (each.untilMs > nowMs && !byAddress.has(at)) byAddress.set(at, each);
    }
    this.#catalogue.former = [...byAddress.values()].slice(0, maxToldTrackers);
  }

  /**
   * The tracker sends us away: when to go for another; undefined when there is none, and it goes itself. Said again it
   * changes nothing: otherwise it could have all its peers dial somebody without pause.
   */
  redirected(withinMs: number): number | undefined {
    if (this.#isRedirected) return undefined;
    this.#isRedirected = true;
    if (this.#choices.left(this.#at)) return this.#retries.beforeRedirectMs(withinMs);
    this.#comesBackWithinMs = withinMs;
    return undefined;
  }

  /** The attempt has failed. Whether there is another to try. */
  missed(): boolean {
    return this.#choices.failed(this.#dialled);
  }

  /** How long to wait, and for what. */
  afterLoss(loss: Loss): Wait {
    const nowMs = this.#clock.now();
    const lastedMs = this.#enteredMs === undefined ? undefined : nowMs - this.#enteredMs;
    if (lastedMs === undefined) this.#failedMs = nowMs;
    this.#enteredMs = undefined;
    const timed = { ...loss, lastedMs };
    const anotherMs = this.#beforeAnotherMs(timed);
    const waitMs = anotherMs ?? this.#beforeSameMs(timed);
    const isAsked = anotherMs === undefined && (loss.isRefusal || loss.retryAfterMs !== undefined);
    this.#notBeforeMs = isAsked ? nowMs + waitMs : nowMs;
    return { waitMs, isForAnother: anotherMs !== undefined, wasIn: lastedMs !== undefined };
  }

  /** How long to wait once a tracker that stood still is heard again: not less than we were asked to. */
  afterWakeMs(): number {
    return Math.max(this.#random() * moveSpreadMs, this.#notBeforeMs - this.#clock.now());
  }

  #beforeAnotherMs({ lastedMs, isRefusal }: TimedLoss): number | undefined {
    if (isRefusal || this.#comesBackWithinMs !== undefined) return undefined;
    if (lastedMs !== undefined && lastedMs >= stableConnectionMs)
      return this.#choices.left(this.#at) ? this.#retries.beforeMovingMs() : undefined;
    if (!this.#choices.failed(this.#dialled)) return undefined;
    return lastedMs === undefined ? 0 : this.#random() * moveSpreadMs;
  }

  #beforeSameMs({ lastedMs, isRefusal, retryAfterMs }: TimedLoss): number {
    if (isRefusal) return this.#retries.afterRefusalMs();
    const withinMs = this.#comesBackWithinMs;
    this.#comesBackWithinMs = undefined;
    if (withinMs !== undefined) return this.#retries.beforeComingBackMs(withinMs);
    const waitMs = this.#retries.afterLossMs(lastedMs);
    return retryAfterMs === undefined ? waitMs : Math.max(waitMs, afterBusyMs(retryAfterMs, this.#random));
  }
}
