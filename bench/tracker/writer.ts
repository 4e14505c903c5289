/**
 * A peer whose share grows while others search, on a thread of its own: who measures how long an answer takes must
 * not be the one who makes the files meanwhile. Its data says where and how fast; any message ends it, and is answered
 * with the rate that it was.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { filesPerPeer } from '../store/names.ts';
import { Crowd, Shares } from './crowd.ts';

export interface WriterArgs {
  readonly port: number;
  /** As many as there are words for. */
  readonly peers: number;
  /** Infinity: as fast as the tracker takes them. */
  readonly filesPerSecond: number;
}

/** Shares are bounded, so it begins another when one is full. */
const most = 90_000;

const { port, peers, filesPerSecond } = workerData as WriterArgs;
const stopping = new AbortController();
parentPort?.once('message', () => stopping.abort());

const shares = new Shares(peers, 2);
const crowd = await Crowd.of(8, `writer-${filesPerSecond}`);
await crowd.enter(port);
parentPort?.postMessage('ready');
const startedMs = performance.now();
let files = 0;
for (const peer of crowd.peers) {
  const digest = peer.newShare();
  for (let generation = 1; !stopping.signal.aborted && digest.count < most; generation++) {
    await peer.share(shares.next(), generation, digest);
    files += filesPerPeer;
    const aheadMs = startedMs + (files / filesPerSecond) * 1_000 - performance.now();
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
}
const seconds = (performance.now() - startedMs) / 1_000;
crowd.leave();
parentPort?.postMessage(files / seconds);
