import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashFiles, type HashedFile } from '../../src/workers/hash-files.ts';
import { tempDir } from '../helpers/temp-dir.ts';

test('files are hashed on other threads, with a result for each', async () => {
  const dir = tempDir();
  const file = (index: number): string => path.join(dir, `file-${index}`);
  const paths = Array.from({ length: 20 }, (_, index) => file(index));
  for (const each of paths) writeFileSync(each, path.basename(each).slice(0, 6));
  const missing = path.join(dir, 'missing');
  const results: HashedFile[] = [];
  await hashFiles([...paths, missing], (result) => results.push(result), new AbortController().signal);
  expect(new Set(results.map((result) => result.path))).toEqual(new Set([...paths, missing]));
  const byPath = new Map(results.map((result) => [result.path, result.outcome]));
  expect(byPath.get(missing)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  expect(byPath.get(file(1))).toMatchObject({ ok: true, value: { sizeBytes: 6 } });
  expect(byPath.get(file(10))).toEqual(byPath.get(file(1)));
  expect(byPath.get(file(2))).not.toEqual(byPath.get(file(1)));
});

test('hashing that is stopped tells nothing more and ends', async () => {
  const stop = new AbortController();
  stop.abort();
  const results: HashedFile[] = [];
  await hashFiles([path.join(tempDir(), 'x')], (result) => results.push(result), stop.signal);
  expect(results).toEqual([]);
});
