import { expect, test } from '@jest/globals';
import { TreeFiles } from '../../../../src/actors/peer/trees/tree-files.ts';
import type { TreeArgs } from '../../../../src/actors/peer/trees/tree-messages.ts';
import { TreeProgress } from '../../../../src/actors/peer/trees/tree-progress.ts';
import type { TreeContents } from '../../../../src/actors/peer/trees/tree-contents.ts';
import type { TreeSupplies } from '../../../../src/actors/peer/trees/tree-supplies.ts';
import { createRecord } from '../../../../src/actors/peer/downloads/transfer-record.ts';
import { maxTreeFilesPerEvent } from '../../../../src/core/limits/trees.ts';
import { idOf } from '../../../helpers/download-bench.ts';

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

const alice = { source: { name: 'alice' } };
const idle = {
  count: () => undefined,
  records: [],
  get states() {
    return [];
  },
  isIdle: true,
} as unknown as TreeContents;
const suppliesOf = (some: object): TreeSupplies =>
  ({ ready: [], called: [], queuePosition: 0, sending: 0, main: alice, ...some }) as unknown as TreeSupplies;

test('files that end together are told of each once, in order, a bounded number in one event', () => {
  const events: Told[] = [];
  const args = argsOf(events);
  const files = new TreeFiles();
  const progress = new TreeProgress(args, files, idle, suppliesOf({ sending: 1 }));
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
  ['its peer is called', { called: [alice] }, true, 'alice does not answer'],
  [
    'its peer sends nothing',
    { called: [alice], ready: [{ ...alice, isSilent: true }] },
    true,
    'alice does not answer',
  ],
  ['larger files are being fetched', {}, false, 'alice does not answer'],
  ['its peer is lost', { main: { ...alice, problem: { code: 'closed', message: 'lost' } } }, true, 'lost'],
])('a folder that is given up while %s says why', (_what, supplies, isIdle, reason) => {
  const contents = { isIdle } as unknown as TreeContents;
  const progress = new TreeProgress(argsOf([]), new TreeFiles(), contents, suppliesOf(supplies));
  expect(progress.waitingFor(undefined).message).toBe(reason);
});

test.each([
  ['waits for the time at which its peer is dialled', { nextAttemptMs: 5_000 }, 'waiting'],
  ['looks for others where its peer is asked for nothing more', { isBanned: true }, 'finding'],
])('a folder %s', (_what, peer, state) => {
  const main = { ...alice, problem: { code: 'piece-mismatch', message: 'wrong' }, ...peer };
  const args = argsOf([]);
  const progress = new TreeProgress(args, new TreeFiles(), idle, suppliesOf({ main }));
  progress.show({ obstacle: undefined, isListed: true, isFinishing: false, isOver: false });
  expect(args.record.state).toBe(state);
  expect(args.record.nextAttemptMs !== undefined).toBe(state === 'waiting');
});

test.each([
  ['is called for the first time', { isCalledFirst: true, nextAttemptMs: 30_000 }, {}, 'finding', undefined],
  ['is called and does not answer', { nextAttemptMs: 30_000 }, {}, 'waiting', 'alice does not answer'],
  [
    'is called again',
    { nextAttemptMs: 30_000, problem: { code: 'timeout', message: 'alice is away' } },
    {},
    'waiting',
    'alice is away',
  ],
  [
    'sends nothing',
    { nextAttemptMs: 30_000, isSilent: true },
    { isReady: true },
    'waiting',
    'alice does not answer',
  ],
])('a folder whose peer %s says so, and until when that is awaited', (_what, peer, more, state, reason) => {
  const main = { ...alice, ...peer };
  const ready = 'isReady' in more ? [main] : [];
  const args = argsOf([]);
  const progress = new TreeProgress(args, new TreeFiles(), idle, suppliesOf({ main, called: [main], ready }));
  progress.show({ obstacle: undefined, isListed: false, isFinishing: false, isOver: false });
  expect(args.record).toMatchObject({ state, problem: reason && { message: reason } });
  expect(args.record.nextAttemptMs).toBeGreaterThan(Date.now());
});
