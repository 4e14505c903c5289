/**
 * Names and other text from strangers as they are shown. Whatever could move, hide, turn or restyle text is
 * replaced by a mark that says what it was. Invariant: what `showName` gives holds no control, no invisible and no
 * bidirectional character, is a single line, and is told apart from a name that holds such marks as plain text.
 */
import { maxKeptTextWidths, maxShownMarks, maxShownNamePoints } from '../../core/limits/screen.ts';
import { joinsPictures, replaceUnsafe } from '../../core/safe-name.ts';
import type { GlyphsName } from './glyphs.ts';
import type { Segment } from './segments.ts';
import { cut, textWidth } from './width.ts';

export interface ShownName {
  readonly text: string;
  /** Something in it was there to deceive, or would have had that effect. */
  readonly suspicious: boolean;
}

const plainAscii = /^[\u0020-\u007e]*$/;
/** The short names of the Unicode Standard. */
const invisibleNames: ReadonlyMap<number, string> = new Map([
  [0x00ad, 'SHY'],
  [0x034f, 'CGJ'],
  [0x061c, 'ALM'],
  [0x180e, 'MVS'],
  [0x200b, 'ZWSP'],
  [0x200c, 'ZWNJ'],
  [0x200d, 'ZWJ'],
  [0x200e, 'LRM'],
  [0x200f, 'RLM'],
  [0x202a, 'LRE'],
  [0x202b, 'RLE'],
  [0x202c, 'PDF'],
  [0x202d, 'LRO'],
  [0x202e, 'RLO'],
  [0x2028, 'LS'],
  [0x2029, 'PS'],
  [0x2060, 'WJ'],
  [0x2066, 'LRI'],
  [0x2067, 'RLI'],
  [0x2068, 'FSI'],
  [0x2069, 'PDI'],
  [0xfeff, 'BOM'],
]);
const crowd = new RegExp(`(\\p{M}{${maxShownMarks}})\\p{M}+`, 'gu');
/**
 * What makes one picture of several, or another one of it. Half of all terminals draw each of them by itself, which
 * moves all that is drawn after it in its line: so they are on all.
 */
const joiners = /\u200d|\ufe0e|\ufe0f|(?<=\p{Extended_Pictographic}\ufe0f?)\p{Emoji_Modifier}/gu;

const shown: Readonly<Record<GlyphsName, Map<string, ShownName>>> = { unicode: new Map(), ascii: new Map() };

/** A stranger's text as it may be shown, at most `maxShownNamePoints` characters of it. */
export function showName(raw: string, glyphs: GlyphsName = 'unicode'): ShownName {
  if (plainAscii.test(raw) && raw.length <= maxShownNamePoints) return { text: raw, suspicious: false };
  const kept = shown[glyphs].get(raw);
  if (kept) return kept;
  const made = makeName(raw, glyphs);
  // What is longer than anyone reads is not worth its room.
  if (raw.length > 2 * maxShownNamePoints) return made;
  if (shown[glyphs].size >= maxKeptTextWidths) shown[glyphs].clear();
  shown[glyphs].set(raw, made);
  return made;
}

/** A name in exactly as many cells as it needs, at most `width`: cut in the middle, a red `!` before what deceives. */
export function nameSegments(
  raw: string,
  width: number,
  glyphs: { readonly name: GlyphsName; readonly ellipsis: string },
): readonly Segment[] {
  const { text, suspicious } = showName(raw, glyphs.name);
  if (!suspicious) return [{ text: cut(text, width, 'middle', glyphs.ellipsis) }];
  const warning = cut('! ', width, 'end', glyphs.ellipsis);
  return [
    { text: warning, role: 'error' },
    { text: cut(text, width - textWidth(warning), 'middle', glyphs.ellipsis) },
  ];
}

function makeName(raw: string, glyphs: GlyphsName): ShownName {
  let suspicious = false;
  const mark = (character: string, at: number, whole: string): string => {
    // Joined emoji are no deceit.
    if (joinsPictures(whole, at)) return character;
    suspicious = true;
    return nameOf(character, glyphs);
  };
  // Cut before anything else looks at it: an outsized name costs no more than a long one.
  const head = Array.from(raw.slice(0, 2 * maxShownNamePoints))
    .slice(0, maxShownNamePoints)
    .join('');
  const normal = head.toWellFormed().normalize('NFC');
  const thinned = normal.replace(crowd, '$1');
  const text = replaceUnsafe(thinned, mark).replace(joiners, '');
  return { text, suspicious: suspicious || thinned !== normal || !head.isWellFormed() };
}

/** `␛` or `\x1b`, `⟨RLO⟩` or `<RLO>`: what stood there. */
function nameOf(character: string, glyphs: GlyphsName): string {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) {
    if (glyphs === 'ascii' || point >= 0x80) return `\\x${point.toString(16).padStart(2, '0')}`;
    // Control Pictures: one for each of C0 in its order, and one for DEL.
    return point === 0x7f ? '\u2421' : String.fromCodePoint(0x2400 + point);
  }
  const name = invisibleNames.get(point) ?? point.toString(16).toUpperCase();
  return glyphs === 'ascii' ? `<${name}>` : `⟨${name}⟩`;
}
