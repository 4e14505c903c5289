/**
 * What several trackers answered, as one answer. Pure. Invariant: a content is there once with all its names and
 * sources, a peer once, and what one tracker alone said comes out as it went in.
 */
import type { PeerFindings, SearchResult } from '../../../core/catalogue.ts';
import { distinctPeers, joinResults } from '../../../core/search/merge-results.ts';
import type { FoundSources } from './trackers-messages.ts';

/** Takes from each answer in turn, so that every tracker's best come first. */
export function mergeResults(
  parts: readonly (readonly SearchResult[])[],
  limit: number,
): readonly SearchResult[] {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const longest = Math.max(0, ...parts.map((part) => part.length));
  const inTurn = Array.from({ length: longest }, (_, rank) => parts.flatMap((part) => part[rank] ?? []));
  return joinResults(inTurn.flat()).slice(0, limit);
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
        sources: distinctPeers([...sum.sources, ...other.sources]),
        partial: distinctPeers([...sum.partial, ...other.partial]),
      };
    }, found),
  );
}

export function mergePeers(parts: readonly PeerFindings[]): PeerFindings {
  return {
    peers: distinctPeers(parts.flatMap(({ peers }) => peers)),
    ...(parts.some(({ isCut }) => isCut) && { isCut: true }),
    ...(parts.some(({ isPartial }) => isPartial) && { isPartial: true }),
  };
}
