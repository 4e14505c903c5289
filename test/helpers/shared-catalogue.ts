/**
 * A catalogue in memory that several trackers have open, as a cluster is: with a list of them, and peers that belong
 * to the tracker they came to last. It can also lose rows, and says so only when it is told to.
 */
import type { PeerId } from '../../src/core/ids.ts';
import { ok, type Result } from '../../src/core/result.ts';
import type { CatalogStore, PeerArrival } from '../../src/store/catalog-store.ts';
import { MemoryStore } from '../../src/store/memory/memory-store.ts';
import { unprepare } from '../../src/store/prepared-batch.ts';
import type { NeighbourTracker, TrackerDirectory } from '../../src/store/tracker-directory.ts';

const nameOf = ({ host, port }: NeighbourTracker): string => `${host} ${port}`;

export class SharedCatalogue implements Pick<TrackerDirectory, 'announce' | 'withdraw'> {
  readonly store = new MemoryStore();
  /** Peers by the tracker they are attached to, and how often each has been attached. */
  readonly at = new Map<PeerId, number>();
  readonly attached: PeerId[] = [];
  /** How many peers were hidden that had not moved on before. */
  hidden = 0;
  /** Files that were added. */
  added = 0;
  /** Whoever comes waits for this, and how many have. */
  letsIn: Promise<void> = Promise.resolve();
  knocked = 0;
  /** Tell the trackers that rows may be gone. */
  readonly tellLoss: (() => void)[] = [];
  readonly #listed = new Map<string, NeighbourTracker & { readonly untilMs: number }>();
  readonly #letters = new Map<number, string[]>();
  readonly #nowMs: () => number;
  #opened = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Trackers whose leases hold. */
  get listed(): number {
    return [...this.#listed.values()].filter(({ untilMs }) => untilMs > this.#nowMs()).length;
  }

  async announce(self: NeighbourTracker, leaseMs: number): Promise<readonly NeighbourTracker[]> {
    const nowMs = this.#nowMs();
    this.#listed.set(nameOf(self), { ...self, untilMs: nowMs + leaseMs });
    return [...this.#listed.values()]
      .filter((each) => each.untilMs > nowMs && nameOf(each) !== nameOf(self))
      .map(({ id, host, port }) => ({ id, host, port }));
  }

  async withdraw(self: NeighbourTracker): Promise<void> {
    this.#listed.delete(nameOf(self));
  }

  /** Hides whoever is attached to a tracker that has died, as the others do when its lease is over. */
  async bury(tracker: number): Promise<void> {
    const theirs = [...this.at].filter(([, at]) => at === tracker).map(([peer]) => peer);
    await this.store.detach(theirs, Date.now());
  }

  /** The store as one tracker has it open; trackers are counted from 1. */
  readonly open = async (): Promise<Result<CatalogStore>> => {
    this.#opened += 1;
    return ok(this.#viewOf(this.#opened));
  };

  #viewOf(tracker: number): CatalogStore {
    const { store } = this;
    let isHandedOver = false;
    return {
      neighbours: {
        announce: (self, leaseMs) => this.announce(self, leaseMs),
        withdraw: (self) => this.withdraw(self),
        post: async (peer, text) => {
          const at = this.at.get(peer);
          if (at === undefined || at === tracker) return 'absent';
          this.#letters.set(at, [...(this.#letters.get(at) ?? []), text]);
          return 'posted';
        },
        collect: async () => {
          const letters = this.#letters.get(tracker) ?? [];
          this.#letters.delete(tracker);
          return letters;
        },
      },
      attach: async (arrival: PeerArrival, nowMs: number) => {
        this.knocked += 1;
        await this.letsIn;
        const state = await store.attach(arrival, nowMs);
        if (!state.ok) return state;
        this.at.set(arrival.peer, tracker);
        this.attached.push(arrival.peer);
        return state;
      },
      detach: (peers, nowMs) => {
        const ours = peers.filter((peer) => this.at.get(peer) === tracker);
        if (isHandedOver) return Promise.resolve();
        for (const peer of ours) this.at.delete(peer);
        this.hidden += ours.length;
        return store.detach(ours, nowMs);
      },
      apply: (peer, batch) => {
        this.added += unprepare(batch).adds.length;
        return store.apply(peer, batch);
      },
      search: (query, page) => store.search(query, page),
      findName: (name, limit, without) => store.findName(name, limit, without),
      holders: (ids, perContent, turn) => store.holders(ids, perContent, turn),
      peers: (cursor, limit) => store.peers(cursor, limit),
      findPeer: (peer) => store.findPeer(peer),
      wordsLike: (prefix, limit) => store.wordsLike(prefix, limit),
      stats: () => store.stats(),
      dropBuckets: (peer, buckets) => store.dropBuckets(peer, buckets),
      commit: (peer, state) => store.commit(peer, state),
      bucketDigests: (peer) => store.bucketDigests(peer),
      setReachable: (peer, reachable) => store.setReachable(peer, reachable),
      sweep: (limits) => store.sweep(limits),
      backup: () => store.backup(),
      handOver: () => void (isHandedOver = true),
      onLoss: (tell) => void this.tellLoss.push(tell),
      // Others may have it open.
      close: async () => undefined,
    };
  }
}
