/**
 * Lines as text with colours. Ink takes styled text as it is, and a string that stays the same costs it less
 * than nested elements. Invariant: a line and a theme give the same string each time, made once.
 */
import type { Line } from '../text/segments.ts';
import { themeProps, type TextStyle, type ThemeName } from '../text/theme.ts';

/** The codes of ECMA-48 for the terminal's own colours; `Bright` ones are 60 further on. */
const colours: Readonly<Record<string, number>> = {
  black: 30,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  white: 37,
  gray: 90,
};

const painted: Readonly<Record<ThemeName, WeakMap<Line, string>>> = {
  dark: new WeakMap(),
  light: new WeakMap(),
  'high-contrast': new WeakMap(),
  mono: new WeakMap(),
};

export function paint(line: Line, theme: ThemeName): string {
  const known = painted[theme].get(line);
  if (known !== undefined) return known;
  let text = '';
  for (const run of line) {
    const { on, off } = codes(themeProps(theme, run));
    text += on === '' || run.text === '' ? run.text : `${on}${run.text}${off}`;
  }
  painted[theme].set(line, text);
  return text;
}

function codes({ color, dimColor, bold, underline, inverse }: TextStyle): { on: string; off: string } {
  let on = '';
  let off = '';
  const add = (start: number, end: number): void => {
    on += `\u001b[${start}m`;
    off = `\u001b[${end}m${off}`;
  };
  if (color !== undefined) add(colourCode(color), 39);
  if (dimColor === true) add(2, 22);
  if (bold === true) add(1, 22);
  if (underline === true) add(4, 24);
  if (inverse === true) add(7, 27);
  return { on, off };
}

function colourCode(color: string): number {
  const bright = color.endsWith('Bright');
  return (colours[bright ? color.slice(0, -6) : color] ?? 39) + (bright ? 60 : 0);
}
