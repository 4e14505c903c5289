import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { maxConfigBytes, maxConfigHistory, maxConfigTextLength } from '../../src/core/limits/profile.ts';
import { changeConfig, configFile, defaultConfig, loadConfig } from '../../src/profile/config.ts';
import { tempDir } from '../helpers/temp-dir.ts';

function homeWith(text: string): string {
  const home = tempDir();
  writeFileSync(configFile(home), text);
  return home;
}

describe('a configuration', () => {
  test('that is not there is the default one', async () => {
    expect(await loadConfig(tempDir())).toEqual({ ok: true, value: defaultConfig });
  });

  test('says only what differs from the defaults', async () => {
    const home = homeWith(
      '{"ui": {"theme": "light", "bell": true}, "keys": {"quit": ["q", "ctrl+q"], "help": []}}',
    );
    expect(await loadConfig(home)).toEqual({
      ok: true,
      value: {
        ...defaultConfig,
        ui: { ...defaultConfig.ui, theme: 'light', bell: true },
        keys: { quit: ['q', 'ctrl+q'], help: [] },
      },
    });
  });

  test.each([
    ['{', /config\.json: expected JSON, /],
    ['[]', /the file: expected an object in braces, got \[\]/],
    ['{"colour": 1}', /colour: there is no such setting; there are ui, keys, limits, history, kept/],
    ['{"ui": {"them": "dark"}}', /ui\.them: there is no such setting; there are theme, glyphs/],
    ['{"ui": {"theme": "pink"}}', /ui\.theme: expected one of dark, light, high-contrast, mono, got "pink"/],
    ['{"ui": {"mouse": "yes"}}', /ui\.mouse: expected true or false, got "yes"/],
    ['{"limits": {"lanExempt": "no"}}', /limits\.lanExempt: expected true or false, got "no"/],
    ['{"keys": {"quit": "q"}}', /keys\.quit: expected a list of texts, got "q"/],
    ['{"ui": null}', /ui: expected an object in braces, got null/],
  ])('that says %s is refused with its file, what was expected and what came', async (text, message) => {
    const home = homeWith(text);
    const loaded = await loadConfig(home);
    expect(loaded).toMatchObject({
      problem: { code: 'bad-request', message: expect.stringMatching(message) },
    });
    expect(loaded.ok ? '' : loaded.problem.message).toContain(configFile(home));
    const changed = await changeConfig(home, (config) => config);
    expect(changed.ok).toBe(false);
    expect(readFileSync(configFile(home), 'utf8')).toBe(text);
  });
});

describe('a change', () => {
  test('keeps the rest, is its owner’s alone, and leaves nothing else behind', async () => {
    const home = homeWith('{"kept": {"searches": [{"query": "x"}]}}');
    await changeConfig(home, (config) => ({ ...config, ui: { ...config.ui, mouse: true } }));
    await changeConfig(home, (config) => ({ ...config, history: { search: ['a', 'b'] } }));
    expect(await loadConfig(home)).toEqual({
      ok: true,
      value: {
        ...defaultConfig,
        ui: { ...defaultConfig.ui, mouse: true },
        history: { search: ['a', 'b'] },
        kept: { searches: [{ query: 'x' }] },
      },
    });
    expect(statSync(configFile(home)).mode & 0o777).toBe(0o600);
    expect(readdirSync(home)).toEqual(['config.json']);
  });

  test('made at the same time as others is not lost', async () => {
    const home = tempDir();
    const names = Array.from({ length: 20 }, (_, at) => `name-${at}`);
    await Promise.all(
      names.map((name) =>
        changeConfig(home, (config) => ({ ...config, kept: { ...config.kept, [name]: name } })),
      ),
    );
    const loaded = await loadConfig(home);
    expect(loaded.ok && Object.keys(loaded.value.kept).toSorted()).toEqual(names.toSorted());
  });

  test('that grows without bound is bounded', async () => {
    const home = tempDir();
    const texts = Array.from({ length: maxConfigHistory + 10 }, (_, at) => String(at));
    await changeConfig(home, (config) => ({ ...config, history: { search: texts } }));
    const loaded = await loadConfig(home);
    expect(loaded.ok && loaded.value.history['search']).toEqual(texts.slice(-maxConfigHistory));
    const kept = { huge: 'x'.repeat(maxConfigBytes) };
    expect(await changeConfig(home, (config) => ({ ...config, kept }))).toMatchObject({
      problem: { code: 'limit' },
    });
    expect(await loadConfig(home)).toEqual(loaded);
  });

  test('that would not be read again is not written, and one that fails holds up no other', async () => {
    const home = tempDir();
    const history = { search: ['x'.repeat(maxConfigTextLength + 1)] };
    expect(await changeConfig(home, (config) => ({ ...config, history }))).toMatchObject({
      problem: { code: 'bad-request' },
    });
    const broken = changeConfig(home, () => {
      throw new Error('a fault of ours');
    });
    await expect(broken).rejects.toThrow('a fault of ours');
    expect(await changeConfig(home, (config) => config)).toMatchObject({ ok: true });
  });

  test('goes where a link leads that somebody has put in its place', async () => {
    const [home, elsewhere] = [tempDir(), tempDir()];
    writeFileSync(path.join(elsewhere, 'shoal.json'), '{"ui": {"bell": true}}');
    symlinkSync(path.join(elsewhere, 'shoal.json'), configFile(home));
    await changeConfig(home, (config) => ({ ...config, ui: { ...config.ui, mouse: true } }));
    expect(lstatSync(configFile(home)).isSymbolicLink()).toBe(true);
    const there = JSON.parse(readFileSync(path.join(elsewhere, 'shoal.json'), 'utf8')) as object;
    expect(there).toMatchObject({ ui: { bell: true, mouse: true } });
  });

  test('that the disk refuses is a problem with the file’s name', async () => {
    const home = tempDir();
    mkdirSync(configFile(home));
    const changed = await changeConfig(home, (config) => config);
    expect(changed.ok ? '' : changed.problem.message).toContain(configFile(home));
  });
});
