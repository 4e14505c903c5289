import { expect, test } from '@jest/globals';
import { TreeFiles } from '../../../src/actors/peer/tree-files.ts';
import type { TreeArgs } from '../../../src/actors/peer/tree-messages.ts';
import { TreeProgress } from '../../../src/actors/peer/tree-progress.ts';
import type { TreeContents } from '../../../src/actors/peer/tree-contents.ts';
import type { TreeSupplies } from '../../../src/actors/peer/tree-supplies.ts';
import { createRecord } from '../../../src/actors/peer/transfer-record.ts';
import { maxTreeFilesPerEvent } from '../../../src/core/limits/trees.ts';
import { idOf } from '../../helpers/download-bench.ts';

type Told = { readonly type: string; readonly files?: readonly { readonly path: string }[] };

function argsOf(events: Told[]): TreeArgs {
  const source = { peer: 'peer', host: '127.0.0.1', port: 1 };
  const target = { kind: 'tree', source, path: '/s/' };
  const request = { target, outDir: '/out', bytesPerSecond: 0 } as unknown as Parameters<
    typeof createRecord
  >[1];
  return {
    record: createRecord(7, request, 0),
    host: { tell: (event: Told) => events.push(event) },
    now: () => 0,
  } as unknown as TreeArgs;
}

test('files that end together are told of each once, in order, a bounded number in one event', () => {
  const events: Told[] = [];
  const args = argsOf(events);
  const files = new TreeFiles();
  const contents = { count: () => undefined, records: [], isIdle: true } as unknown as TreeContents;
  const supplies = { isReady: true, queuePosition: 0, sending: 1, main: {} } as unknown as TreeSupplies;
  const progress = new TreeProgress(args, files, contents, supplies);
  const paths = Array.from({ length: 2 * maxTreeFilesPerEvent + 3 }, (_, at) => `/s/${at}`);
  for (const path of paths) {
    const listed = { id: idOf(1), path, sizeBytes: 1, folders: ['s'], name: path, problem: undefined };
    files.done(files.add(listed), `/out${path}`);
  }
  progress.show({ obstacle: undefined, isListed: true, isFinishing: false, isOver: false });
  const told = events.flatMap(({ type, files: some }) => (type === 'tree-files' && some ? [some] : []));
  expect(told.flat().map(({ path }) => path)).toEqual(paths);
  expect(told.map(({ length }) => length)).toEqual([maxTreeFilesPerEvent, maxTreeFilesPerEvent, 3]);
});

test.each([
  ['nobody is known and nothing under way', {}, true, 'Nobody who is online has it'],
  ['its peer is connected', { isReady: true }, true, 'Who has it has sent nothing so far'],
  ['its peer is being dialled', { isDialling: true }, true, 'Who has it has sent nothing so far'],
  ['larger files are being fetched', {}, false, 'Who has it has sent nothing so far'],
  ['its peer is lost', { main: { problem: { code: 'closed', message: 'lost' } } }, true, 'lost'],
])('a folder that is given up while %s says why', (_what, supplies, isIdle, reason) => {
  const all = { isReady: false, isDialling: false, main: {}, ...supplies } as unknown as TreeSupplies;
  const contents = { isIdle } as unknown as TreeContents;
  const progress = new TreeProgress(argsOf([]), new TreeFiles(), contents, all);
  expect(progress.waitingFor(undefined).message).toBe(reason);
});

test.each([
  ['waits for the time at which its peer is dialled', { nextAttemptMs: 5_000 }, 'waiting'],
  ['looks for others where its peer is asked for nothing more', { isBanned: true }, 'finding'],
])('a folder %s', (_what, peer, state) => {
  const main = { problem: { code: 'piece-mismatch', message: 'wrong' }, ...peer };
  const supplies = { isReady: false, isDialling: false, queuePosition: 0, sending: 0, main };
  const contents = { count: () => undefined, records: [], isIdle: true, nextWaiting: undefined };
  const args = argsOf([]);
  const progress = new TreeProgress(
    args,
    new TreeFiles(),
    contents as unknown as TreeContents,
    supplies as unknown as TreeSupplies,
  );
  progress.show({ obstacle: undefined, isListed: true, isFinishing: false, isOver: false });
  expect(args.record.state).toBe(state);
  expect(args.record.nextAttemptMs !== undefined).toBe(state === 'waiting');
});
