import { expect, test } from '@jest/globals';
import { filesRequestBytes, maxFilesPerRequest } from '../../../../src/core/limits/trees.ts';
import { WantedFiles, withdrawable } from '../../../../src/workers/jobs/fetch/wanted-files.ts';
import { idOf } from '../../../helpers/download-bench.ts';

const files = (count: number) =>
  Array.from({ length: count }, (_, file) => ({ file, id: idOf(1), sizeBytes: 1 }));

test('files wanted are given out once, in order, but for those that were taken out again', () => {
  const wanted = new WantedFiles();
  wanted.add(files(maxFilesPerRequest + 3));
  expect(wanted.next(filesRequestBytes)).toHaveLength(maxFilesPerRequest);
  expect(wanted.drop(new Set([0, maxFilesPerRequest + 1]))).toEqual([maxFilesPerRequest + 1]);
  wanted.add([{ file: 7, id: idOf(1), sizeBytes: 1 }]);
  expect(wanted.next(filesRequestBytes).map(({ file }) => file)).toEqual([
    maxFilesPerRequest,
    maxFilesPerRequest + 2,
    7,
  ]);
  expect([wanted.areAny, wanted.next(filesRequestBytes)]).toEqual([false, []]);
});

test('requests are taken back only where nothing is left that was not asked for, or nothing comes at all', () => {
  expect(withdrawable([1, 2, 3], false, true)).toEqual([]);
  expect(withdrawable([1, 2, 3], false, false)).toEqual([2, 3]);
  expect(withdrawable([1, 2, 3], true, true)).toEqual([2, 3]);
  expect(withdrawable([1, 2], true, false)).toEqual([2]);
  expect(withdrawable([1], true, false)).toEqual([1]);
});
