/**
 * Notices when a peer cannot come in anywhere: every tracker refused it before any took it. Later refusals, and
 * those of some trackers only, are news but no reason to leave.
 */
import type { EngineEvent } from '../core/engine/engine-api.ts';
import { hostPort } from '../core/host.ts';
import type { Problem } from '../core/result.ts';
import { trackerTrouble } from './tracker/tracker-trouble.ts';

export class Refusals {
  /** Settles, if ever, with the reason of the last refusal. */
  readonly byAll: Promise<Problem>;
  readonly #trackers: number;
  readonly #refused = new Map<string, Problem>();
  readonly #resolve: (problem: Problem) => void;
  #registered = false;

  constructor(trackers: number) {
    const { promise, resolve } = Promise.withResolvers<Problem>();
    this.byAll = promise;
    this.#resolve = resolve;
    this.#trackers = trackers;
  }

  receive(event: EngineEvent): void {
    if (event.type === 'registered') this.#registered = true;
    if (event.type !== 'tracker' || this.#registered) return;
    const { state, problem } = event.tracker;
    const address = hostPort(event.tracker);
    if (state !== 'refused' || problem === undefined) {
      this.#refused.delete(address);
      return;
    }
    this.#refused.set(address, problem);
    if (this.#refused.size === this.#trackers)
      this.#resolve({ code: problem.code, message: trackerTrouble(event.tracker, problem.message) });
  }
}
