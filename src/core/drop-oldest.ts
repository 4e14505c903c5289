/**
 * What is remembered of a great many things, in the order in which they came, is kept within a bound.
 * Invariant: after each call there are no more entries than the bound says, and those that are left are the newest.
 */

/** Of a bound so many parts go at once: to find the oldest entry means to step over those that went before it. */
const portions = 8;

/**
 * Where there are more than `most`, drops the oldest of them, and some more so that this is not needed for a while.
 * Stops at the first that `mayGo` says no to.
 */
export function dropOldest<Key, Value>(
  entries: Map<Key, Value>,
  most: number,
  mayGo: (value: Value) => boolean = () => true,
): void {
  if (entries.size <= most) return;
  const left = most - Math.floor(most / portions);
  for (const [key, value] of entries) {
    if (entries.size <= left || !mayGo(value)) return;
    entries.delete(key);
  }
}
