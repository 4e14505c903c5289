import { chmodSync, constants, readFileSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { copyVerified, writeNew } from '../../../src/workers/jobs/disk-files.ts';
import { TreeReports } from '../../../src/workers/jobs/tree-reports.ts';
import type { WriterReport } from '../../../src/workers/tree-contract.ts';
import { copyReportBytes } from '../../../src/core/limits/trees.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent } from '../../helpers/transfer.ts';

/** Carries over what cloning does, on any file system. */
const clone = (from: string, to: string): Promise<void> => copyFile(from, to, constants.COPYFILE_EXCL);
const refused = (): Promise<void> => Promise.reject(new Error('This file system cannot'));

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
