/**
 * What several trackers answered, as one answer. Pure. Invariant: a content is there once with all its names and
 * sources, a peer once, and what one tracker alone said comes out as it went in.
 */
import type { PeerSummary, SearchResult, Source } from '../../core/catalogue.ts';
import * as limits from '../../core/limits.ts';
import type { FoundSources } from './trackers-messages.ts';

/** Takes from each answer in turn, so that every tracker's best come first. */
export function mergeResults(
  parts: readonly (readonly SearchResult[])[],
  limit: number,
): readonly SearchResult[] {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const merged = new Map<string, SearchResult>();
  const longest = Math.max(0, ...parts.map((part) => part.length));
  for (let rank = 0; rank < longest; rank++) {
    for (const part of parts) {
      const result = part[rank];
      if (result === undefined) continue;
      // Somebody may claim another size for the same id: that is another result.
      const key = `${result.id}${result.sizeBytes}`;
      const before = merged.get(key);
      merged.set(key, before === undefined ? result : joined(before, result));
    }
  }
  return [...merged.values()].slice(0, limit);
}

/** Both parts answer the same ids in the same order. */
export function mergeSources(parts: readonly (readonly FoundSources[])[]): readonly FoundSources[] {
  const [first = [], ...others] = parts;
  return first.map((found, at) =>
    others.reduce((sum, part) => {
      const other = part[at];
      if (other === undefined) return sum;
      return {
        id: sum.id,
        sizeBytes: sum.sizeBytes ?? other.sizeBytes,
        sources: distinct([...sum.sources, ...other.sources]),
        partial: distinct([...sum.partial, ...other.partial]),
      };
    }, found),
  );
}

export function mergePeers(parts: readonly (readonly PeerSummary[])[]): readonly PeerSummary[] {
  return distinct(parts.flat());
}

function joined(a: SearchResult, b: SearchResult): SearchResult {
  return {
    ...a,
    names: [...new Set([...a.names, ...b.names])].slice(0, limits.maxNamesPerResult),
    sources: distinct([...a.sources, ...b.sources]),
  };
}

/** Each peer once, as the first that named it did. */
function distinct<T extends Source>(sources: readonly T[]): readonly T[] {
  const byPeer = new Map<string, T>();
  for (const source of sources) if (!byPeer.has(source.peer)) byPeer.set(source.peer, source);
  return [...byPeer.values()];
}
