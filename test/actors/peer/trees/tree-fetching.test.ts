import { expect, jest, test } from '@jest/globals';
import { TreeDivision } from '../../../../src/actors/peer/trees/tree-division.ts';
import { TreeFetching, type FetchingNeeds } from '../../../../src/actors/peer/trees/tree-fetching.ts';
import { TreeFiles } from '../../../../src/actors/peer/trees/tree-files.ts';
import type { Problem } from '../../../../src/core/result.ts';
import type { ActorContext } from '../../../../src/actors/runtime/index.ts';
import type { TreeArgs, TreeMessage } from '../../../../src/actors/peer/trees/tree-messages.ts';
import type { TreeSupplies } from '../../../../src/actors/peer/trees/tree-supplies.ts';
import type { PeerId } from '../../../../src/core/ids.ts';
import { idOf } from '../../../helpers/download-bench.ts';

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
  new TreeFetching(needs).wrote({
    ...{ named: [], written: [], copiedBytes: 0 },
    failed: [{ file: 0, problem, isDisk: true }],
  });
  expect([blocked, looking?.stage]).toEqual([[problem], 'wanted']);
});

test('a file given up for a peer that is gone by then is looked for elsewhere where its own is asked no more', () => {
  const files = new TreeFiles();
  const [from, to] = ['giver', 'gone'] as PeerId[];
  const open = files.add({
    id: idOf(1),
    path: '/s/x',
    sizeBytes: 1,
    folders: [],
    name: 'x',
    problem: undefined,
  });
  open.stage = 'wanted';
  open.from = from;
  const asked: unknown[] = [];
  const ctx = { ask: (_of: unknown, question: unknown) => void asked.push(question) };
  const main = { source: { peer: 'main' }, isBanned: true, isReady: false };
  const supplies = { main, of: () => undefined } as unknown as TreeSupplies;
  const args = {} as TreeArgs;
  const division = new TreeDivision(ctx as unknown as ActorContext<TreeMessage>, args, { files, supplies });
  const needs = { ctx, args, files, supplies, division } as unknown as FetchingNeeds;
  const outcome = { ok: true, value: [open.file] } as const;
  new TreeFetching(needs).dropped({ type: 'dropped', from: from!, to: to!, files: [open], outcome });
  expect(asked).toEqual([{ type: 'sources', ids: [open.id] }]);
  expect(open).toMatchObject({ stage: 'content', from: undefined });
});

test('a copy that goes on is no standing still', () => {
  const moved = jest.fn();
  const needs = { args: { library: undefined }, files: new TreeFiles(), progress: { moved } };
  const fetching = new TreeFetching(needs as unknown as FetchingNeeds);
  const nothing = { named: [], written: [], failed: [] };
  fetching.wrote({ ...nothing, copiedBytes: 0 });
  expect(moved).not.toHaveBeenCalled();
  fetching.wrote({ ...nothing, copiedBytes: 1 });
  expect(moved).toHaveBeenCalledTimes(1);
});
