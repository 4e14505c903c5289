/**
 * The signs that are drawn beside text, in two sets: Unicode, and ASCII for terminals that have no more.
 * Invariant: each sign takes exactly one cell, so that both sets have the same layout. No emoji, no private fonts.
 */

export type GlyphsName = 'unicode' | 'ascii';

export interface Glyphs {
  readonly name: GlyphsName;
  /** Stands where text was cut. */
  readonly ellipsis: string;
  readonly down: string;
  readonly up: string;
  /** Beside the column that a list is sorted by. */
  readonly ascending: string;
  readonly descending: string;
  /** Before the row under the cursor, and before marked ones. */
  readonly cursor: string;
  readonly mark: string;
  readonly bar: BarGlyphs;
  /** From nothing to full. */
  readonly spark: readonly string[];
  readonly pieces: PieceGlyphs;
  readonly health: { readonly full: string; readonly empty: string };
  readonly scroll: { readonly track: string; readonly thumb: string };
  readonly box: BoxGlyphs;
  /** Of a tree of folders. */
  readonly folder: { readonly open: string; readonly closed: string };
  readonly bullet: string;
  readonly separator: string;
  readonly spinner: readonly string[];
}

export interface BarGlyphs {
  readonly open: string;
  readonly close: string;
  readonly full: string;
  /** Parts of a cell, the smallest first; evenly spaced. */
  readonly parts: readonly string[];
  readonly rest: string;
}

export interface PieceGlyphs {
  readonly have: string;
  readonly requested: string;
  /** Missing, by how many connected sources have it. */
  readonly several: string;
  readonly one: string;
  readonly nobody: string;
}

export interface BoxGlyphs {
  readonly horizontal: string;
  readonly vertical: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
}

export const unicodeGlyphs: Glyphs = {
  name: 'unicode',
  ellipsis: '…',
  down: '↓',
  up: '↑',
  ascending: '▲',
  descending: '▼',
  cursor: '>',
  mark: '*',
  bar: { open: '', close: '', full: '█', parts: ['▏', '▎', '▍', '▌', '▋', '▊', '▉'], rest: '·' },
  spark: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  pieces: { have: '█', requested: '▓', several: '▒', one: '░', nobody: '·' },
  health: { full: '▮', empty: '▯' },
  scroll: { track: '│', thumb: '█' },
  box: {
    horizontal: '─',
    vertical: '│',
    topLeft: '┌',
    topRight: '┐',
    bottomLeft: '└',
    bottomRight: '┘',
  },
  folder: { open: '▾', closed: '▸' },
  bullet: '•',
  separator: '·',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

export const asciiGlyphs: Glyphs = {
  name: 'ascii',
  ellipsis: '~',
  down: 'v',
  up: '^',
  ascending: '^',
  descending: 'v',
  cursor: '>',
  mark: '*',
  bar: { open: '[', close: ']', full: '#', parts: ['>'], rest: '.' },
  spark: [' ', '.', ':', '-', '=', '+', '*', '#'],
  pieces: { have: '#', requested: '+', several: '=', one: '-', nobody: '.' },
  health: { full: '#', empty: '.' },
  scroll: { track: '|', thumb: '#' },
  box: { horizontal: '-', vertical: '|', topLeft: '+', topRight: '+', bottomLeft: '+', bottomRight: '+' },
  folder: { open: '-', closed: '+' },
  bullet: '*',
  separator: '|',
  spinner: ['|', '/', '-', '\\'],
};

type Environment = Readonly<Record<string, string | undefined>>;

/** The set to start with: ASCII when asked for, or where the locale is not UTF-8 or the terminal has few signs. */
export function chooseGlyphs(env: Environment, setting: GlyphsName | 'auto' | undefined): Glyphs {
  if (setting === 'ascii') return asciiGlyphs;
  if (setting === 'unicode') return unicodeGlyphs;
  const terminal = env['TERM'] ?? '';
  if (terminal === 'linux' || terminal === 'dumb') return asciiGlyphs;
  // Windows has no locale variables; its terminals have been UTF-8 for long.
  if ((env['WT_SESSION'] ?? env['ConEmuPID']) !== undefined) return unicodeGlyphs;
  // The first that is set counts, as for the C library; empty is not set.
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return /utf-?8/i.test(locale ?? '') ? unicodeGlyphs : asciiGlyphs;
}
