import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { knownRowWeight, maxGroupRows } from '../../../src/core/limits/stores.ts';
import { GroupCommit } from '../../../src/store/sqlite/sqlite-group.ts';
import { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { arrival, code, file, find, peer, share, stateOf, value } from '../files.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-group-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => void jest.restoreAllMocks());
let made = 0;
const newPath = (): string => join(folder, `${(made += 1)}.sqlite`);

function table(): { database: DatabaseSync; rows: () => unknown; insert: (text: string) => void } {
  const database = new DatabaseSync(newPath());
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (text TEXT)');
  return {
    database,
    rows: () => database.prepare('SELECT count(*) AS rows FROM t').get()?.['rows'],
    insert: (text) => void database.prepare('INSERT INTO t VALUES (?)').run(text),
  };
}

describe('a group of changes', () => {
  test('is one transaction of all that come in one turn', async () => {
    const { database, insert, rows } = table();
    const exec = jest.spyOn(database, 'exec');
    const group = new GroupCommit(database, () => undefined);
    await Promise.all(['a', 'b', 'c'].map((text) => group.add(() => insert(text))));
    await group.add(() => insert('d'));
    expect(exec.mock.calls.map(([sql]) => sql)).toEqual([
      'BEGIN IMMEDIATE',
      'COMMIT',
      'BEGIN IMMEDIATE',
      'COMMIT',
    ]);
    expect(rows()).toBe(4);
    database.close();
  });

  test('ends when it is large enough', async () => {
    const { database, insert } = table();
    const group = new GroupCommit(database, () => undefined);
    const done = group.add(() => {
      insert('a');
      group.count(maxGroupRows);
    });
    expect(database.isTransaction).toBe(false);
    await done;
    database.close();
  });

  test.each(['within a change', 'when it is saved'])(
    'that finds the disk full %s is as though nobody had asked, and the next one goes on',
    async (when) => {
      const { database, insert, rows } = table();
      let isSaving = false;
      const large = (): void => insert('x'.repeat(1_000_000));
      const group = new GroupCommit(database, () => {
        if (isSaving) large();
      });
      database.exec('PRAGMA max_page_count = 20');
      const undone: string[] = [];
      isSaving = when === 'when it is saved';
      const changes = ['a', 'b'].map((text) =>
        group.add(() => {
          insert(text);
          group.orElse(() => undone.push(text));
          if (text === 'b' && !isSaving) large();
        }),
      );
      const ends = await Promise.allSettled(changes);
      expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      expect(ends).toMatchObject([{ reason: { errcode: 13 } }, { reason: { errcode: 13 } }]);
      expect([undone, rows()]).toEqual([['b', 'a'], 0]);
      isSaving = false;
      await group.add(() => insert('c'));
      expect(rows()).toBe(1);
      database.close();
    },
  );

  test('that cannot be shown to who reads meanwhile is as though nobody had asked', async () => {
    const { database, insert, rows } = table();
    let isFull = true;
    const group = new GroupCommit(database, () => {
      insert('held back');
      // As SQLite may do by itself when a disk is full.
      if (isFull) database.exec('ROLLBACK');
      if (isFull) throw new Error('The disk is full');
    });
    const change = group.add(() => insert('a'));
    group.show();
    expect(rows()).toBe(0);
    await expect(change).rejects.toThrow('The disk is full');
    isFull = false;
    await group.add(() => insert('b'));
    expect(rows()).toBe(2);
    database.close();
  });
});

test('a catalogue whose disk is full goes on being read, refuses changes, and takes them again when there is room', async () => {
  const store = await SqliteStore.open(newPath(), 0);
  const files = [file('/a/apple'), file('/a/pear')];
  await share(store, 'alice', file('/a/apple'));
  const full = Object.assign(new Error('database or disk is full'), { errcode: 13 });
  const failing = jest.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (
    this: DatabaseSync,
    sql,
  ) {
    if (sql === 'COMMIT') throw full;
    this.prepare(sql).run();
  });
  const refused = await Promise.allSettled([
    store.apply(peer('alice'), { adds: files, removes: [] }),
    store.attach(arrival('bob'), 1),
    store.detach([peer('alice')], 1),
  ]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  failing.mockRestore();
  expect(await find(store, 'apple')).toEqual(['apple']);
  expect(await find(store, 'pear')).toEqual([]);
  expect(await store.findPeer('bob')).toBeUndefined();
  expect(code(await store.apply(peer('bob'), { adds: [], removes: [] }))).toBe('not-found');
  expect(await store.stats()).toEqual({ peersOnline: 1, peersKnown: 1, files: 1, shares: 1 });
  await share(store, 'alice', ...files);
  expect(code(await store.commit(peer('alice'), stateOf(files)))).toBe('ok');
  expect(value(await store.attach(arrival('bob'), 2)).count).toBe(0);
  await store.close();
});

describe('a commit that is called before the files before it are on the disk', () => {
  const files = [file('/a/apple'), file('/a/pear')];

  test.each([1, 0])('is answered with them in one transaction (generation %i)', async (generation) => {
    const store = await SqliteStore.open(newPath(), 0);
    await store.attach(arrival('alice'), 0);
    const exec = jest.spyOn(DatabaseSync.prototype, 'exec');
    const ended: string[] = [];
    const note = (name: string) => (result: { readonly ok: boolean }) => ended.push(`${name} ${result.ok}`);
    await Promise.all([
      ...files.map((each) => store.apply(peer('alice'), { adds: [each], removes: [] }).then(note('add'))),
      // The generation may be the one that is known.
      store.commit(peer('alice'), stateOf(files, generation)).then(note('commit')),
    ]);
    expect(ended).toEqual(['add true', 'add true', 'commit true']);
    expect(exec.mock.calls.map(([sql]) => sql)).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
    await store.close();
  });

  test.each([1, 0])('fails with them (generation %i)', async (generation) => {
    const store = await SqliteStore.open(newPath(), 0);
    await store.attach(arrival('alice'), 0);
    const failing = jest.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (
      this: DatabaseSync,
      sql,
    ) {
      if (sql === 'COMMIT') throw new Error('The disk is full');
      this.prepare(sql).run();
    });
    const ends = await Promise.allSettled([
      store.apply(peer('alice'), { adds: files, removes: [] }),
      store.commit(peer('alice'), stateOf(files, generation)),
    ]);
    failing.mockRestore();
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(code(await store.commit(peer('alice'), stateOf(files, generation)))).toBe('stale');
    await share(store, 'alice', ...files);
    expect(code(await store.commit(peer('alice'), stateOf(files, generation)))).toBe('ok');
    await store.close();
  });
});

test('files that others have already end a group sooner than new ones', async () => {
  const store = await SqliteStore.open(newPath(), 0);
  const most = maxGroupRows / knownRowWeight;
  const files = Array.from({ length: most }, (_, at) => file(`/a/${at}`));
  await Promise.all(['alice', 'bob'].map((name) => store.attach(arrival(name), 0)));
  const exec = jest.spyOn(DatabaseSync.prototype, 'exec');
  const begun = (name: string): readonly string[] => {
    void store.apply(peer(name), { adds: files, removes: [] });
    return exec.mock.calls.splice(0).map(([sql]) => sql);
  };
  expect(begun('alice')).toEqual(['BEGIN IMMEDIATE']);
  await store.commit(peer('alice'), stateOf(files));
  exec.mock.calls.splice(0);
  expect(begun('bob')).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
  await store.close();
});

test('merging the index when nothing else is to be done changes nothing that is found', async () => {
  const store = await SqliteStore.open(newPath(), 0);
  for (let at = 0; at < 30; at++) await share(store, 'alice', file(`/a/song ${at}.mp3`));
  const before = await find(store, 'song');
  for (let at = 0; at < 5; at++)
    expect(await store.sweep({ leftBeforeMs: 0, maxRows: 9 })).toEqual({ peers: 0, rows: 0, more: false });
  expect(await find(store, 'song')).toEqual(before);
  expect(before).toHaveLength(30);
  await store.close();
});
