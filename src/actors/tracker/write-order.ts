/**
 * Keeps the writes of each peer in the order they came, and those of different peers apart: a store that gets many at
 * once commits them together. Invariant: what has ended is forgotten.
 */
import type { PeerId } from '../../core/ids.ts';

/** What is under way for a peer; neither is ever rejected. */
interface Turn {
  /** The last that nothing is begun beside; it may have ended since, and then holds nobody up. */
  readonly alone: Promise<unknown> | undefined;
  /** Settles when all of it has ended. */
  readonly all: Promise<unknown>;
}

/** What writes give is not kept: with some always under way, it would be for as long as that lasts. */
const nothing = (): void => {};

export class WriteOrder {
  readonly #turns = new Map<PeerId, Turn>();

  /** Runs `work` when all writes of these peers before it have ended; those after it wait for it. */
  run<R>(peers: readonly PeerId[], work: () => Promise<R>): Promise<R> {
    const before = peers.flatMap((peer) => this.#turns.get(peer)?.all ?? []);
    const done = before.length === 0 ? work() : Promise.all(before).then(work);
    const ended = done.then(nothing, nothing);
    for (const peer of peers) this.#take(peer, { alone: ended, all: ended });
    return done;
  }

  /**
   * Begins `work` as soon as nothing is under way that must be alone, beside others that joined, and after them: for
   * writes that take effect in the order in which they are begun.
   */
  join<R>(peer: PeerId, work: () => Promise<R>): Promise<R> {
    const turn = this.#turns.get(peer);
    const done = turn?.alone === undefined ? work() : turn.alone.then(work);
    const ended = done.then(nothing, nothing);
    const all = turn === undefined ? ended : Promise.all([turn.all, ended]).then(nothing);
    this.#take(peer, { alone: turn?.alone, all });
    return done;
  }

  /** Settles when nothing is under way that had begun. */
  async idle(): Promise<void> {
    await Promise.all(Array.from(this.#turns.values(), ({ all }) => all));
  }

  #take(peer: PeerId, turn: Turn): void {
    this.#turns.set(peer, turn);
    void turn.all.then(() => {
      if (this.#turns.get(peer) === turn) this.#turns.delete(peer);
    });
  }
}
