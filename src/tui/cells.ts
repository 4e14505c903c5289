/**
 * How many terminal cells text takes, and fitting it into a number of them. Wide East Asian characters and emoji
 * take two, combining marks none. Invariant: what `fit` returns is exactly as wide as asked.
 */

/** Where characters are Wide or Fullwidth (Unicode Standard Annex 11), emoji aside; pairs of first and last. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;
const weightless = /^[\p{M}\p{Cf}\p{Cc}]/u;
const plainAscii = /^[\u0020-\u007e]*$/;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Cells that `text` takes on a terminal. */
export function cellWidth(text: string): number {
  if (plainAscii.test(text)) return text.length;
  let cells = 0;
  for (const { segment } of segmenter.segment(text)) cells += graphemeWidth(segment);
  return cells;
}

function graphemeWidth(grapheme: string): number {
  if (weightless.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  const point = grapheme.codePointAt(0) ?? 0;
  return point >= 0x1100 && wideRanges.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
}

/** Cuts text to at most `cells`, with an ellipsis where something is left out: at the end or in the middle. */
export function cut(text: string, cells: number, where: 'end' | 'middle' = 'end'): string {
  if (cellWidth(text) <= cells) return text;
  if (cells <= 1) return cells === 1 ? '…' : '';
  // The end of a name tells its kind and its number, so it gets the smaller half rather than nothing.
  const tailCells = where === 'middle' ? Math.floor((cells - 1) * 0.4) : 0;
  const graphemes = Array.from(segmenter.segment(text), ({ segment }) => segment);
  const tail = take(graphemes.toReversed(), tailCells).toReversed().join('');
  return `${take(graphemes, cells - 1 - cellWidth(tail)).join('')}…${tail}`;
}

/** Cuts or pads text to exactly `cells`. */
export function fit(
  text: string,
  cells: number,
  align: 'left' | 'right' = 'left',
  where?: 'end' | 'middle',
): string {
  const shown = cut(text, cells, where);
  const padding = ' '.repeat(Math.max(0, cells - cellWidth(shown)));
  return align === 'left' ? shown + padding : padding + shown;
}

function take(graphemes: readonly string[], cells: number): string[] {
  const taken: string[] = [];
  let left = cells;
  for (const grapheme of graphemes) {
    left -= graphemeWidth(grapheme);
    if (left < 0) break;
    taken.push(grapheme);
  }
  return taken;
}
