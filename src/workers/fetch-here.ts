/**
 * Fetching on the thread that asks, instead of one of the pool's: that of an engine which one command has for itself
 * would have nothing to do meanwhile, and a thread costs more than a small download. What blocks stays elsewhere.
 * Invariant: one connection at a time.
 */
import type { TransferJobs } from './transfer-contract.ts';

type Fetch = TransferJobs['fetch'];

export class FetchHere {
  // Loaded at once: it is there when the trackers have answered.
  readonly #job = import('./jobs/fetch/fetch.ts');
  #isFree = true;

  get isFree(): boolean {
    return this.#isFree;
  }

  /** The job, as of the pool; only while `isFree`. */
  async run(input: Fetch['input']): Promise<Fetch['output']> {
    this.#isFree = false;
    try {
      return await (await this.#job).fetch(input);
    } finally {
      this.#isFree = true;
    }
  }
}
