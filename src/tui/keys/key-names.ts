/**
 * What keys are called, in the table, in the profile's `keys` section and on the screen. Invariant: one key, one
 * name: `Ctrl+D`, `Alt+1`, `Shift+Up`, `Space`, or the character itself (`j`, `J`, `?`).
 */

import { graphemes } from '../text/width.ts';

/** A key as it was pressed. */
export interface KeyPress {
  readonly name: string;
  /** What it writes into an input line; undefined for keys that write nothing. */
  readonly text: string | undefined;
}

const namedKeys = [
  'Up',
  'Down',
  'Left',
  'Right',
  'PageUp',
  'PageDown',
  'Home',
  'End',
  'Enter',
  'Esc',
  'Tab',
  'Space',
  'Backspace',
  'Delete',
] as const;

const byLowerCase: ReadonlyMap<string, string> = new Map([
  ...namedKeys.map((name) => [name.toLowerCase(), name] as const),
  ['escape', 'Esc'],
  ['return', 'Enter'],
  ['pgup', 'PageUp'],
  ['pgdn', 'PageDown'],
]);
const modifiers = ['Ctrl', 'Alt', 'Shift'] as const;

/** Aliases that no terminal can tell apart, and keys that no terminal program gets to see reliably. */
const unusable: ReadonlyMap<string, string> = new Map([
  ['Ctrl+I', 'terminals send Tab for it'],
  ['Ctrl+M', 'terminals send Enter for it'],
  ['Ctrl+J', 'terminals send Enter for it'],
  ['Ctrl+H', 'terminals send Backspace for it'],
  ['Ctrl+[', 'terminals send Esc for it'],
  ['Ctrl+S', 'terminals stop their output on it'],
  ['Ctrl+Q', 'terminals start their output on it'],
]);

/** The canonical name of a key as a user wrote it (`ctrl+d`, `space`, `J`), or why it cannot be used. */
export function parseKeyName(written: string): { readonly name: string } | { readonly refused: string } {
  const parts = written === '+' ? ['+'] : written.replace(/\+\+$/, '+Plus').split('+');
  const last = parts.at(-1) ?? '';
  const found: string[] = [];
  for (const part of parts.slice(0, -1)) {
    const modifier = modifiers.find((name) => name.toLowerCase() === part.toLowerCase());
    if (modifier === undefined) return { refused: `${part} is not Ctrl, Alt or Shift` };
    found.push(modifier);
  }
  const base = last === 'Plus' ? '+' : (byLowerCase.get(last.toLowerCase()) ?? last);
  if (/^f\d{1,2}$|^insert$/i.test(base)) return { refused: 'terminals do not report it reliably' };
  const single = graphemes(base).length === 1;
  if (!single && !byLowerCase.has(base.toLowerCase())) return { refused: 'there is no such key' };
  if (single && found.includes('Shift')) return { refused: `write the capital letter instead of Shift` };
  const key = single && found.includes('Ctrl') ? base.toUpperCase() : base === ' ' ? 'Space' : base;
  const name = [...modifiers.filter((modifier) => found.includes(modifier)), key].join('+');
  const why = unusable.get(name);
  return why === undefined ? { name } : { refused: why };
}

const arrows: Readonly<Record<string, string>> = { Up: '↑', Down: '↓', Left: '←', Right: '→' };

/** How a key is shown where room is scarce: arrows as arrows, `PgDn` for `PageDown`. */
export function shortKeyName(name: string, withArrows: boolean): string {
  if (name.includes('Page')) return name.replace('PageDown', 'PgDn').replace('PageUp', 'PgUp');
  return withArrows ? name.replace(/(?:Up|Down|Left|Right)$/, (word) => arrows[word] ?? word) : name;
}
