import { describe, expect, test } from '@jest/globals';
import { HashQueue } from '../../../../src/actors/peer/library/hash-queue.ts';
import type { KnownFile } from '../../../../src/actors/peer/library/known-file.ts';
import { ShareTable } from '../../../../src/actors/peer/library/share-table.ts';
import {
  hashBackoffMs,
  hashBatchBytes,
  hashBatchFiles,
  maxHashAttempts,
} from '../../../../src/core/limits/library.ts';

const table = new ShareTable(
  () => undefined,
  () => undefined,
);
let made = 0;

function file(sizeBytes = 1, quietSinceMs = 0): KnownFile {
  made += 1;
  const stamp = { device: '1', inode: made, sizeBytes, mtimeSeconds: 0, mtimeNs: 1 };
  const found = { name: `file-${made}`, linkedTo: undefined, ...stamp, quietSinceMs };
  const [sighting] = table.see({ root: '/d', filePath: '/d', path: '/s/' }, [found], made);
  if (!sighting || !('file' in sighting)) throw new Error('Expected a file');
  return sighting.file;
}

describe('the hash queue', () => {
  test('gives quiet files at once, in their order, and others when they have been quiet', () => {
    const queue = new HashQueue(100);
    const [old, young, older] = [file(1, 0), file(1, 950), file(1, 0)];
    for (const each of [old, young, older]) queue.remains(each, 1000);
    expect(queue.take(1000)).toEqual([old, older]);
    expect(queue.nextDueMs).toBe(1050);
    expect(queue.take(1049)).toEqual([]);
    expect(queue.take(1050)).toEqual([young]);
    expect(queue.nextDueMs).toBeUndefined();
  });

  test('waits for a file from the future as though it had changed just now', () => {
    const queue = new HashQueue(100);
    const future = file(1, 999_999);
    queue.remains(future, 1000);
    expect(queue.nextDueMs).toBe(1100);
    expect(queue.take(1100)).toEqual([future]);
  });

  test('puts small files together and large ones alone', () => {
    const queue = new HashQueue(0);
    const large = file(hashBatchBytes * 10);
    const small = Array.from({ length: hashBatchFiles + 1 }, () => file(10));
    for (const each of [large, ...small]) queue.remains(each, 1);
    expect(queue.take(1)).toEqual([large]);
    expect(queue.take(1)).toEqual(small.slice(0, hashBatchFiles));
    expect(queue.take(1)).toEqual(small.slice(hashBatchFiles));
    expect(queue.take(1)).toEqual([]);
  });

  test('goes on where it was when files come, go and come back', () => {
    const queue = new HashQueue(0);
    const [first, large, third, fourth] = [file(1), file(hashBatchBytes), file(1), file(1)];
    for (const each of [first, large, third]) queue.remains(each, 1);
    expect(queue.take(1)).toEqual([first]);
    queue.forget(large);
    queue.remains(large, 1);
    queue.remains(fourth, 1);
    expect(queue.take(1)).toEqual([third]);
    expect(queue.take(1)).toEqual([large]);
    expect(queue.take(1)).toEqual([fourth]);
    expect(queue.take(1)).toEqual([]);
    queue.release([first]);
    queue.remains(first, 1);
    expect(queue.take(1)).toEqual([first]);
  });

  test('counts what is outstanding until it is released', () => {
    const queue = new HashQueue(100);
    const [a, b] = [file(5, 0), file(7, 1000)];
    for (const each of [a, b]) queue.remains(each, 1000);
    expect(queue.outstanding).toEqual({ files: 2, bytes: 12 });
    const taken = queue.take(1000);
    expect(queue.outstanding).toEqual({ files: 2, bytes: 12 });
    queue.release(taken);
    queue.forget(b);
    expect(queue.outstanding).toEqual({ files: 0, bytes: 0 });
  });

  test('has a file once, active or not', () => {
    const queue = new HashQueue(0);
    const one = file();
    queue.remains(one, 1);
    queue.remains(one, 1);
    expect(queue.take(1)).toEqual([one]);
    queue.remains(one, 1);
    expect(queue.take(1)).toEqual([]);
  });

  test('tries a file again later and later, and then no more until somebody asks', () => {
    const queue = new HashQueue(0);
    const one = file();
    queue.remains(one, 0);
    const dues: (number | undefined)[] = [];
    for (let attempt = 1; attempt < maxHashAttempts; attempt++) {
      queue.release(queue.take(1e9));
      expect(queue.failed(one, 0)).toBe(true);
      dues.push(queue.nextDueMs);
    }
    expect(dues).toEqual([1, 2, 4, 8].map((times) => times * hashBackoffMs));
    queue.release(queue.take(1e9));
    expect(queue.failed(one, 0)).toBe(false);
    expect(queue.nextDueMs).toBeUndefined();
    queue.remains(one, 0);
    expect(queue.take(0)).toEqual([one]);
  });
});
