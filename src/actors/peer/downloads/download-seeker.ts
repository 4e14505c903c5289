/**
 * How one download finds sources and is found by those who download the same: asks the trackers now and then,
 * sooner when it is left alone, and lets others have what there is of it.
 * Invariant: there is always a question open or a time for the next; and what is offered is open.
 */
import { jitteredMs } from '../../../core/backoff.ts';
import type { ContentTarget } from '../../../core/engine/engine-api.ts';
import {
  downloadTickMs,
  minSeekGapMs,
  minSwarmBytes,
  relaxedSeekMs,
  seekEveryMs,
  sourceAnswerTimeoutMs,
} from '../../../core/limits/downloads.ts';
import { fail, type Result } from '../../../core/result.ts';
import type { PartialFile } from '../../../profile/partial-file.ts';
import type { ActorContext, ActorRef, AskFailure, Outcome } from '../../runtime/index.ts';
import type { Partial, Partials } from './partials.ts';
import type { FoundSources, SwarmNews, TrackerQuestion } from '../trackers/trackers-messages.ts';
import type { TransferRecord } from './transfer-record.ts';

export type SeekerMessage =
  | SwarmNews
  | { readonly type: 'found'; readonly outcome: Outcome<Result<readonly FoundSources[]>, AskFailure> };

export interface SeekerNeeds {
  readonly ctx: ActorContext<SeekerMessage>;
  readonly trackers: ActorRef<TrackerQuestion>;
  readonly partials: Partials;
  readonly record: TransferRecord<ContentTarget>;
  readonly now: () => number;
  readonly random: () => number;
  /** Whether there are as many sources at work as there may be. */
  readonly hasEnough: () => boolean;
}

export class Seeker {
  readonly #needs: SeekerNeeds;
  #isSeeking = false;
  #seeksAtMs = 0;
  /** Something has changed since the question was put. */
  #isToSeekAgain = false;
  #hasBegun = false;
  #hasAsked = false;
  /** Questions in a row that no tracker answered. */
  #failures = 0;
  #offered: Partial | undefined;
  /** What had been sent of it before it was offered anew. */
  #sentBefore = 0;

  constructor(needs: SeekerNeeds) {
    this.#needs = needs;
  }

  get isSeeking(): boolean {
    return this.#isSeeking;
  }

  /** When they are asked next. */
  get seeksAtMs(): number {
    return this.#seeksAtMs;
  }

  /** Asks them for the first time, in a moment where sources are known: a small file is here before they answer. */
  begin(): void {
    const { ctx, record } = this.#needs;
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    if (record.request.target.sources.length === 0) this.seek();
    else ctx.timers.once('seek', downloadTickMs, { type: 'seek' });
  }

  /** Asks the trackers; once more when that is under way already. */
  seek(): void {
    const { ctx, trackers, record, hasEnough } = this.#needs;
    this.#seekIn(hasEnough() ? relaxedSeekMs : seekEveryMs);
    this.#isToSeekAgain = this.#isSeeking;
    if (this.#isSeeking) return;
    this.#isSeeking = true;
    this.#hasAsked = true;
    const { id } = record.request.target;
    const question = { type: 'swarm', id, isServed: this.#isWorthTelling, follower: ctx.self } as const;
    ctx.ask(trackers, question, sourceAnswerTimeoutMs, (outcome) => ({ type: 'found', outcome }));
  }

  /** Asks in a moment: nobody is left who delivers. */
  seekSoon(): void {
    if (!this.#isSeeking) this.#seekIn(minSeekGapMs);
  }

  /** The trackers' answer. */
  found({ outcome }: Extract<SeekerMessage, { readonly type: 'found' }>): Result<readonly FoundSources[]> {
    this.#isSeeking = false;
    const answer = outcome.ok ? outcome.value : unanswered;
    this.#failures = answer.ok ? 0 : this.#failures + 1;
    if (this.#isToSeekAgain) this.seek();
    // Trackers come up a moment after the queue does, and may be away for a moment later on.
    else if (!answer.ok)
      this.#seekIn(Math.min(minSeekGapMs * 2 ** Math.min(this.#failures - 1, 30), seekEveryMs));
    return answer;
  }

  /** From now on others may have what there is of it. */
  offer(partial: PartialFile): void {
    const { partials, record } = this.#needs;
    this.withdraw(true);
    this.#sentBefore = record.sentBytes;
    const offered = (this.#offered = partials.offer(record.request.target.name, partial));
    // Who was told of a piece that is lost would take its being refused for a lie.
    partial.onLoss = () => offered.offer.withdraw();
    if (this.#isWorthTelling && this.#hasAsked) this.seek();
  }

  /** `isBroken`: those who have it open may not go on either. */
  withdraw(isBroken: boolean): void {
    if (!this.#offered) return;
    this.countSent();
    this.#needs.partials.withdraw(this.#offered, isBroken);
    this.#offered = undefined;
  }

  /** Brings into the record what others were sent. */
  countSent(): void {
    if (this.#offered) this.#needs.record.sentBytes = this.#sentBefore + this.#offered.offer.sentBytes;
  }

  /** Nobody is to be told of it any more. */
  leave(): void {
    const { ctx, trackers, record } = this.#needs;
    const { id } = record.request.target;
    if (this.#hasAsked) trackers.tell({ type: 'unfollow', id, follower: ctx.self });
  }

  get #isWorthTelling(): boolean {
    return (this.#offered?.manifest.sizeBytes ?? 0) >= minSwarmBytes;
  }

  #seekIn(ms: number): void {
    const { ctx, now, random } = this.#needs;
    const waitMs = jitteredMs(ms, 0.2, random);
    this.#seeksAtMs = now() + waitMs;
    ctx.timers.once('seek', waitMs, { type: 'seek' });
  }
}

const unanswered = fail('timeout', 'There was no answer in time');
