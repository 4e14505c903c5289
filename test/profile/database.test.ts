import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SharedFile } from '../../src/core/catalogue.ts';
import type { ContentId } from '../../src/core/ids.ts';
import { inTransaction, openDatabase } from '../../src/profile/database.ts';
import { homeLayout, prepareHome } from '../../src/profile/home.ts';
import { readShareIndex, ShareIndex } from '../../src/profile/share-index.ts';
import { tempDir } from '../helpers/temp-dir.ts';

function mustOpen(file: string): DatabaseSync {
  const opened = openDatabase(file);
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

describe('a profile folder', () => {
  test('is made when missing, and closed to others', () => {
    const home = path.join(tempDir(), 'a', 'b');
    expect(prepareHome(home)).toMatchObject({ ok: true, value: { home } });
    expect(statSync(home).mode & 0o777).toBe(0o700);
    mkdirSync(path.join(home, 'open'), { mode: 0o755 });
    expect(prepareHome(path.join(home, 'open')).ok).toBe(true);
    expect(statSync(path.join(home, 'open')).mode & 0o777).toBe(0o700);
  });

  test('that cannot be made is a problem, not a fault', () => {
    const file = path.join(tempDir(), 'file');
    writeFileSync(file, '');
    expect(prepareHome(path.join(file, 'home'))).toMatchObject({ ok: false });
  });
});

describe('a profile database', () => {
  test('is used by several at once', () => {
    const file = path.join(tempDir(), 'db');
    using first = mustOpen(file);
    using second = mustOpen(file);
    new ShareIndex(first).update([], [{ path: '/a/b', id: 'x' as ContentId, sizeBytes: 1 }]);
    expect(new ShareIndex(second).files()).toHaveLength(1);
  });

  test('that is damaged is put aside and made anew', () => {
    const dir = tempDir();
    const file = path.join(dir, 'db');
    writeFileSync(file, 'this is no database, '.repeat(100));
    using database = mustOpen(file);
    expect(new ShareIndex(database).files()).toEqual([]);
    expect(readdirSync(dir).some((name) => name.startsWith('db.damaged-'))).toBe(true);
  });

  test('of a newer version is refused and left alone', () => {
    const file = path.join(tempDir(), 'db');
    new DatabaseSync(file).exec('PRAGMA user_version = 999');
    expect(openDatabase(file)).toMatchObject({ ok: false, problem: { code: 'version' } });
    using database = new DatabaseSync(file);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 999 });
  });

  test('that cannot be written is a problem, not a fault', () => {
    expect(openDatabase(path.join(tempDir(), 'no', 'db'))).toMatchObject({
      ok: false,
      problem: { code: 'io' },
    });
  });

  test('undoes a transaction that fails', () => {
    using database = mustOpen(path.join(tempDir(), 'db'));
    const index = new ShareIndex(database);
    expect(() =>
      inTransaction(database, () => {
        database.exec("INSERT INTO shared_file VALUES ('/a/b', 'x', 1)");
        throw new Error('on purpose');
      }),
    ).toThrow('on purpose');
    expect(index.files()).toEqual([]);
  });
});

describe('the share index', () => {
  const file = (name: string, id: string): SharedFile => ({
    path: `/s/${name}`,
    id: id as ContentId,
    sizeBytes: 5,
  });

  test('can be read while nothing runs, and while something does', async () => {
    const home = tempDir();
    expect(await readShareIndex(home)).toEqual({ ok: true, value: [] });
    using database = mustOpen(homeLayout(home).database);
    const index = new ShareIndex(database);
    index.update([], [file('b', '1'), file('a', '2')]);
    expect(await readShareIndex(home)).toEqual({ ok: true, value: [file('a', '2'), file('b', '1')] });
    index.update(['/s/b', '/s/a'], [file('a', '3')]);
    database.close();
    expect(await readShareIndex(home)).toEqual({ ok: true, value: [file('a', '3')] });
    using again = mustOpen(homeLayout(home).database);
    expect(again.isOpen).toBe(true);
  });

  test('is made to hold what is shared, and writes nothing where it does already', () => {
    using database = mustOpen(homeLayout(tempDir()).database);
    const index = new ShareIndex(database);
    const reconcile = (...files: readonly SharedFile[]): number => {
      const byPath = new Map(files.map((each) => [each.path, each]));
      const before = Number(database.prepare('SELECT total_changes() AS n').get()?.['n']);
      index.reconcile({ size: files.length, at: (path) => byPath.get(path), files: () => files });
      expect(index.files()).toEqual(files);
      return Number(database.prepare('SELECT total_changes() AS n').get()?.['n']) - before;
    };
    index.update([], [file('changed', '1'), file('gone', '2'), file('same', '3')]);
    expect(reconcile(file('changed', '4'), file('new', '5'), file('same', '3'))).toBe(3);
    expect(reconcile(file('changed', '4'), file('new', '5'), file('same', '3'))).toBe(0);
    expect(reconcile(file('same', '3'))).toBe(2);
    expect(reconcile()).toBe(1);
  });
});
