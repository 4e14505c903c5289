/**
 * Lines as text with colours. Invariant: a line and a theme give the same string each time, made
 * once; it holds no control but the codes of its colours.
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

/** Where somebody forgot to make text harmless: what moves the cursor or turns text around. None takes a cell. */
const control = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

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
  let active: readonly Code[] = [];
  for (const run of line) {
    if (run.text === '') continue;
    const codes = codesOf(themeProps(theme, run));
    text += `${transition(active, codes)}${run.text.replace(control, '')}`;
    active = codes;
  }
  // Blanks at the end are blank anyway; Ink pays for each. A row of nothing at all would have no height.
  text = (active.length === 0 ? text.replace(/ +$/, '') : text + transition(active, [])) || ' ';
  painted[theme].set(line, text);
  return text;
}

/** A style's code and the code that ends it. */
interface Code {
  readonly start: number;
  readonly end: number;
}

/** Bold and dim end with the same code, and may be on at the same time. */
const intensityEnd = 22;
const escape = (code: number): string => `\u001b[${code}m`;

/**
 * From one style to another in as few codes as can be, in the order in which Ink writes them: a string it would
 * write itself is read once, not twice.
 */
function transition(from: readonly Code[], to: readonly Code[]): string {
  const undone = from.filter(({ start, end }) =>
    end === intensityEnd ? !to.some((code) => code.start === start) : !to.some((code) => code.end === end),
  );
  const endsIntensity = undone.some(({ end }) => end === intensityEnd);
  const added = to.filter(
    ({ start, end }) => !from.some((code) => code.start === start) || (endsIntensity && end === intensityEnd),
  );
  return [...undone.toReversed().map(({ end }) => end), ...added.map(({ start }) => start)]
    .map(escape)
    .join('');
}

const kept = new Map<TextStyle, readonly Code[]>();

/** Styles without emphasis are the same objects each time: their codes are kept. */
function codesOf(style: TextStyle): readonly Code[] {
  let codes = kept.get(style);
  if (codes === undefined) {
    codes = makeCodes(style);
    if (kept.size < maxKeptStyles) kept.set(style, codes);
  }
  return codes;
}

const maxKeptStyles = 64;

function makeCodes({ color, dimColor, bold, underline, inverse }: TextStyle): readonly Code[] {
  return [
    ...(dimColor === true ? [{ start: 2, end: intensityEnd }] : []),
    ...(color === undefined ? [] : [{ start: colourCode(color), end: 39 }]),
    ...(bold === true ? [{ start: 1, end: intensityEnd }] : []),
    ...(underline === true ? [{ start: 4, end: 24 }] : []),
    ...(inverse === true ? [{ start: 7, end: 27 }] : []),
  ];
}

function colourCode(color: string): number {
  const bright = color.endsWith('Bright');
  return (colours[bright ? color.slice(0, -6) : color] ?? 39) + (bright ? 60 : 0);
}
