/**
 * How many terminal cells text takes, and fitting it into a number of them. Wide East Asian characters and emoji
 * take two, combining marks none: Ink's own measure, but for letters that are read as one with the letter before them
 * and still have cells of their own on nearly all terminals.
 * Invariant: what `fit` returns is exactly as wide as asked.
 */
import { createRequire } from 'node:module';
import type stringWidth from 'string-width';
import { maxKeptTextWidths } from '../../core/limits/screen.ts';

/** Letters of Latin, dashes, quotes, arrows, boxes, blocks, Braille: each a character of one cell, whatever is beside it. */
const singleCells =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u25ff\u2800-\u28ff]*$/;
/** A letter that a mark binds to the one before it, as in conjuncts of India, and the vowels `am` of Thai and Lao. */
const boundLetter = /(?<=\p{M})\p{L}|[\u0e33\u0eb3]/u;
/** Hangul letters share the cells of their syllable; marks of half width are in Ink's measure. */
const measuredLetter = /[\p{Script=Hangul}\uff00-\uffef]/u;
const extension = /.(?<extension>\.[^. ]{1,9})$/u;
const widths = new Map<string, number>();

let segmenter: Intl.Segmenter | undefined;
let measure: typeof stringWidth | undefined;

/** Loaded for the first text that is not plain: Node takes 40 ms for its tables of emoji. */
function loadMeasure(): typeof stringWidth {
  const loaded = createRequire(import.meta.url)('string-width') as { readonly default: typeof stringWidth };
  return loaded.default;
}

/** Cells that `text` takes on a terminal. */
export function textWidth(text: string): number {
  if (singleCells.test(text)) return text.length;
  const kept = widths.get(text);
  if (kept !== undefined) return kept;
  measure ??= loadMeasure();
  const width = measure(text, { countAnsiEscapeCodes: true }) + boundWidth(text, measure);
  if (widths.size >= maxKeptTextWidths) widths.clear();
  widths.set(text, width);
  return width;
}

/** What letters take that `measure` counts as part of the letter before them. */
function boundWidth(text: string, measure: typeof stringWidth): number {
  if (!boundLetter.test(text)) return 0;
  return graphemes(text)
    .flatMap((cluster) => Array.from(cluster).slice(1))
    .filter((point) => /\p{L}/u.test(point) && !measuredLetter.test(point))
    .reduce((sum, point) => sum + measure(point), 0);
}

/** What a reader takes for single characters, whatever they are made of. */
export function graphemes(text: string): readonly string[] {
  if (singleCells.test(text)) return text.split('');
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/**
 * Cuts text to at most `width` cells. Where something is left out, at the end or in the middle, stands
 * `ellipsis`, which must take one cell.
 */
export function cut(text: string, width: number, where: 'end' | 'middle' = 'end', ellipsis = '…'): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return width === 1 ? ellipsis : '';
  const parts = graphemes(text);
  const tail =
    where === 'middle' ? take(parts.toReversed(), tailWidth(text, width)).toReversed().join('') : '';
  return `${take(parts, width - 1 - textWidth(tail)).join('')}${ellipsis}${tail}`;
}

/** Cuts or pads text to exactly `width` cells. */
export function fit(
  text: string,
  width: number,
  align: 'left' | 'right' = 'left',
  where?: 'end' | 'middle',
  ellipsis?: string,
): string {
  const shown = cut(text, width, where, ellipsis);
  const padding = ' '.repeat(Math.max(0, width - textWidth(shown)));
  return align === 'left' ? shown + padding : padding + shown;
}

/** The end of a name tells its kind and its number: it gets the smaller half, and its extension in any case. */
function tailWidth(name: string, width: number): number {
  const share = Math.floor((width - 1) * 0.4);
  const extensionWidth = textWidth(extension.exec(name)?.groups?.['extension'] ?? '');
  return extensionWidth < width - 1 ? Math.max(share, extensionWidth) : share;
}

function take(parts: readonly string[], width: number): string[] {
  const taken: string[] = [];
  let left = width;
  for (const part of parts) {
    left -= textWidth(part);
    if (left < 0) break;
    taken.push(part);
  }
  return taken;
}
