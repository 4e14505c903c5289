/**
 * In which order one of many turns to several equals: each by hashes of its own, so that those who lose the same one
 * spread over all the others evenly, and each keeps its order whoever comes or goes (rendezvous hashing, Thaler and
 * Ravishankar 1996). Pure.
 */

/** The items in the order of `key`: best first. `nameOf` tells one from another. */
export function rendezvousOrder<T>(
  key: string,
  items: readonly T[],
  nameOf: (item: T) => string,
): readonly T[] {
  return items
    .map((item) => ({ item, score: hash32(`${key} ${nameOf(item)}`) }))
    .toSorted((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

/** FNV-1a over the UTF-16 code units, then the finaliser of MurmurHash3, as FNV alone is uneven in its high bits. */
function hash32(text: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
