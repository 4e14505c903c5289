/**
 * How long searches take by way of the network, in two ways. *At once*: a few askers, each with the next question as
 * soon as it has its answer, which finds out how much a tracker can do, and has them wait for one another. *At a rate*:
 * each question at its time, however long those before it take, measured from the time when it was to be sent, which is
 * what somebody notices who asks now and then. Invariant: those that found nothing, for which something else is looked
 * for, are told apart, and so is what the asker itself was late, which is no fault of who answers.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Crowd } from './crowd.ts';
import { Latencies } from './latencies.ts';
import type { SimulatedPeer } from './simulated-peer.ts';
import type { WriterArgs } from './writer.ts';

const searches = 2_000;
const resultsWanted = 50;

type Summary = ReturnType<Latencies['summary']>;
export type SearchTimes = Summary & {
  readonly nothing: Summary;
  readonly late: Summary;
  readonly refused: number;
};

class Answers {
  readonly #found = new Latencies();
  readonly #nothing = new Latencies();
  readonly #late = new Latencies();
  #refused = 0;

  /** Asks, and notes what came of it and how long that took since a time. */
  async note(peer: SimulatedPeer, query: string, fromMs: number): Promise<void> {
    this.#late.add(performance.now() - fromMs);
    try {
      const reply = await peer.ask({ type: 'search', query, limit: resultsWanted });
      const hasFound = reply.type === 'results' && reply.results.length > 0;
      (hasFound ? this.#found : this.#nothing).add(performance.now() - fromMs);
    } catch (error) {
      // Where there is too much to do a search may be refused; a connection that is lost is something else.
      if (!peer.isConnected) throw error;
      this.#refused += 1;
    }
  }

  summary(): SearchTimes {
    return {
      ...this.#found.summary(),
      nothing: this.#nothing.summary(),
      late: this.#late.summary(),
      refused: this.#refused,
    };
  }
}

/** Each of the crowd asks its next question when it has the answer to the last. */
export async function searchAtOnce(asker: Crowd, query: () => string): Promise<SearchTimes> {
  const answers = new Answers();
  let left = searches;
  await asker.each(asker.peers.length, async (peer) => {
    while (left-- > 0) await answers.note(peer, query(), performance.now());
  });
  return answers.summary();
}

/** So many questions a second for some seconds, by all of the crowd in turn: a connection is served one at a time. */
export async function searchAtRate(
  asker: Crowd,
  perSecond: number,
  seconds: number,
  query: () => string,
): Promise<SearchTimes> {
  const answers = new Answers();
  const startedMs = performance.now();
  const asked: Promise<void>[] = [];
  for (let at = 0; at < perSecond * seconds; at++) {
    const dueMs = startedMs + (at * 1_000) / perSecond;
    // A timer may be late by a millisecond, which is no fault of who answers.
    for (let leftMs = dueMs - performance.now(); leftMs > 0; leftMs = dueMs - performance.now())
      await new Promise((resolve) => (leftMs > 2 ? setTimeout(resolve, leftMs - 2) : setImmediate(resolve)));
    const peer = asker.peers[at % asker.peers.length];
    if (peer !== undefined) asked.push(answers.note(peer, query(), dueMs));
  }
  await Promise.all(asked);
  return answers.summary();
}

/** Has somebody else register files while something is done; gives how many a second that were, too. */
export async function whileWriting<T>(
  args: WriterArgs,
  work: () => Promise<T>,
): Promise<readonly [value: T, filesPerSecond: number]> {
  const worker = new Worker(new URL('writer.ts', import.meta.url), { workerData: args });
  try {
    await once(worker, 'message');
    const value = await work();
    const told = once(worker, 'message');
    worker.postMessage('stop');
    const [rate] = (await told) as [number];
    return [value, rate];
  } finally {
    await worker.terminate();
  }
}
