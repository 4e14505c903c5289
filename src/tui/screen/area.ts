/** What something is drawn into: how much room there is, and with which signs. */
import type { Glyphs } from '../text/glyphs.ts';

/**
 * How much a terminal holds. `panes`: 140×40 and up, room for several lists; `wide`: 100 columns and up; `normal`:
 * 80 and up; `narrow`: 60 and up; `tiny`: rows and nothing around them; `line`: one line of figures.
 */
export type SizeClass = 'panes' | 'wide' | 'normal' | 'narrow' | 'tiny' | 'line';

export interface Area {
  readonly width: number;
  readonly height: number;
  /** Of the whole terminal. */
  readonly size: SizeClass;
  readonly glyphs: Glyphs;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
}

export function sizeClass(columns: number, rows: number): SizeClass {
  if (columns < 20 || rows < 4) return 'line';
  if (columns < 60 || rows < 15) return 'tiny';
  if (columns < 80) return 'narrow';
  if (columns < 100) return 'normal';
  return columns >= 140 && rows >= 40 ? 'panes' : 'wide';
}

/** The same area with another size, for a part of it. */
export const part = (area: Area, width: number, height: number): Area => ({ ...area, width, height });
