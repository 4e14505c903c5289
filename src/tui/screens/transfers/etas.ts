/**
 * Times left as they are shown: counting down evenly under the jitter of speeds. Invariant: kept only for
 * downloads that were drawn lately, at most `maxShownEtas`.
 */
import { maxShownEtas } from '../../../core/limits/screen.ts';
import { formatEta, steadyEta, type SteadyEta } from '../../text/numbers.ts';

export class ShownEtas {
  readonly #shown = new Map<number, SteadyEta>();

  /** The text for a download's time left, `-` when it is not known. */
  text(transfer: number, secondsLeft: number | undefined, nowMs: number): string {
    const steady = steadyEta(this.#shown.get(transfer), secondsLeft, nowMs);
    if (steady === undefined) this.#shown.delete(transfer);
    else {
      if (this.#shown.size >= maxShownEtas && !this.#shown.has(transfer)) this.#shown.clear();
      this.#shown.set(transfer, steady);
    }
    return formatEta(steady?.seconds);
  }
}
