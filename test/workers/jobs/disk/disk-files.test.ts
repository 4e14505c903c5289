import { chmodSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import {
  copyVerified,
  realDisk,
  writeNew,
  type CopyDisk,
} from '../../../../src/workers/jobs/disk/disk-files.ts';
import { TreeReports } from '../../../../src/workers/jobs/disk/tree-reports.ts';
import type { WriterReport } from '../../../../src/workers/tree-contract.ts';
import { copyReportBytes } from '../../../../src/core/limits/trees.ts';
import { atRest, until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

/** Carries over what cloning does, on any file system. */
const clone: CopyDisk = {
  ...realDisk,
  clone: (from, to) => copyFile(from, to, constants.COPYFILE_EXCL),
};
const refused: CopyDisk = {
  ...clone,
  clone: () => Promise.reject(new Error('This file system cannot')),
};

test.each([
  ['a small one', 4096, refused],
  ['a large one', 1024 * 1024 + 5, refused],
  ['one that is cloned', 1024 * 1024 + 5, clone],
])(
  'a copy may be written and run by those who may any new file, whatever the other: %s',
  async (_, size, way) => {
    const dir = tempDir();
    const { id, filePath, bytes } = makeContent(dir, 'content', size);
    const [copy, anyNew] = [path.join(dir, 'copy'), path.join(dir, 'new')];
    writeNew(anyNew, new Uint8Array(1));
    for (const mode of [0o4777, 0o400]) {
      chmodSync(filePath, mode);
      const to = `${copy}-${mode}`;
      expect(await copyVerified(filePath, to, { file: 0, id, sizeBytes: size }, {}, way)).toBeDefined();
      expect(readFileSync(to).equals(bytes)).toBe(true);
      expect(statSync(to).mode).toBe(statSync(anyNew).mode);
    }
  },
);

test.each([
  ['written anew', refused],
  ['cloned', clone],
])('a large copy tells how it goes on: %s', async (_, way) => {
  const size = 3 * 1024 * 1024 + 5;
  const dir = tempDir();
  const { id, filePath } = makeContent(dir, 'content', size);
  const parts: number[] = [];
  const reading = { moved: (bytes: number) => void parts.push(bytes) };
  await copyVerified(filePath, path.join(dir, 'copy'), { file: 0, id, sizeBytes: size }, reading, way);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.reduce((sum, bytes) => sum + bytes)).toBe(size);
});

test('how a copy goes on is reported while it is under way, though not every part', () => {
  const told: WriterReport[] = [];
  const reports = new TreeReports((report) => Promise.resolve(told.push(report)));
  reports.copied(copyReportBytes - 1);
  expect(told).toEqual([]);
  reports.copied(1);
  reports.copied(1);
  expect(told).toEqual([{ named: [], written: [], failed: [], copiedBytes: copyReportBytes }]);
});

/** A disk that answers one of its questions only when it is told to. */
function hangingDisk(where: 'lstat' | 'open' | 'read' | 'readStart') {
  const { promise: goesOn, resolve: answer } = Promise.withResolvers<void>();
  const handles: FileHandle[] = [];
  const asked: (typeof where)[] = [];
  const ask = async (what: typeof where): Promise<void> => {
    asked.push(what);
    if (what === where) await goesOn;
  };
  const disk: CopyDisk = {
    ...refused,
    lstat: (file) => ask('lstat').then(() => refused.lstat(file)),
    readStart: (file, into) => ask('readStart').then(() => refused.readStart(file, into)),
    open: async (...args) => {
      await ask('open');
      const handle = await open(...args);
      handles.push(handle);
      const read = handle.read.bind(handle) as (...of: unknown[]) => Promise<unknown>;
      return Object.assign(handle, { read: (...of: unknown[]) => ask('read').then(() => read(...of)) });
    },
  };
  return { disk, answer, handles, asked };
}

const large = 1024 * 1024 + 5;

test.each([
  ['readStart', 4096],
  ['lstat', large],
  ['open', large],
  ['read', large],
] as const)('a disk that hangs at its %s is not waited for by who gives up', async (where, size) => {
  const dir = tempDir();
  const { id, filePath } = makeContent(dir, 'content', size);
  const to = path.join(dir, 'copy');
  const { disk, answer, handles, asked } = hangingDisk(where);
  const given = new AbortController();
  const copying = copyVerified(filePath, to, { file: 0, id, sizeBytes: size }, given, disk);
  await until('it hangs', () => asked.includes(where));
  given.abort(new Error('given up'));
  await expect(copying).rejects.toThrow('given up');
  const next = hangingDisk('read');
  next.answer();
  const other = copyVerified(filePath, `${to}-2`, { file: 1, id, sizeBytes: size }, {}, next.disk);
  await atRest(() => next.asked.length);
  expect(next.asked).toEqual([]);
  answer();
  expect(await other).toBeDefined();
  await until('what was opened is closed', () => handles.every(({ fd }) => fd === -1));
  // What it had begun of it is its folder's, who gave up.
  if (where !== 'read') expect(existsSync(to)).toBe(false);
});

test('who copies from a disk that hangs hears of it, and nothing more is copied while it does', async () => {
  const dir = tempDir();
  const { id, filePath } = makeContent(dir, 'content', 4096);
  const { disk, answer } = hangingDisk('readStart');
  const wanted = { file: 0, id, sizeBytes: 4096 };
  const copying = copyVerified(filePath, path.join(dir, 'copy'), wanted, { timeoutMs: 1 }, disk);
  await expect(copying).rejects.toThrow('does not answer');
  const other = (): Promise<unknown> => copyVerified(filePath, path.join(dir, 'other'), wanted, {}, refused);
  await expect(other()).rejects.toThrow('has not answered yet');
  answer();
  await until('it has come back', () =>
    other().then(
      (copied) => copied !== undefined,
      () => false,
    ),
  );
});
