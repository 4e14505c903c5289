import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maxSearchHits } from '../../../src/core/limits/stores.ts';
import { openReader, openStore } from '../../../src/store/open-store.ts';
import { pages } from '../contract-pages.ts';
import { arrival, code, content, file, find, peer, share, stateOf, value } from '../files.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-reader-'));
afterAll(() => rmSync(folder, { recursive: true }));
let made = 0;
const newPath = (): string => join(folder, `${(made += 1)}.sqlite`);

describe('a reader beside the writer', () => {
  test('sees what has been done as soon as it is done', async () => {
    const path = newPath();
    const store = value(await openStore(path));
    const reader = value(await openReader(path));
    expect(await find(reader, 'apple')).toEqual([]);
    await share(store, 'alice', file('/a/apple'));
    expect(await find(reader, 'apple')).toEqual(['apple']);
    expect(await reader.findPeer('alice')).toMatchObject({ files: 1 });
    await store.detach([peer('alice')], 1);
    expect(await find(reader, 'apple')).toEqual([]);
    expect((await reader.holders([content('/a/apple')], 9))[0]?.sources).toEqual([]);
    expect((await reader.peers(undefined, 9)).peers).toEqual([]);
    value(await store.attach(arrival('alice'), 2));
    expect(await find(reader, 'apple')).toEqual(['apple']);
    expect(await reader.stats()).toEqual(await store.stats());
    await reader.close();
    await store.close();
  });

  test('looks at so many rows of those who left for one page, and goes on with the next', async () => {
    const path = newPath();
    const store = value(await openStore(path));
    await share(store, 'alice', file('/a/one song.mp3'));
    const gone = Array.from({ length: maxSearchHits }, (_, at) => file(`/b/song ${at}.mp3`));
    await share(store, 'bob', ...gone);
    await store.detach([peer('bob')], 1);
    const reader = value(await openReader(path));
    expect(await pages(reader, 'song', 50)).toEqual([[], ['one song.mp3']]);
    await share(store, 'carol', file('/c/new song.mp3'));
    expect(await pages(reader, 'song', 50)).toEqual([['new song.mp3'], ['one song.mp3']]);
    await reader.close();
    await store.close();
  });

  test.each(['memory:', 'postgres://x'])('cannot be had for %s', async (url) => {
    expect(code(await openReader(url))).toBe('bad-request');
  });

  test('needs a catalogue that is there', async () => {
    const path = newPath();
    expect(code(await openReader(path))).toBe('io');
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'no database');
    expect(code(await openReader(path))).toBe('io');
  });
});

describe('a backup', () => {
  test('is a catalogue with everything that was in it, made while it changes', async () => {
    const store = value(await openStore(newPath()));
    const files = Array.from({ length: 3_000 }, (_, at) => file(`/a/song ${at} of many others.mp3`));
    await share(store, 'alice', ...files);
    value(await store.commit(peer('alice'), stateOf(files, 3)));
    const path = newPath();
    const backup = store.backup(path);
    await share(store, 'bob', file('/b/late.txt'));
    value(await backup);
    const copy = value(await openStore(path));
    expect(value(await copy.attach(arrival('alice'), 5))).toMatchObject({ generation: 3, count: 3_000 });
    expect(await find(copy, 'song 1234')).toEqual(['song 1234 of many others.mp3']);
    await copy.close();
    await store.close();
  });

  const onPosix = process.platform === 'win32' ? test.skip : test;
  onPosix('is readable by nobody else, as the catalogue is', async () => {
    const store = value(await openStore(newPath()));
    const path = newPath();
    value(await store.backup(path));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await store.close();
  });

  test('that cannot be written leaves nothing behind', async () => {
    const store = value(await openStore(newPath()));
    expect(code(await store.backup(join(folder, 'missing', 'copy')))).toBe('io');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
    await store.close();
  });
});
