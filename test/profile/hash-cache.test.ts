import { afterEach, describe, expect, test } from '@jest/globals';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { contentIdOf } from '../../src/content/content-id.ts';
import { ManifestHasher } from '../../src/content/manifest-hasher.ts';
import type { FileStamp } from '../../src/core/share/file-stamp.ts';
import { openDatabase } from '../../src/profile/database.ts';
import { HashCache, type CachedFile } from '../../src/profile/hash-cache.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const dayMs = 86_400_000;
const open: DatabaseSync[] = [];

function openAt(file: string): DatabaseSync {
  const opened = openDatabase(file);
  if (!opened.ok) throw new Error(opened.problem.message);
  open.push(opened.value);
  return opened.value;
}
afterEach(() => {
  for (const database of open.splice(0)) if (database.isOpen) database.close();
});

const stampOfFile = (inode: string, sizeBytes = 3): FileStamp => ({
  device: '18446744073709551615',
  inode,
  sizeBytes,
  mtimeNs: '1790000000123456789',
});

function cached(text: string, inode: string): CachedFile {
  const bytes = new TextEncoder().encode(text);
  const hasher = new ManifestHasher(bytes.length);
  hasher.update(bytes);
  const manifest = hasher.finish();
  return { stamp: stampOfFile(inode, bytes.length), id: contentIdOf(manifest), manifest };
}

describe('the hash cache', () => {
  test('knows a file by its stamp, over restarts, and not when any part of the stamp differs', () => {
    const file = path.join(tempDir(), 'db');
    const one = cached('one', '9223372036854775809');
    const database = openAt(file);
    new HashCache(database).putAll([one]);
    database.close();
    const cache = new HashCache(openAt(file));
    const others = [
      { ...one.stamp, device: '1' },
      { ...one.stamp, inode: '1' },
      { ...one.stamp, sizeBytes: 4 },
      { ...one.stamp, mtimeNs: '1790000000123456788' },
    ];
    expect(cache.findAll([one.stamp, ...others])).toEqual([
      one.id,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(cache.manifest(one.id)).toEqual(one.manifest);
  });

  test('replaces what a stamp had, and keeps one manifest for several files', () => {
    const cache = new HashCache(openAt(path.join(tempDir(), 'db')));
    const [one, two] = [cached('one', '1'), cached('two', '1')];
    cache.putAll([one, { ...one, stamp: stampOfFile('2') }]);
    cache.putAll([two]);
    expect(cache.findAll([stampOfFile('1'), stampOfFile('2')])).toEqual([two.id, one.id]);
    expect(cache.manifest(one.id)).toEqual(one.manifest);
  });

  test('gives no manifest that does not belong to its id', () => {
    const database = openAt(path.join(tempDir(), 'db'));
    const cache = new HashCache(database);
    const one = cached('one', '1');
    cache.putAll([one]);
    database.prepare('UPDATE manifest SET leaves = ?').run(new Uint8Array(32));
    expect(cache.manifest(one.id)).toBeUndefined();
    cache.putAll([one]);
    expect(cache.manifest(one.id)).toEqual(one.manifest);
  });

  test('forgets files not seen for long, and their manifests, but not those seen since', () => {
    let nowMs = 1000 * dayMs;
    const cache = new HashCache(openAt(path.join(tempDir(), 'db')), () => nowMs);
    const [old, kept] = [cached('old', '1'), cached('kept', '2')];
    cache.putAll([old, kept]);
    nowMs += 80 * dayMs;
    cache.findAll([kept.stamp]);
    nowMs += 20 * dayMs;
    cache.prune(90);
    expect(cache.findAll([old.stamp, kept.stamp])).toEqual([undefined, kept.id]);
    expect(cache.manifest(old.id)).toBeUndefined();
    expect(cache.manifest(kept.id)).toEqual(kept.manifest);
  });

  test('keeps no more files than it may', () => {
    let nowMs = 0;
    const cache = new HashCache(openAt(path.join(tempDir(), 'db')), () => nowMs);
    const files = ['a', 'b', 'c', 'd'].map((text, index) => cached(text, String(index)));
    for (const file of files) {
      cache.putAll([file]);
      nowMs += dayMs;
    }
    cache.prune(1000, 2);
    expect(cache.findAll(files.map(({ stamp }) => stamp))).toEqual([
      undefined,
      undefined,
      files[2]?.id,
      files[3]?.id,
    ]);
  });
});
