/**
 * Many simulated peers, entering a bounded number at a time. Invariant: who is in the crowd is connected, unless its
 * connection was lost, which is counted.
 */
import type { SharedFile } from '../../src/core/catalogue.ts';
import { filesPerPeer, Names } from '../store/names.ts';
import { makeIdentities } from './identities.ts';
import { addressOf, SimulatedPeer } from './simulated-peer.ts';

/** As many handshakes at once as a tracker takes without turning somebody away. */
const entering = 64;

export class Crowd {
  readonly peers: readonly SimulatedPeer[];
  /** Connections that ended without our doing. */
  lost = 0;

  private constructor(peers: readonly SimulatedPeer[]) {
    this.peers = peers;
    for (const peer of peers) peer.onLost = () => void (this.lost += 1);
  }

  static async of(count: number, stem = 'peer'): Promise<Crowd> {
    const identities = await makeIdentities(count);
    return new Crowd(identities.map((identity, at) => new SimulatedPeer(identity, `${stem}-${at}`)));
  }

  /** All of them in, each from an address of its own; rejects when one is refused. */
  async enter(port: number, as: 'peer' | 'guest' = 'peer'): Promise<void> {
    await this.each(entering, async (peer, at) => {
      await peer.enter({ host: '127.0.0.1', port, from: addressOf(at) }, as);
    });
  }

  /** Does something with each, so many at a time. */
  async each(
    atOnce: number,
    work: (peer: SimulatedPeer, at: number) => Promise<void>,
    peers = this.peers,
  ): Promise<void> {
    const turns = peers.entries();
    const worker = async (): Promise<void> => {
      for (const [at, peer] of turns) await work(peer, at);
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  /** The first of them, who stay part of it. */
  some(count: number): Crowd {
    return new Crowd(this.peers.slice(0, count));
  }

  leave(): void {
    for (const peer of this.peers) {
      peer.onLost = () => undefined;
      peer.leave();
    }
  }
}

/** The shares of so many peers: `filesEach` each, with real-looking names. Made as they are asked for. */
export class Shares {
  readonly #names: Names;
  /** Made-up names repeat themselves, shares do not. */
  readonly #given = new Set<string>();

  readonly #filesEach: number;

  constructor(peers: number, seed = 1, filesEach = filesPerPeer) {
    this.#filesEach = filesEach;
    this.#names = new Names(seed, Math.max(1_000, Math.floor(peers * filesEach * 0.72)));
  }

  next(): readonly SharedFile[] {
    const files: SharedFile[] = [];
    while (files.length < this.#filesEach)
      for (const file of this.#names.share(this.#filesEach - files.length)) {
        if (this.#given.has(file.id)) continue;
        this.#given.add(file.id);
        files.push(file);
      }
    return files;
  }

  /** Words as people search for them: common ones often. */
  words(count: number): string {
    return Array.from({ length: count }, () => this.#names.word()).join(' ');
  }
}
