/**
 * What the roles of text look like: four themes over the terminal's own 16 colours, so that its palette stays.
 * Invariant: `mono` sets no colour at all, and what must be told apart is told apart without one.
 */
import type { Emphasis, Role, Segment } from './segments.ts';

export const themeNames = ['dark', 'light', 'high-contrast', 'mono'] as const;
export type ThemeName = (typeof themeNames)[number];

/** What Ink's `Text` takes. */
export interface TextStyle extends Emphasis {
  readonly color?: string;
  readonly dimColor?: boolean;
}

type Theme = Readonly<Record<Role, TextStyle>>;

const structure = {
  plain: {},
  title: { bold: true },
  selected: { inverse: true },
} as const;

const themes: Readonly<Record<ThemeName, Theme>> = {
  dark: {
    ...structure,
    dim: { dimColor: true },
    accent: { color: 'cyan' },
    ok: { color: 'green' },
    warn: { color: 'yellow' },
    error: { color: 'redBright' },
    down: { color: 'green' },
    up: { color: 'magentaBright' },
    marked: { color: 'yellowBright', bold: true },
    input: { underline: true },
  },
  light: {
    ...structure,
    // Bright colours vanish on white, and so does what is dimmed twice.
    dim: { color: 'gray' },
    accent: { color: 'blue' },
    ok: { color: 'green' },
    warn: { color: 'magenta' },
    error: { color: 'red', bold: true },
    down: { color: 'green' },
    up: { color: 'blue' },
    marked: { color: 'magenta', bold: true },
    input: { underline: true },
  },
  'high-contrast': {
    ...structure,
    dim: {},
    accent: { color: 'cyanBright', bold: true },
    ok: { color: 'greenBright', bold: true },
    warn: { color: 'yellowBright', bold: true },
    error: { color: 'redBright', bold: true, underline: true },
    down: { color: 'greenBright', bold: true },
    up: { color: 'magentaBright', bold: true },
    marked: { color: 'yellowBright', bold: true },
    input: { bold: true, underline: true },
  },
  mono: {
    ...structure,
    dim: {},
    accent: { bold: true },
    ok: {},
    warn: { bold: true },
    error: { bold: true, underline: true },
    down: {},
    up: {},
    marked: { bold: true },
    input: { underline: true },
  },
};

/** The look of a run of text. The same run looks the same each time, by reference too where it has no emphasis. */
export function themeProps(
  theme: ThemeName,
  { role = 'plain', inverse, bold, underline }: Segment,
): TextStyle {
  const style = themes[theme][role];
  if (inverse === undefined && bold === undefined && underline === undefined) return style;
  return {
    ...style,
    ...(inverse === undefined ? {} : { inverse }),
    ...(bold === undefined ? {} : { bold }),
    ...(underline === undefined ? {} : { underline }),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The theme to start with. `NO_COLOR` (any value but empty) and terminals without colours have the last word;
 * then the setting; then what `COLORFGBG` says of the background.
 */
export function chooseTheme(env: Environment, setting: ThemeName | undefined): ThemeName {
  if ((env['NO_COLOR'] ?? '') !== '' || /^(?:dumb|vt\d+)$/.test(env['TERM'] ?? '')) return 'mono';
  if (setting !== undefined) return setting;
  const background = env['COLORFGBG']?.split(';').at(-1);
  return background === '7' || background === '15' ? 'light' : 'dark';
}

/** The one after it, round and round. */
export function nextTheme(theme: ThemeName): ThemeName {
  return themeNames[(themeNames.indexOf(theme) + 1) % themeNames.length] ?? 'dark';
}
