/**
 * A row of a list with what stands around it: the cursor's sign, the mark, the scroll bar. Invariant: the same
 * row in the same look is the same object.
 */
import type { Glyphs } from '../text/glyphs.ts';
import type { Line, Segment } from '../text/segments.ts';

export interface RowLook {
  readonly cursor: boolean;
  readonly marked: boolean;
  /** Undefined: everything is on the screen. */
  readonly scroll: 'thumb' | 'track' | undefined;
  readonly glyphs: Glyphs;
}

const kept = new WeakMap<Line, Map<number, Line>>();

export function rowLine(row: Line, look: RowLook): Line {
  const { cursor, marked, scroll, glyphs } = look;
  const key = (cursor ? 1 : 0) | (marked ? 2 : 0) | (scroll === 'thumb' ? 4 : scroll === 'track' ? 8 : 0);
  let looks = kept.get(row);
  if (looks === undefined) {
    looks = new Map();
    kept.set(row, looks);
  }
  const known = looks.get(key);
  if (known !== undefined) return known;
  const line = draw(row, cursor, marked, scroll, glyphs);
  looks.set(key, line);
  return line;
}

function draw(row: Line, cursor: boolean, marked: boolean, scroll: RowLook['scroll'], glyphs: Glyphs): Line {
  const sign: Segment = { text: cursor ? glyphs.cursor : ' ' };
  const mark: Segment = marked ? { text: glyphs.mark, role: 'marked' } : { text: ' ' };
  const body: Line = [sign, mark, ...row];
  const end: Segment =
    scroll === undefined
      ? { text: '  ' }
      : { text: ` ${scroll === 'thumb' ? glyphs.scroll.thumb : glyphs.scroll.track}`, role: 'dim' };
  return [...(cursor ? body.map(reversed) : body), end];
}

/** But for what would mean the opposite. */
const reversed = (run: Segment): Segment => (run.inverse === false ? run : { ...run, inverse: true });
