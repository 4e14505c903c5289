/**
 * When a fetch job tells how far it is. Invariant: one report at a time, the next when that has been taken; and none
 * later than the soonest that was asked for, but for that.
 */
import { fetchReportMs } from '../../../core/limits/tracker.ts';

export class ReportBeat {
  readonly #report: () => Promise<void>;
  /** Never rejects: unhandled, that would end the thread and with it the connections of others. */
  #reporting: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** In what time it was set to come. */
  #withinMs = 0;

  /** `report` never rejects. */
  constructor(report: () => Promise<void>) {
    this.#report = report;
  }

  /** The report under way. */
  get reporting(): Promise<void> | undefined {
    return this.#reporting;
  }

  soon(withinMs: number = fetchReportMs): void {
    if (this.#timer && this.#withinMs <= withinMs) return;
    clearTimeout(this.#timer);
    this.#withinMs = withinMs;
    this.#timer = setTimeout(() => {
      // It cannot come any sooner now.
      this.#withinMs = 0;
      void (this.#reporting ?? Promise.resolve()).then(() => {
        this.#timer = undefined;
        this.#reporting = this.#report().finally(() => (this.#reporting = undefined));
      });
    }, withinMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
