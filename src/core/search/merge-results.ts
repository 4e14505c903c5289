/**
 * Results that came in several parts, from several trackers or page by page, as one list. Pure. Invariant: a content
 * of one size is there once with all its names and sources, and what came in one part alone comes out as it went in.
 */
import type { SearchResult, Source } from '../catalogue.ts';
import { maxNamesPerResult } from '../limits/wire.ts';

/** What makes two results one: somebody may claim another size for the same id, and one of the two is wrong. */
export const resultKey = ({ id, sizeBytes }: Pick<SearchResult, 'id' | 'sizeBytes'>): string =>
  `${id} ${sizeBytes}`;

/** In the order of their first appearance. */
export function joinResults(results: Iterable<SearchResult>): readonly SearchResult[] {
  const joined = new Map<string, SearchResult>();
  for (const result of results) {
    const key = resultKey(result);
    const before = joined.get(key);
    joined.set(key, before === undefined ? result : both(before, result));
  }
  return [...joined.values()];
}

/** Each peer once, as the first that named it did. */
export function distinctPeers<T extends Pick<Source, 'peer'>>(peers: Iterable<T>): readonly T[] {
  const byPeer = new Map<string, T>();
  for (const peer of peers) if (!byPeer.has(peer.peer)) byPeer.set(peer.peer, peer);
  return [...byPeer.values()];
}

/** Whose name comes first says where that is. */
const folderOf = (one: SearchResult, other: SearchResult): Pick<SearchResult, 'folder'> => {
  const folder = one.folder ?? (one.name === other.name ? other.folder : undefined);
  return folder === undefined ? {} : { folder };
};

function both(one: SearchResult, other: SearchResult): SearchResult {
  return {
    ...one,
    names: [...new Set([...one.names, ...other.names])].slice(0, maxNamesPerResult),
    ...folderOf(one, other),
    sources: distinctPeers([...one.sources, ...other.sources]),
  };
}
