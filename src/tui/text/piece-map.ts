/**
 * The pieces of a content as cells. Where several pieces share a cell it shows the one that is worst off; where
 * there are more cells than pieces, a piece has several. Invariant: never more rows or cells than
 * asked for; a map is not changed once it was drawn.
 */
import { pieceState } from '../../core/engine/engine-api.ts';
import type { Glyphs, PieceGlyphs } from './glyphs.ts';
import type { Line, Role, Segment } from './segments.ts';

/** What a cell says, the worst first. */
export const pieceClasses = ['nobody', 'one', 'several', 'requested', 'have'] as const;
export type PieceClass = (typeof pieceClasses)[number];

const roles: Readonly<Record<PieceClass, Role>> = {
  nobody: 'error',
  one: 'warn',
  several: 'plain',
  requested: 'accent',
  have: 'down',
};

/** A row of the map, and the index of its first byte. */
export interface PieceRow {
  readonly first: number;
  readonly line: Line;
}

/** What was drawn of a map: it is another one when pieces have changed, and drawn more often than that. */
const drawn = new WeakMap<Uint8Array, { readonly key: string; readonly rows: readonly PieceRow[] }>();

/** One line of exactly `width` cells over the whole map; empty for an empty map. */
export function pieceLine(map: Uint8Array, width: number, glyphs: Glyphs): Line {
  const [row] = kept(map, `${glyphs.name} ${width}`, () => [
    { first: 0, line: map.length === 0 ? [] : runs(cells(map, width), glyphs.pieces) },
  ]);
  return row?.line ?? [];
}

/** The map in at most `maxRows` rows of `width` cells, a cell for each byte where that fits; the last may be short. */
export function pieceRows(
  map: Uint8Array,
  width: number,
  maxRows: number,
  glyphs: Glyphs,
): readonly PieceRow[] {
  return kept(map, `${glyphs.name} ${width} ${maxRows}`, () => {
    const count = Math.min(map.length, width * maxRows);
    const all = cells(map, count);
    return Array.from({ length: Math.ceil(count / Math.max(1, width)) }, (_, row) => ({
      first: Math.floor((row * width * map.length) / count),
      line: runs(all.slice(row * width, (row + 1) * width), glyphs.pieces),
    }));
  });
}

function kept(map: Uint8Array, key: string, draw: () => readonly PieceRow[]): readonly PieceRow[] {
  const last = drawn.get(map);
  if (last?.key === key) return last.rows;
  const rows = draw();
  drawn.set(map, { key, rows });
  return rows;
}

/** How many of the map's bytes are of each class. */
export function countPieces(map: Uint8Array): Readonly<Record<PieceClass, number>> {
  const counts = { nobody: 0, one: 0, several: 0, requested: 0, have: 0 };
  for (const byte of map) counts[classOf(byte)] += 1;
  return counts;
}

/** The class of each byte, as its place in `pieceClasses`. */
const ranks = Uint8Array.from({ length: 256 }, (_, byte) => pieceClasses.indexOf(classOf(byte)));

function cells(map: Uint8Array, count: number): readonly PieceClass[] {
  return Array.from({ length: count }, (_, cell) => {
    const first = Math.floor((cell * map.length) / count);
    const end = Math.ceil(((cell + 1) * map.length) / count);
    let worst = pieceClasses.length - 1;
    for (let at = first; at < end; at++) worst = Math.min(worst, ranks[map[at] ?? 0] ?? 0);
    return pieceClasses[worst] ?? 'nobody';
  });
}

function classOf(byte: number): PieceClass {
  if (byte === pieceState.have) return 'have';
  if (byte === pieceState.requested) return 'requested';
  const sources = byte - pieceState.available;
  if (sources <= 0) return 'nobody';
  return sources === 1 ? 'one' : 'several';
}

function runs(classes: readonly PieceClass[], glyphs: PieceGlyphs): Line {
  const line: Segment[] = [];
  for (let at = 0; at < classes.length;) {
    const of = classes[at] ?? 'nobody';
    let end = at;
    while (classes[end] === of) end += 1;
    line.push({ text: glyphs[of].repeat(end - at), role: roles[of] });
    at = end;
  }
  return line;
}
