/**
 * The sources of one content: who is known, who may be tried now, who is left alone and for how long.
 * Invariant: a source is banned, in use, or waits for a time that is known.
 */
import { fullJitterMs, type BackoffSpec } from './backoff.ts';
import type { Source } from './catalogue.ts';
import type { PeerId } from './ids.ts';
import {
  maxKnownSources,
  maxStrikes,
  refusedRetryMs,
  sourceRetryBaseMs,
  sourceRetryMaxMs,
} from './limits.ts';
import type { Problem } from './result.ts';

interface Known {
  source: Source;
  inUse: boolean;
  failures: number;
  strikes: number;
  notBeforeMs: number;
}

const backoff: BackoffSpec = { baseMs: sourceRetryBaseMs, maxMs: sourceRetryMaxMs };

export class SourceBook {
  readonly #self: PeerId;
  readonly #random: () => number;
  readonly #known = new Map<PeerId, Known>();
  #problem: Problem | undefined;

  /** `self` is never a source for itself. `random` gives [0, 1). */
  constructor(self: PeerId, random: () => number) {
    this.#self = self;
    this.#random = random;
  }

  /** Why the last source that failed did. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  get inUse(): number {
    let count = 0;
    for (const known of this.#known.values()) if (known.inUse) count++;
    return count;
  }

  /** Takes in sources; one that is known already may have moved to another address. */
  learn(sources: readonly Source[]): void {
    for (const source of sources) {
      const known = this.#known.get(source.peer);
      if (known) known.source = source;
      else if (source.peer !== this.#self && this.#known.size < maxKnownSources)
        this.#known.set(source.peer, { source, inUse: false, failures: 0, strikes: 0, notBeforeMs: 0 });
    }
  }

  /** A source to try now, which is in use from now on: the one with the fewest failures, then any. */
  take(nowMs: number): Source | undefined {
    const ready = [...this.#known.values()].filter((known) => isIdle(known) && known.notBeforeMs <= nowMs);
    const fewest = Math.min(...ready.map(({ failures }) => failures));
    const best = ready.filter(({ failures }) => failures === fewest);
    const known = best[Math.floor(this.#random() * best.length)];
    if (!known) return undefined;
    known.inUse = true;
    return known.source;
  }

  /** It delivered what it promised: earlier failures are forgotten. */
  delivered(peer: PeerId): void {
    const known = this.#known.get(peer);
    if (known) known.failures = 0;
  }

  /** It is no longer in use, and this is why; returns when it may be tried again. */
  lost(peer: PeerId, problem: Problem, nowMs: number): void {
    this.#problem = problem;
    const known = this.#known.get(peer);
    if (!known) return;
    known.inUse = false;
    known.failures++;
    const waitMs = isRefusal(problem) ? refusedRetryMs : fullJitterMs(backoff, known.failures, this.#random);
    known.notBeforeMs = nowMs + waitMs;
  }

  /** Why nobody new was found. */
  note(problem: Problem): void {
    this.#problem = problem;
  }

  /** It delivered something wrong. True when it has done so too often, and is never tried again. */
  strike(peer: PeerId, times = 1): boolean {
    const known = this.#known.get(peer);
    if (!known) return false;
    known.strikes += times;
    return known.strikes >= maxStrikes;
  }

  /** When a source that is not in use may next be tried; undefined when there is none. */
  nextAttemptMs(): number | undefined {
    const times = [...this.#known.values()].filter(isIdle).map(({ notBeforeMs }) => notBeforeMs);
    return times.length > 0 ? Math.min(...times) : undefined;
  }
}

const isIdle = ({ inUse, strikes }: Known): boolean => !inUse && strikes < maxStrikes;

/** Whether the source itself said no: asking again soon would only annoy it. */
function isRefusal({ code }: Problem): boolean {
  return code === 'not-shared' || code === 'stale' || code === 'unauthorised' || code === 'version';
}
