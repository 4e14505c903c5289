import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxRowsBeforeFacets, refusedBeforeFacets } from '../../../src/core/limits/stores.ts';
import type { CatalogStore } from '../../../src/store/catalog-store.ts';
import { MemoryStore } from '../../../src/store/memory/memory-store.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { pages } from '../contract-pages.ts';
import { file, find, peer, share, value } from '../files.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-filters-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const newPath = (): string => join(folder, `${(made += 1)}.sqlite`);

describe('filters of an SQLite catalogue', () => {
  let stores: readonly CatalogStore[];
  beforeEach(async () => {
    stores = [value(await openStore(newPath())), new MemoryStore()];
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
  });

  /** What all of the stores find, page by page. */
  async function found(query: string): Promise<readonly string[]> {
    const [first, ...others] = await Promise.all(
      stores.map(async (store) => (await pages(store, query, 25)).flat()),
    );
    for (const other of others) expect(first).toEqual(other);
    return first ?? [];
  }

  test.each([
    ['more files of other kinds than are passed one by one', refusedBeforeFacets * 2, 250],
    ['fewer of them', refusedBeforeFacets / 2, 100],
  ])('find the same as in memory, in the same order, among %s', async (_, count, every) => {
    const kinds = ['mp3', 'flac', 'jpg', 'pdf'];
    const files = Array.from({ length: count }, (_file, at) =>
      at % every === 0
        ? file(`/a/song ${at}.mkv`, 700e6 + at)
        : file(`/a/song ${at}.${kinds[at % kinds.length] ?? ''}`, at),
    );
    for (const store of stores)
      for (let from = 0; from < count; from += 500)
        await share(store, 'alice', ...files.slice(from, from + 500));
    const wanted = files
      .filter(({ path }) => path.endsWith('.mkv'))
      .map(({ path }) => path.slice(3))
      .toReversed();
    for (const filter of [
      'type:video',
      'ext:mkv',
      'size:>600M',
      'type:video,archive size:1M-10G',
      '-type:audio,image,document',
    ])
      expect(await found(`song ${filter}`)).toEqual(wanted);
    expect(await found('song type:archive')).toEqual([]);
    expect(await found('song size:600M-650M')).toEqual([]);
    expect(await found('type:video size:>1M')).toEqual(wanted);
    expect((await found('song ext:flac')).length).toBe(count / kinds.length);
  });

  test('find what few have after many rows that had to be looked at', async () => {
    const files = Array.from({ length: 2 * maxRowsBeforeFacets }, (_file, at) =>
      file(`/a/song ${at}.${at === 0 ? 'flac' : 'mp3'}`),
    );
    for (const store of stores)
      for (let from = 0; from < files.length; from += 500)
        await share(store, 'alice', ...files.slice(from, from + 500));
    expect(await found('song ext:flac')).toEqual(['song 0.flac']);
    expect(await found('song type:audio -ext:mp3')).toEqual(['song 0.flac']);
  });

  test('find nothing of a kind once its files are gone, whatever size they were given', async () => {
    const before = file('/a/song.mkv', 5);
    const after = file('/a/song.mkv', 700e6);
    for (const store of stores) {
      await share(store, 'alice', before);
      await share(store, 'alice', after);
      expect(await find(store, 'song size:<1M')).toEqual([]);
      expect(await find(store, 'song type:video size:>600M')).toEqual(['song.mkv']);
      value(await store.apply(peer('alice'), { adds: [], removes: [after] }));
      expect(await find(store, 'song type:video')).toEqual([]);
      expect((await store.stats()).files).toBe(0);
    }
  });
});

describe('a catalogue of another version', () => {
  test('is emptied, which is told, and can be filled again', async () => {
    const path = newPath();
    const store = value(await openStore(path));
    await share(store, 'alice', file('/a/apple'));
    await store.close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 8');
    database.close();
    const told: string[] = [];
    const onEmptied = (reason: string): void => void told.push(reason);
    const again = value(await openStore(path, undefined, { onEmptied }));
    expect(told).toEqual([expect.stringMatching(/^it was kept in another way \(8, not \d+\)$/)]);
    expect(await find(again, 'apple')).toEqual([]);
    await share(again, 'alice', file('/a/apple'));
    expect(await find(again, 'apple')).toEqual(['apple']);
    await again.close();
  });

  test('is told of neither when it is new nor when it is as it should be', async () => {
    const path = newPath();
    const told: string[] = [];
    const onEmptied = (reason: string): void => void told.push(reason);
    for (let times = 0; times < 2; times++)
      await value(await openStore(path, undefined, { onEmptied })).close();
    expect(told).toEqual([]);
  });
});
