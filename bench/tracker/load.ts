/**
 * What goes on at a tracker while something befalls it: registrations, searches and keep-alives, each of a peer of its
 * own that does the next thing soon after the last is answered, until its connection is lost. Invariant: what `rows`
 * says of a peer was acknowledged.
 */
import type { Crowd, Shares } from './crowd.ts';
import type { SimulatedPeer } from './simulated-peer.ts';
import { pause, soon } from './soon.ts';

const answerMs = 5_000;
/** Between two things that one does: something is under way at each moment, and the processors are not full. */
const gapMs = 100;
const filesAtOnce = 50;

export class Load {
  /** Acknowledged and under way now, by kind. */
  readonly done = { registered: 0, searches: 0, pings: 0, refused: 0 };
  /** Files of each peer that were acknowledged. */
  readonly rows = new Map<SimulatedPeer, number>();
  #isOn = true;
  #work: Promise<unknown>;

  constructor(crowd: Crowd, askers: Crowd, shares: Shares) {
    const writing = crowd.peers.filter((_peer, at) => at % 2 === 0);
    const pinging = crowd.peers.filter((_peer, at) => at % 2 === 1);
    this.#work = Promise.all([
      ...writing.map((peer) => this.#register(peer, shares)),
      ...pinging.map((peer) =>
        this.#again(peer, async () => {
          await soon(peer.ping(1), answerMs);
          if (peer.isConnected) this.done.pings += 1;
        }),
      ),
      ...askers.peers.map((peer) =>
        this.#again(peer, async () => {
          await soon(peer.ask({ type: 'search', query: shares.words(1), limit: 50 }), answerMs);
          this.done.searches += 1;
        }),
      ),
    ]);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#work;
  }

  #register(peer: SimulatedPeer, shares: Shares): Promise<void> {
    const digest = peer.newShare();
    let files: ReturnType<Shares['next']> = [];
    let generation = 0;
    return this.#again(peer, async () => {
      if (files.length === 0) files = shares.next();
      const next = files.slice(0, filesAtOnce);
      files = files.slice(filesAtOnce);
      await soon(peer.share(next, ++generation, digest), answerMs);
      this.rows.set(peer, digest.count);
      this.done.registered += next.length;
    });
  }

  /** Until it is told to stop, or the connection is lost, or a registration has failed. */
  async #again(peer: SimulatedPeer, work: () => Promise<void>): Promise<void> {
    while (this.#isOn && peer.isConnected)
      try {
        await work();
        await pause(gapMs);
      } catch {
        this.done.refused += 1;
        // What a share is is not known any more; whoever only asks goes on.
        if (this.rows.has(peer)) return;
        await pause(gapMs);
      }
  }
}
