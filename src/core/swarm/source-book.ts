/**
 * The sources of one content: who is known, who may be tried now, who is left alone and for how long.
 * Invariant: a source is banned, in use, or waits for a time that is known; and who did wrong is remembered
 * while there is anybody else to forget.
 */
import { fullJitterMs, refusedWaitMs, type BackoffSpec } from '../backoff.ts';
import type { Source } from '../catalogue.ts';
import type { PeerId } from '../ids.ts';
import {
  comesAnew,
  isElsewhere,
  isRefusal,
  newcomer,
  promise,
  type Known,
  type KnownSource,
} from './known-source.ts';
import {
  maxKnownSources,
  maxStrikes,
  sourceExploration,
  sourceRestMs,
  sourceRetryBaseMs,
  sourceRetryMaxMs,
  stallBanMs,
} from '../limits/downloads.ts';
import { RateMeter } from '../rates/rate-meter.ts';
import type { Problem } from '../result.ts';

const backoff: BackoffSpec = { baseMs: sourceRetryBaseMs, maxMs: sourceRetryMaxMs };

export class SourceBook {
  readonly #self: PeerId;
  readonly #random: () => number;
  readonly #known = new Map<PeerId, Known>();
  #problem: Problem | undefined;
  #receivedMs = -Infinity;

  /** `self` is never a source for itself. `random` gives [0, 1). */
  constructor(self: PeerId, random: () => number) {
    this.#self = self;
    this.#random = random;
  }

  /** Why the last source that failed did. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** When bytes last came of any of them, also of one that is gone. */
  get receivedMs(): number {
    return this.#receivedMs;
  }

  get inUse(): number {
    let count = 0;
    for (const known of this.#known.values()) if (known.inUse) count++;
    return count;
  }

  /** Those that are not banned. */
  get size(): number {
    let count = 0;
    for (const known of this.#known.values()) if (!known.isBanned) count++;
    return count;
  }

  get all(): Iterable<KnownSource> {
    return this.#known.values();
  }

  of(peer: PeerId): KnownSource | undefined {
    return this.#known.get(peer);
  }

  /**
   * Takes in sources; one that is known already may have moved to another address, and one that downloaded the
   * content may share it now. Where the book is full the least promising one makes room.
   */
  learn(sources: readonly Source[], isPartial = false): void {
    for (const source of sources) {
      if (source.peer === this.#self) continue;
      const known = this.#known.get(source.peer);
      if (known && (known.isPartial || !isPartial)) {
        if (isElsewhere(source, known.source)) comesAnew(known);
        known.source = source;
        known.isPartial = isPartial;
      } else if (!known && this.#hasRoom()) this.#known.set(source.peer, newcomer(source, isPartial));
    }
  }

  /** A source to try now, which is in use from now on: mostly the most promising, now and then any. */
  take(nowMs: number): Source | undefined {
    const ready = [...this.#known.values()].filter((known) => !known.inUse && known.notBeforeMs <= nowMs);
    const best = Math.max(...ready.map(promise));
    const mayBeAny = this.#random() < sourceExploration;
    const among = mayBeAny ? ready : ready.filter((known) => promise(known) === best);
    const known = among[Math.floor(this.#random() * among.length)];
    if (!known) return undefined;
    known.inUse = true;
    known.askedMs = nowMs;
    known.stallsAtMs = undefined;
    known.meter = new RateMeter(nowMs);
    known.isBanned = false;
    return known.source;
  }

  /** Whether somebody could be tried now. */
  hasReady(nowMs: number): boolean {
    for (const known of this.#known.values()) if (!known.inUse && known.notBeforeMs <= nowMs) return true;
    return false;
  }

  /** It delivered what it promised: earlier failures are forgotten. */
  delivered(peer: PeerId): void {
    const known = this.#known.get(peer);
    if (!known) return;
    known.failures = 0;
    known.stalls = 0;
    known.problem = undefined;
    this.#problem = undefined;
  }

  /** It is asked for something. */
  asked(peer: PeerId, nowMs: number): void {
    const known = this.#known.get(peer);
    if (known) known.askedMs = nowMs;
  }

  /** Whether it keeps silent, and when it is given up for that. */
  silent(peer: PeerId, stallsAtMs: number | undefined): void {
    const known = this.#known.get(peer);
    if (known) known.stallsAtMs = stallsAtMs;
  }

  /** What came of it, right or wrong. `bytesPerSecond`: what it can give while it has something to do. */
  received(peer: PeerId, bytes: number, bytesPerSecond: number, nowMs: number): void {
    this.#receivedMs = nowMs;
    const known = this.#known.get(peer);
    if (!known) return;
    known.receivedBytes += bytes;
    known.meter?.add(bytes, nowMs);
    known.bytesPerSecond = bytesPerSecond;
  }

  /** Whoever could not be reached may be called now. */
  hurryUnreached(): void {
    for (const known of this.#known.values()) if (known.problem?.code === 'unreachable') comesAnew(known);
  }

  /** Somebody wants it tried now, whoever is being left alone. */
  hurry(): void {
    for (const known of this.#known.values()) if (!known.isBanned) known.notBeforeMs = 0;
  }

  /** It is no longer in use because others promise more. */
  released(peer: PeerId, nowMs: number): void {
    const known = this.#known.get(peer);
    if (!known) return;
    known.inUse = false;
    known.notBeforeMs = nowMs + sourceRestMs;
  }

  /** It is no longer in use, and this is why. `wasAtWork`: it had been asked for pieces. */
  lost(peer: PeerId, problem: Problem, nowMs: number, wasAtWork = false): void {
    this.#problem = problem;
    const known = this.#known.get(peer);
    if (!known) return;
    known.inUse = false;
    known.problem = problem;
    known.failures++;
    const waitMs = isRefusal(problem, known)
      ? refusedWaitMs(problem, known.failures, this.#random)
      : fullJitterMs(backoff, known.failures, this.#random);
    known.notBeforeMs = Math.max(known.isBanned ? known.notBeforeMs : 0, nowMs + waitMs);
    if (problem.code === 'piece-mismatch' || problem.code === 'protocol') this.#countStrike(known);
    else if (problem.code === 'not-found' && wasAtWork) this.#denied(known);
    else if (problem.code === 'timeout' && wasAtWork) this.#stalled(known, nowMs);
  }

  /** It is not to be asked at all, and this is why. Whoever names it again makes it known again. */
  drop(peer: PeerId, problem: Problem): void {
    this.#problem = problem;
    this.#known.delete(peer);
  }

  /** It delivered something wrong. True when it has done so too often, and is never tried again. */
  strike(peer: PeerId): boolean {
    const known = this.#known.get(peer);
    if (known) this.#countStrike(known);
    return known?.isBanned ?? false;
  }

  /** Why nobody new was found. */
  note(problem: Problem): void {
    this.#problem = problem;
  }

  /** When a source that is not in use may next be tried; undefined when there is none. */
  nextAttemptMs(): number | undefined {
    let next = Infinity;
    for (const { inUse, notBeforeMs } of this.#known.values()) if (!inUse) next = Math.min(next, notBeforeMs);
    return next < Infinity ? next : undefined;
  }

  #countStrike(known: Known): void {
    known.strikes++;
    if (known.strikes < maxStrikes) return;
    known.isBanned = true;
    known.notBeforeMs = Infinity;
  }

  /** It refused a piece: either it had said it has it, or it was never asked what it has. */
  #denied(known: Known): void {
    if (known.isPartial) this.#countStrike(known);
    known.isPartial = true;
  }

  /** Networks stall too, so this is forgiven in time. */
  #stalled(known: Known, nowMs: number): void {
    known.stalls++;
    if (known.stalls < maxStrikes) return;
    known.isBanned = true;
    known.notBeforeMs = Math.max(known.notBeforeMs, nowMs + stallBanMs);
  }

  /** Only where all that are idle are banned is the one forgotten that has been known the longest. */
  #hasRoom(): boolean {
    if (this.#known.size < maxKnownSources) return true;
    const unused = [...this.#known.values()].filter(({ inUse }) => !inUse);
    const idle = unused.filter(({ isBanned }) => !isBanned);
    if (idle.length === 0) return unused[0] !== undefined && this.#known.delete(unused[0].source.peer);
    const least = Math.min(...idle.map(promise));
    const worst = idle.filter((known) => promise(known) === least);
    const gone = worst[Math.floor(this.#random() * worst.length)];
    return gone !== undefined && this.#known.delete(gone.source.peer);
  }
}
