import { describe, expect, test } from '@jest/globals';
import { asciiGlyphs, chooseGlyphs, unicodeGlyphs, type Glyphs } from '../../../src/tui/text/glyphs.ts';
import type { Role } from '../../../src/tui/text/segments.ts';
import { chooseTheme, nextTheme, themeNames, themeProps } from '../../../src/tui/text/theme.ts';
import { textWidth } from '../../../src/tui/text/width.ts';

const roles: readonly Role[] = [
  'plain', 'dim', 'accent', 'ok', 'warn', 'error', 'down', 'up', 'title', 'selected', 'marked', 'input',
]; // prettier-ignore

describe('a theme', () => {
  test('mono has no colour, and still tells apart what must be', () => {
    for (const role of roles) {
      const props = themeProps('mono', { text: 'x', role });
      expect(Object.keys(props).every((key) => ['bold', 'inverse', 'underline'].includes(key))).toBe(true);
    }
    expect(themeProps('mono', { text: 'x', role: 'selected' })).toEqual({ inverse: true });
    expect(themeProps('mono', { text: 'x', role: 'marked' })).toEqual({ bold: true });
  });

  test('lets a run add to its role', () => {
    expect(themeProps('dark', { text: 'x', role: 'error', inverse: true })).toEqual({
      color: 'redBright',
      inverse: true,
    });
    expect(themeProps('dark', { text: 'x' })).toEqual({});
    expect(themeProps('dark', { text: 'x', role: 'ok' })).toBe(themeProps('dark', { text: 'y', role: 'ok' }));
  });

  test.each([
    [{}, undefined, 'dark'],
    [{ COLORFGBG: '0;15' }, undefined, 'light'],
    [{ COLORFGBG: '15;0' }, undefined, 'dark'],
    [{ COLORFGBG: '0;15' }, 'high-contrast' as const, 'high-contrast'],
    [{ NO_COLOR: '1' }, 'light' as const, 'mono'],
    [{ NO_COLOR: '' }, 'light' as const, 'light'],
    [{ TERM: 'vt220' }, undefined, 'mono'],
  ])('in %j with the setting %s is %s', (env, setting, theme) =>
    expect(chooseTheme(env, setting)).toBe(theme),
  );

  test('follows on the one before, through all of them', () => {
    const seen = new Set([
      nextTheme('dark'),
      nextTheme('light'),
      nextTheme('high-contrast'),
      nextTheme('mono'),
    ]);
    expect(seen).toEqual(new Set(themeNames));
  });
});

describe('glyphs', () => {
  const signs = (glyphs: Glyphs): readonly string[] =>
    Object.values(glyphs as unknown as Record<string, unknown>).flatMap((value) =>
      typeof value === 'string' ? [value] : Object.values(value as Record<string, string | string[]>).flat(),
    );

  test('take one cell each, in both sets', () => {
    for (const glyphs of [unicodeGlyphs, asciiGlyphs]) {
      const { name, ...drawn } = glyphs;
      const all = signs(drawn as Glyphs).filter((sign) => sign !== '');
      expect(all.length).toBeGreaterThan(40);
      for (const sign of all) expect([name, sign, textWidth(sign)]).toEqual([name, sign, 1]);
    }
  });

  test('of the ASCII set are ASCII', () => {
    expect(signs(asciiGlyphs).join('')).toMatch(/^[\u0020-\u007e]*$/);
  });

  test.each([
    [{ LANG: 'en_US.UTF-8', TERM: 'xterm-256color' }, undefined, 'unicode'],
    [{ LANG: 'en_US.utf8' }, 'auto' as const, 'unicode'],
    [{ LANG: 'en_US.UTF-8' }, 'ascii' as const, 'ascii'],
    [{ LANG: 'C' }, undefined, 'ascii'],
    [{}, undefined, 'ascii'],
    [{ LANG: 'C' }, 'unicode' as const, 'unicode'],
    [{ LC_ALL: 'C', LANG: 'en_US.UTF-8' }, undefined, 'ascii'],
    [{ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' }, undefined, 'unicode'],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, undefined, 'ascii'],
    [{ WT_SESSION: 'x' }, undefined, 'unicode'],
  ])('in %j with the setting %s are %s', (env, setting, name) => {
    expect(chooseGlyphs(env, setting).name).toBe(name);
  });
});
