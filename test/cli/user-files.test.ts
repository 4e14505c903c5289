import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { completePath, openPath, resolvePath, writeNewFile } from '../../src/cli/user-files.ts';
import { tempDir } from '../helpers/temp-dir.ts';

describe('a path that a user writes', () => {
  test('may start at the home, or where the program was started', () => {
    const places = { home: '/home/me', cwd: '/work' };
    const written = ['~', '~/Music', '~you/Music', 'films/', '../x', '/a//b/'];
    expect(written.map((text) => resolvePath(text, places))).toEqual([
      ...['/home/me', '/home/me/Music', '/work/~you/Music', '/work/films', '/x', '/a/b'],
    ]);
  });

  test('is completed as it was begun, by folders, hidden ones when asked for', async () => {
    const home = tempDir();
    for (const name of ['Music', 'Museum', '.mutt']) mkdirSync(path.join(home, name));
    writeFileSync(path.join(home, 'Mud'), '');
    symlinkSync(path.join(home, 'Music'), path.join(home, 'Mu-link'));
    const places = { home, cwd: '/' };
    expect(await completePath('~/Mu', 'folder', places)).toEqual(['~/Mu-link/', '~/Museum/', '~/Music/']);
    expect(await completePath('~/Mu', 'any', places)).toContain('~/Mud');
    expect(await completePath('~/.m', 'folder', places)).toEqual(['~/.mutt/']);
    expect(await completePath('/nowhere/at/all', 'folder', places)).toEqual([]);
  });
});

describe('opening a file', () => {
  /** A desktop whose opener is this script. */
  function desktop(script: string): Readonly<Record<string, string>> {
    const folder = tempDir();
    writeFileSync(path.join(folder, 'xdg-open'), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, 'xdg-open'), 0o700);
    return { DISPLAY: ':0', PATH: `${folder}:/bin:/usr/bin` };
  }

  test('gives it to the desktop as one word, whatever it is called', async () => {
    const file = '/films/a&b "c" $(d) --help.txt';
    const env = desktop(`[ "$#" = 1 ] && [ "$1" = '${file}' ]`);
    expect(await openPath(file, env, 'linux')).toEqual({ ok: true, value: undefined });
  });

  test.each([
    ['there is no desktop', () => ({ PATH: '/bin' }), /no desktop here .* it lies at \/films\/a\.mkv$/],
    [
      'there is no opener',
      () => ({ DISPLAY: ':0', PATH: '/nowhere' }),
      /ENOENT.* it lies at \/films\/a\.mkv$/,
    ],
    ['nothing opens it', () => desktop('exit 3'), /exit 3.* it lies at \/films\/a\.mkv$/],
  ])('says where it lies where %s', async (_where, env, message) => {
    const opened = await openPath('/films/a.mkv', env(), 'linux');
    expect(opened).toMatchObject({ ok: false, problem: { message: expect.stringMatching(message) } });
  });
});

test('a new file never takes the place of another', async () => {
  const folder = tempDir();
  expect(await writeNewFile(folder, 'log.txt', 'one')).toEqual({ ok: true, value: `${folder}/log.txt` });
  expect(await writeNewFile(folder, 'log.txt', 'two')).toEqual({ ok: true, value: `${folder}/log (2).txt` });
});
