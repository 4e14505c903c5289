/**
 * How much more of one visitor is put up with: requests for what is forbidden, for what is not here, and for the
 * same bytes again and again. Invariant: what an honest downloader does in an hour never uses it up.
 */
import { Allowance } from '../tracker/allowance.ts';
import type { ContentId } from '../ids.ts';
import { maxForbiddenRequests, visitorRefusals } from '../limits/connections.ts';
import type { Problem } from '../result.ts';
import { TakenBytes } from '../uploads/taken-bytes.ts';

const tooOften: Problem = { code: 'limit', message: 'The same has been asked for again and again' };

export class Patience {
  readonly #taken = new TakenBytes();
  readonly #refusals: Allowance;
  #forbidden = 0;

  constructor(nowMs: number) {
    this.#refusals = new Allowance(visitorRefusals, nowMs);
  }

  sent(id: ContentId, bytes: number): void {
    this.#taken.add(id, bytes);
  }

  /** Why a content of this size is not sent once more; undefined when it may be. */
  refusal(id: ContentId, sizeBytes: number): Problem | undefined {
    return this.#taken.isTooMuch(id, sizeBytes) ? tooOften : undefined;
  }

  /** A request was refused. Why the visitor is to be shown out for it; undefined when it may stay. */
  refused({ code, message }: Problem, nowMs: number): Problem | undefined {
    if (code === 'bad-request' || code === 'limit') {
      this.#forbidden += 1;
      if (this.#forbidden > maxForbiddenRequests)
        return { code: 'limit', message: `Too many requests in vain: ${message}` };
    }
    if (code === 'cancelled' || this.#refusals.take(nowMs)) return undefined;
    return { code: 'limit', message: 'Too many requests for what is not here' };
  }
}
