import { beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ShareFolders, type FolderStore } from '../../../../src/actors/peer/library/share-folders.ts';
import { maxShares } from '../../../../src/core/limits/library.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

let base: string;

function folder(...names: readonly string[]): string {
  const made = path.join(base, ...names);
  mkdirSync(made, { recursive: true });
  return made;
}

class Remembered implements FolderStore {
  readonly folders = new Set<string>();
  shares = (): readonly string[] => [...this.folders];
  addShare = (added: string): void => void this.folders.add(added);
  removeShare = (removed: string): void => void this.folders.delete(removed);
}

beforeEach(() => {
  base = realpathSync(tempDir());
});

async function problemOf(folders: ShareFolders, added: string): Promise<string> {
  const checked = await folders.check(added);
  return checked.ok ? 'none' : `${checked.problem.code}: ${checked.problem.message}`;
}

describe('shared folders', () => {
  test('are added beside the others, each under a name of its own that it keeps', () => {
    const folders = new ShareFolders([folder('a', 'music'), folder('b', 'music')]);
    expect(folders.places.map((place) => place.path)).toEqual(['/music/', '/music (2)/']);
    folders.remove(path.join(base, 'a', 'music'));
    const added = folders.add(folder('c', 'music'));
    expect(added).toMatchObject({ ok: true, value: { path: '/music/' } });
    expect(folders.places.map((place) => place.path)).toEqual(['/music (2)/', '/music/']);
  });

  test('are remembered when they were added, until they are removed', () => {
    const store = new Remembered();
    const given = folder('given');
    const added = folder('added');
    const folders = new ShareFolders([given], store);
    folders.add(added);
    folders.remember(added);
    const next = new ShareFolders([given], store);
    expect(next.places.map(({ root }) => root)).toEqual([given, added]);
    next.forget(next.remove(added)?.root ?? '');
    expect(new ShareFolders([given], store).places.map(({ root }) => root)).toEqual([given]);
  });

  test('are found by any spelling, and what is in them by its place', () => {
    const real = folder('real');
    symlinkSync(real, path.join(base, 'link'));
    const folders = new ShareFolders([real]);
    const [place] = folders.places;
    expect(folders.find(path.join(base, 'link'))).toBe(place);
    expect(folders.find(`${real}/`)).toBe(place);
    expect(folders.find(base)).toBeUndefined();
    const below = { root: real, filePath: path.join(real, 'x'), path: '/real/x/' };
    expect(folders.has(below)).toBe(true);
    folders.remove(real);
    expect(folders.has(below)).toBe(false);
    expect(folders.remove(real)).toBeUndefined();
  });

  test('are refused with a reason: what is no folder, shared already, too much, or the profile', async () => {
    const home = folder('people', 'me', 'profile');
    const folders = new ShareFolders([folder('media', 'music')], undefined, home);
    writeFileSync(path.join(base, 'file'), '');
    expect(await problemOf(folders, path.join(base, 'nowhere'))).toMatch(/^not-found: There is no folder/);
    expect(await problemOf(folders, path.join(base, 'file'))).toMatch(/^bad-request: It is not a folder/);
    expect(await problemOf(folders, path.join(base, 'media', 'music'))).toMatch(/shared already: /);
    expect(await problemOf(folders, folder('media', 'music', 'live'))).toMatch(/as a part of .*music$/);
    expect(await problemOf(folders, path.join(base, 'media'))).toMatch(/stop sharing that first$/);
    expect(await problemOf(folders, '/')).toMatch(/too much to share/);
    expect(await problemOf(folders, home)).toMatch(/belongs to the profile/);
    expect(await problemOf(folders, folder('people', 'me', 'profile', 'x'))).toMatch(
      /belongs to the profile/,
    );
    expect(await problemOf(folders, path.join(base, 'people'))).toMatch(/The profile, .* lies in it/);
    expect(await problemOf(folders, folder('media', 'musical'))).toBe('none');
  });

  test('never hold the profile, however they were given', () => {
    const home = folder('me', 'profile');
    const store = new Remembered();
    store.addShare(home);
    const folders = new ShareFolders([folder('me'), folder('music')], store, home);
    expect(folders.places.map(({ root }) => root)).toEqual([path.join(base, 'music')]);
  });

  test('may hold a profile that is hidden: nothing hidden is shared', async () => {
    const folders = new ShareFolders([], undefined, folder('me', '.local', 'shoal'));
    expect(await problemOf(folders, path.join(base, 'me'))).toBe('none');
  });

  test('are refused when they cannot be read', async () => {
    const closed = folder('closed');
    chmodSync(closed, 0);
    // Whoever may read everything is not stopped by modes.
    const expected = process.geteuid?.() === 0 ? /^none/ : /^io: /;
    expect(await problemOf(new ShareFolders([]), closed)).toMatch(expected);
    chmodSync(closed, 0o700);
  });

  test('are bounded in number', () => {
    const folders = new ShareFolders(Array.from({ length: maxShares }, (_, at) => path.join(base, `s${at}`)));
    expect(folders.add(folder('more'))).toMatchObject({ ok: false, problem: { code: 'limit' } });
  });
});
