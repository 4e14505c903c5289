/**
 * Where a search goes on at several catalogues, as one text that is opaque to who holds it. Pure. Invariant: what
 * does not come from here is refused as a whole.
 */
import { maxJoinedCursorLength } from '../../../core/limits/tracker-link.ts';
import { maxCursorBytes } from '../../../core/limits/wire.ts';

/** What each catalogue, called by the address of its first tracker, gave for its next page. */
export type CatalogueCursors = ReadonlyMap<string, string>;

/** Undefined when there is nowhere to go on, or there are too many for one text. */
export function joinCursors(cursors: CatalogueCursors): string | undefined {
  const text = JSON.stringify([...cursors]);
  return cursors.size === 0 || text.length > maxJoinedCursorLength ? undefined : text;
}

/** Undefined for what is no cursor of ours. */
export function splitCursor(cursor: string): CatalogueCursors | undefined {
  if (cursor.length > maxJoinedCursorLength) return undefined;
  let entries: unknown;
  try {
    entries = JSON.parse(cursor);
  } catch {
    return undefined;
  }
  return Array.isArray(entries) && entries.every(isEntry) ? new Map(entries) : undefined;
}

function isEntry(entry: unknown): entry is [string, string] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [address, cursor] = entry as unknown[];
  return typeof address === 'string' && typeof cursor === 'string' && cursor.length <= maxCursorBytes;
}
