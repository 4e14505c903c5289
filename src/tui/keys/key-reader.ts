/**
 * Turns what the terminal sent, as Ink reports it, into keys. Over slow lines several keys come in one report,
 * so a report is split into graphemes and each is a key. Invariant: no key is lost, whatever the chunks.
 */
import type { KeyPress } from './key-names.ts';

/** The flags of Ink's `useInput` that are looked at. */
export interface InkKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
}

const flagged = [
  ['upArrow', 'Up'],
  ['downArrow', 'Down'],
  ['leftArrow', 'Left'],
  ['rightArrow', 'Right'],
  ['pageDown', 'PageDown'],
  ['pageUp', 'PageUp'],
  ['home', 'Home'],
  ['end', 'End'],
  ['return', 'Enter'],
  ['tab', 'Tab'],
  ['backspace', 'Backspace'],
  ['delete', 'Delete'],
  ['escape', 'Esc'],
] as const;

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The keys of one report. Keys the terminal sends in ways nobody knows (F-keys, Insert) come as none. */
export function readKeys(input: string, key: InkKey): readonly KeyPress[] {
  const special = flagged.find(([flag]) => key[flag]);
  if (special !== undefined) return [{ name: withModifiers(special[1], key), text: undefined }];
  if (input === '') return [];
  if (key.ctrl) {
    const base = input === ' ' ? 'Space' : input.toUpperCase();
    return [{ name: `Ctrl+${key.meta ? 'Alt+' : ''}${base}`, text: undefined }];
  }
  const keys = Array.from(segmenter.segment(input), ({ segment }) => plainKey(segment));
  // Esc and a key, sent together, is what terminals send for Alt and the key; what follows it is typed.
  const [first, ...rest] = keys;
  return key.meta && first !== undefined ? [{ name: `Alt+${first.name}`, text: undefined }, ...rest] : keys;
}

function plainKey(segment: string): KeyPress {
  switch (segment) {
    case '\r':
    case '\n':
    case '\r\n':
      return { name: 'Enter', text: undefined };
    case '\t':
      return { name: 'Tab', text: undefined };
    case '\x7f':
    case '\b':
      return { name: 'Backspace', text: undefined };
    case '\x1b':
      return { name: 'Esc', text: undefined };
    case ' ':
      return { name: 'Space', text: ' ' };
    default:
      break;
  }
  const code = segment.charCodeAt(0);
  if (code < 0x20) return { name: `Ctrl+${String.fromCharCode(code + 0x40)}`, text: undefined };
  return { name: segment, text: segment };
}

function withModifiers(name: string, key: InkKey): string {
  // Ink reports the Esc key itself with `meta` set.
  const alt = key.meta && name !== 'Esc';
  return `${key.ctrl ? 'Ctrl+' : ''}${alt ? 'Alt+' : ''}${key.shift ? 'Shift+' : ''}${name}`;
}
