/**
 * Golden screens: what a scene looks like in every size, with both sets of signs, in colour and without. The
 * files beside this are made by running the tests with `UPDATE_SCREENS=1`; look at what has changed before you
 * keep it. Whatever they show, each frame is checked to have the terminal's size.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { defaultSettings, type TuiSettings } from '../../../src/tui/model/settings.ts';
import { lineText, lineWidth, type Line } from '../../../src/tui/text/segments.ts';
import { themeProps, type ThemeName } from '../../../src/tui/text/theme.ts';
import { textWidth } from '../../../src/tui/text/width.ts';
import { openController, type TuiScene } from '../open-tui.ts';

export const goldenSizes = [
  [80, 24],
  [160, 48],
  [59, 14],
  [40, 10],
  [250, 70],
] as const;

/** 14:06:02, wherever the tests run. */
export const goldenWallMs = new Date(2026, 10, 22, 14, 6, 2).getTime();

export type Opened = ReturnType<typeof openController>;

export interface GoldenScene {
  /** The name of its files. */
  readonly name: string;
  readonly scene: Omit<TuiScene, 'columns' | 'rows' | 'wallMs'>;
  /** What is seen on every one of them. */
  readonly shows: RegExp;
  /** Brings it to what is to be seen. */
  readonly play: (tui: Opened) => void | Promise<void>;
}

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'golden');
const updates = (process.env['UPDATE_SCREENS'] ?? '') !== '';

/** A test for each size of a scene. */
export function goldenScreens({ name, scene, shows, play }: GoldenScene): void {
  test.each(goldenSizes)(`${name} at %i×%i`, async (columns, rows) => {
    const open = async (theme: ThemeName, glyphs: 'unicode' | 'ascii'): Promise<readonly Line[]> => {
      const settings: TuiSettings = { ...defaultSettings, ...scene.config?.settings, theme, glyphs };
      const config = { ...scene.config, settings };
      const tui = openController({ ...scene, config, columns, rows, wallMs: goldenWallMs });
      await play(tui);
      const { lines } = tui.controller.frame();
      expect(lines.map(lineWidth)).toEqual(Array.from({ length: rows }, () => columns));
      expect(lines.map(lineText).join('\n')).toMatch(shows);
      tui.controller.close();
      return lines;
    };
    const unicode = await open('dark', 'unicode');
    const ascii = await open('dark', 'ascii');
    // Of signs that are ours; names are shown as they are.
    expect(ascii.map(lineText).join('\n')).not.toMatch(/[\u2010-\u2bff]/u);
    const mono = await open('mono', 'unicode');
    expect(mono.map(lineText)).toEqual(unicode.map(lineText));
    expect((await open('mono', 'ascii')).map(lineText)).toEqual(ascii.map(lineText));
    const page = [
      ...['unicode', ...unicode.map(lineText)],
      ...['', 'ascii', ...ascii.map(lineText)],
      ...['', 'looks, dark', ...looks(unicode, 'dark')],
      ...['', 'looks, mono', ...looks(mono, 'mono')],
      '',
    ]
      .map((line) => line.trimEnd())
      .join('\n');
    compare(path.join(folder, `${name}-${columns}x${rows}.txt`), page);
  });
}

function compare(file: string, page: string): void {
  if (updates || !existsSync(file)) {
    if (!updates) throw new Error(`${file} is missing: run with UPDATE_SCREENS=1 and look at it`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, page);
  }
  expect(page).toBe(readFileSync(file, 'utf8'));
}

/** `3: 0-17 bold, 30-36 green`: what is not plain, by rows and cells from 0. */
function looks(lines: readonly Line[], theme: ThemeName): readonly string[] {
  return lines.flatMap((line, row) => {
    let column = 0;
    const runs: { from: number; to: number; look: string }[] = [];
    for (const run of line) {
      const from = column;
      column += textWidth(run.text);
      const look = Object.entries(themeProps(theme, run))
        .flatMap(([key, value]) => (value === false ? [] : [value === true ? key : String(value)]))
        .join(' ');
      const last = runs.at(-1);
      if (last?.look === look) last.to = column - 1;
      else if (column > from) runs.push({ from, to: column - 1, look });
    }
    const styled = runs.filter(({ look }) => look !== '');
    return styled.length === 0
      ? []
      : [`${row}: ${styled.map(({ from, to, look }) => `${from}-${to} ${look}`).join(', ')}`];
  });
}
