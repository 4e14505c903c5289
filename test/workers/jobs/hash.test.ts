import { describe, expect, jest, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { contentIdOf } from '../../../src/content/content-id.ts';
import { ManifestHasher } from '../../../src/content/manifest-hasher.ts';
import { stampOf, type FileStamp } from '../../../src/core/share/file-stamp.ts';
import { HashControl } from '../../../src/core/share/hash-control.ts';
import { hashReadBytes } from '../../../src/core/limits/pools.ts';
import type { HashOutcome } from '../../../src/workers/contract.ts';
import { outcomesOf } from '../../../src/workers/hashed-files.ts';
import { hashFiles } from '../../../src/workers/jobs/hash.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

function hash(filePath: string, expected?: FileStamp, control = new HashControl()): HashOutcome {
  const files = [{ filePath, expected }];
  const [outcome] = outcomesOf(files, hashFiles({ files, control: control.buffer }));
  if (!outcome) throw new Error('Expected an outcome');
  return outcome;
}

const stamp = (file: string): FileStamp => stampOf(statSync(file, { bigint: true }));

function fileWith(bytes: Uint8Array | string): string {
  const file = path.join(tempDir(), 'file');
  writeFileSync(file, bytes);
  return file;
}

const refused = (code: string): object => ({ ok: false, problem: { code } });

describe('the hash job', () => {
  test.each([0, 1, hashReadBytes, 2 * hashReadBytes + 12_345])(
    'gives id, manifest and stamp of a file of %d bytes, and counts them',
    (sizeBytes) => {
      const bytes = Uint8Array.from({ length: sizeBytes }, (_, index) => index * 7);
      const file = fileWith(bytes);
      const hasher = new ManifestHasher(sizeBytes);
      hasher.update(bytes);
      const manifest = hasher.finish();
      const control = new HashControl();
      expect(hash(file, stamp(file), control)).toEqual({
        ok: true,
        value: { id: contentIdOf(manifest), manifest, stamp: stamp(file) },
      });
      expect(control.hashedBytes).toBe(sizeBytes);
    },
  );

  test('gives an outcome for each file, in order', () => {
    const [first, last] = [fileWith('a'), fileWith('b')];
    const files = [
      { filePath: first, expected: stamp(first) },
      { filePath: '/nonexistent', expected: undefined },
      { filePath: last, expected: undefined },
      { filePath: last, expected: stamp(last) },
    ];
    const outcomes = [...outcomesOf(files, hashFiles({ files, control: new HashControl().buffer }))];
    expect(outcomes).toEqual(files.map(({ filePath, expected }) => hash(filePath, expected)));
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, true]);
  });

  test('reports a file that is not the one that was seen', () => {
    const file = fileWith('before');
    const seen = stamp(file);
    appendFileSync(file, 'more');
    expect(hash(file, seen)).toMatchObject(refused('stale'));
    const sameSize = fileWith('before');
    const other = stamp(sameSize);
    utimesSync(sameSize, 1, 1);
    expect(hash(sameSize, other)).toMatchObject(refused('stale'));
  });

  test('reports a file that changes while it is read, truncation included', () => {
    const file = fileWith(new Uint8Array(3 * hashReadBytes));
    for (const change of [
      () => appendFileSync(file, 'x'),
      () => truncateSync(file, 10),
      () => utimesSync(file, 5, 5),
    ]) {
      const control = new HashControl();
      let changed = false;
      // The job makes a control of its own over the same memory, so it is the class that is spied on.
      const add = jest.spyOn(HashControl.prototype, 'addHashed').mockImplementation(() => {
        if (!changed) change();
        changed = true;
      });
      expect(hash(file, undefined, control)).toMatchObject(refused('stale'));
      add.mockRestore();
    }
  });

  test('refuses what is not a regular file, without waiting for it', () => {
    const dir = tempDir();
    const fifo = path.join(dir, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const link = path.join(dir, 'link');
    symlinkSync(fileWith('x'), link);
    mkdirSync(path.join(dir, 'folder'));
    for (const name of ['fifo', 'link', 'folder'])
      expect(hash(path.join(dir, name))).toMatchObject(refused('bad-request'));
    expect(hash('/dev/zero')).toMatchObject(refused('bad-request'));
    expect(hash(path.join(dir, 'nothing'))).toMatchObject(refused('not-found'));
  });

  test('stops when told to', () => {
    const control = new HashControl();
    control.cancel();
    expect(hash(fileWith('x'), undefined, control)).toMatchObject(refused('cancelled'));
  });
});
