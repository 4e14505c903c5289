/** Peers that bring their shares to a catalogue, several at the same time, as they come to a tracker. */
import type { SharedFile } from '../../src/core/catalogue.ts';
import { peerId, type PeerId } from '../../src/core/ids.ts';
import { maxFilesPerAdd } from '../../src/core/limits/wire.ts';
import type { CatalogStore } from '../../src/store/catalog-store.ts';
import { filesPerPeer } from './names.ts';
import type { Stopwatch } from './stopwatch.ts';

/** So many have something under way: a connection sends its next batch when the one before is in. */
export const peersAtOnce = 16;
const maxTries = 20;

export function peerOf(at: number): PeerId {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, at);
  return peerId(bytes);
}

export async function attach(store: CatalogStore, at: number): Promise<void> {
  await store.attach({ peer: peerOf(at), name: `peer${at}`, host: '192.0.2.1', port: 4_000 }, 0);
}

export async function register(store: CatalogStore, at: number, files: readonly SharedFile[]): Promise<void> {
  await attach(store, at);
  for (let from = 0; from < files.length; from += maxFilesPerAdd) {
    const adds = files.slice(from, from + maxFilesPerAdd);
    // As peers do: what a part that is away did not take is put again.
    for (let tries = 0; tries < maxTries; tries++)
      if ((await store.apply(peerOf(at), { adds, removes: [] })).ok) break;
  }
}

/** Registers a share for each peer from one number to another; making the shares is not counted. */
export async function registerAll(
  store: CatalogStore,
  from: number,
  to: number,
  share: (count: number) => readonly SharedFile[],
  spent: Stopwatch,
): Promise<void> {
  for (let at = from; at < to; at += peersAtOnce) {
    const coming = Array.from({ length: Math.min(peersAtOnce, to - at) }, () => share(filesPerPeer));
    await spent.during(() => Promise.all(coming.map((files, place) => register(store, at + place, files))));
  }
}

/** Does something for each peer, `peersAtOnce` at a time. */
export async function forAll(peers: number, work: (at: number) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < peers; at += peersAtOnce)
    await Promise.all(
      Array.from({ length: Math.min(peersAtOnce, peers - at) }, (_, place) => work(at + place)),
    );
}
