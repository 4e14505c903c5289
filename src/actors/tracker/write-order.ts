/**
 * Keeps the writes of each peer in the order they came, and those of different peers apart: a store that gets many at
 * once commits them together. Invariant: what has ended is forgotten.
 */
import type { PeerId } from '../../core/ids.ts';

export class WriteOrder {
  /** The last write of each peer that is not done; never rejects. */
  readonly #last = new Map<PeerId, Promise<unknown>>();

  /** Runs `work` when all writes of these peers before it have ended. */
  async run<R>(peers: readonly PeerId[], work: () => Promise<R>): Promise<R> {
    const before = peers.flatMap((peer) => this.#last.get(peer) ?? []);
    const done = before.length === 0 ? work() : Promise.all(before).then(work);
    const ended = done.catch(() => undefined);
    for (const peer of peers) this.#last.set(peer, ended);
    try {
      return await done;
    } finally {
      for (const peer of peers) if (this.#last.get(peer) === ended) this.#last.delete(peer);
    }
  }

  /** Settles when nothing is under way that had begun. */
  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
