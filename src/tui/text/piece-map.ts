/**
 * The pieces of a content as cells. Where several pieces share a cell it shows the one that is worst off; where
 * there are more cells than pieces, a piece has several. Invariant: never more rows or cells than asked for.
 */
import { pieceState } from '../../core/engine-api.ts';
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

/** One line of exactly `width` cells over the whole map; empty for an empty map. */
export function pieceLine(map: Uint8Array, width: number, { pieces }: Glyphs): Line {
  return map.length === 0 ? [] : runs(cells(map, width), pieces);
}

/** The map in at most `maxRows` rows of `width` cells, a cell for each byte where that fits; the last may be short. */
export function pieceRows(
  map: Uint8Array,
  width: number,
  maxRows: number,
  { pieces }: Glyphs,
): readonly PieceRow[] {
  const count = Math.min(map.length, width * maxRows);
  const drawn = cells(map, count);
  return Array.from({ length: Math.ceil(count / Math.max(1, width)) }, (_, row) => ({
    first: Math.floor((row * width * map.length) / count),
    line: runs(drawn.slice(row * width, (row + 1) * width), pieces),
  }));
}

/** How many of the map's bytes are of each class. */
export function countPieces(map: Uint8Array): Readonly<Record<PieceClass, number>> {
  const counts = { nobody: 0, one: 0, several: 0, requested: 0, have: 0 };
  for (const byte of map) counts[classOf(byte)] += 1;
  return counts;
}

function cells(map: Uint8Array, count: number): readonly PieceClass[] {
  return Array.from({ length: count }, (_, cell) => {
    const first = Math.floor((cell * map.length) / count);
    const end = Math.ceil(((cell + 1) * map.length) / count);
    let worst = pieceClasses.length - 1;
    for (let at = first; at < end; at++) worst = Math.min(worst, pieceClasses.indexOf(classOf(map[at] ?? 0)));
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
