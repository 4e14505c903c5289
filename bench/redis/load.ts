/**
 * What goes on at a tracker all the while: several guests who search, each again soon after it has its answer, and several
 * peers whose shares grow by a file at a time, each by the next soon after the last was acknowledged. Invariant: what
 * `seen` says is of the time since `look` was called last.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedFile, type TestLink } from '../../test/helpers/trackers.ts';
import type { Crowd } from '../tracker/crowd.ts';
import { Latencies } from '../tracker/latencies.ts';
import type { SimulatedPeer } from '../tracker/simulated-peer.ts';
import { acknowledged } from './sharers.ts';

/** Between two things that one does: something is under way at each moment, and the processors are not full. */
const gapMs = 50;
const resultsWanted = 50;

/** What was seen of the searches and the changes. */
export class Seen {
  readonly searches = new Latencies();
  readonly changes = new Latencies();
  /** Pages that said that they lack a part, and when the last of them came: 0 where there was none. */
  partial = 0;
  lastPartialMs = 0;
  refused = 0;
}

export class RedisLoad {
  seen = new Seen();
  readonly #stopping = new AbortController();
  readonly #work: Promise<unknown>;
  readonly #writers: readonly TestLink[];

  /** `words`: what is searched for next. */
  constructor(searchers: Crowd, writers: readonly TestLink[], words: () => string) {
    this.#writers = writers;
    this.#work = Promise.all([
      ...searchers.peers.map((peer) => this.#again(() => this.#search(peer, words()))),
      ...writers.map((link, at) => this.#grow(link, at)),
    ]);
  }

  /** Begins to count anew. */
  look(): Seen {
    this.seen = new Seen();
    return this.seen;
  }

  /** Files of those whose shares grow that were acknowledged. */
  get writtenFiles(): number {
    return this.#writers.reduce((sum, { acknowledgedFiles = 0 }) => sum + acknowledgedFiles, 0);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work;
  }

  async #search(peer: SimulatedPeer, query: string): Promise<void> {
    const askedMs = performance.now();
    try {
      const reply = await peer.ask({ type: 'search', query, limit: resultsWanted });
      const { seen } = this;
      seen.searches.add(performance.now() - askedMs);
      if (reply.type !== 'results' || reply.isPartial !== true) return;
      seen.partial += 1;
      seen.lastPartialMs = performance.now();
    } catch (error) {
      if (!peer.isConnected) throw error;
      this.seen.refused += 1;
    }
  }

  async #grow(link: TestLink, at: number): Promise<void> {
    let files = link.acknowledgedFiles ?? 0;
    await this.#again(async () => {
      const changedMs = performance.now();
      files += 1;
      link.change([sharedFile(`written by ${at}, ${files}.txt`)]);
      await acknowledged(link, files);
      this.seen.changes.add(performance.now() - changedMs);
    });
  }

  async #again(work: () => Promise<void>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await work();
      await sleep(gapMs);
    }
  }
}
