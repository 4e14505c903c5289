import { expect, test } from '@jest/globals';
import { TreeFetching, type FetchingNeeds } from '../../../src/actors/peer/tree-fetching.ts';
import { TreeFiles } from '../../../src/actors/peer/tree-files.ts';
import type { Problem } from '../../../src/core/result.ts';
import { idOf } from '../../helpers/download-bench.ts';

test('a file that is told of twice before it has come does not wait for itself, and others wait for it', () => {
  const files = new TreeFiles();
  const [first, second] = ['x', 'y'].map((name) =>
    files.add({ id: idOf(1), path: `/s/${name}`, sizeBytes: 1, folders: [], name, problem: undefined }),
  );
  expect([files.lead(first!), files.lead(first!)]).toEqual([{ leads: true }, { leads: true }]);
  expect(files.lead(second!)).toEqual({ leads: false, path: undefined });
  expect(files.done(first!, '/out/x')).toEqual([second]);
  expect(files.lead(second!)).toEqual({ leads: false, path: '/out/x' });
});

test('a file that the disk refused is among those that are looked at again with it', () => {
  const files = new TreeFiles();
  const [looking] = [1].map((seed) =>
    files.add({ id: idOf(seed), path: '/s/x', sizeBytes: 1, folders: [], name: 'x', problem: undefined }),
  );
  const blocked: Problem[] = [];
  const needs = {
    args: { library: undefined },
    files,
    blocked: (problem: Problem) => blocked.push(problem),
  } as unknown as FetchingNeeds;
  const problem = { code: 'io', message: 'The file system is read-only' } as const;
  new TreeFetching(needs).wrote({ named: [], written: [], failed: [{ file: 0, problem, isDisk: true }] });
  expect([blocked, looking?.stage]).toEqual([[problem], 'wanted']);
});
