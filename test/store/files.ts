/** Shares, peers and queries for the tests of stores. */
import { createHash, hash } from 'node:crypto';
import type { PeerSummary, SearchResult, SharedFile } from '../../src/core/catalogue.ts';
import { contentId, peerId, type ContentId, type PeerId } from '../../src/core/ids.ts';
import { compileQuery, type CompiledQuery } from '../../src/core/search/query.ts';
import type { Result } from '../../src/core/result.ts';
import { ShareDigest } from '../../src/core/share/share-digest.ts';
import type { CatalogReader, CatalogStore, PeerArrival, ShareState } from '../../src/store/catalog-store.ts';

/** As share digests take it. */
export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'binary');
const idOf = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/** The content id that stands for some text in tests. */
export const content = (of: string): ContentId => contentId(idOf(`content ${of}`));
export const peer = (of: string): PeerId => peerId(idOf(`peer ${of}`));

/** A file whose content is its own unless said. */
export function file(path: string, sizeBytes = 1_000, of = path): SharedFile {
  return { id: content(of), path, sizeBytes };
}

export function arrival(name: string, port = 4_000): PeerArrival {
  return { peer: peer(name), name, host: '192.0.2.7', port };
}

export function query(text: string): CompiledQuery {
  return value(compileQuery(text));
}

/** The value of a result that must be one. */
export function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.message}`);
  return result.value;
}

export function code(result: Result<unknown>): string {
  return result.ok ? 'ok' : result.problem.code;
}

export function stateOf(files: readonly SharedFile[], generation = 1): ShareState {
  const digest = new ShareDigest(sha256);
  for (const each of files) digest.add(each);
  return { generation, count: digest.count, digest: digest.digest() };
}

export function bucketDigestsOf(files: readonly SharedFile[]): Uint8Array {
  const digest = new ShareDigest(sha256);
  for (const each of files) digest.add(each);
  return digest.bucketDigests();
}

/** Brings a peer online with these files. */
export async function share(
  store: CatalogStore,
  name: string,
  ...files: readonly SharedFile[]
): Promise<PeerId> {
  value(await store.attach(arrival(name), 0));
  value(await store.apply(peer(name), { adds: files, removes: [] }));
  return peer(name);
}

/** The names of what a search finds, best first. */
export async function find(store: CatalogReader, text: string, limit = 50): Promise<readonly string[]> {
  return (await store.search(query(text), { limit })).results.map((result) => result.name);
}

export function sourcesOf(results: readonly SearchResult[]): readonly (readonly string[])[] {
  return results.map(({ sources }) => sources.map(({ name }) => name));
}

export function namesOf(peers: readonly PeerSummary[]): readonly string[] {
  return peers.map(({ name }) => name);
}
