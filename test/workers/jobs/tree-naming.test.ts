import { expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NewFolders, type StagedFile } from '../../../src/workers/jobs/new-folder.ts';
import { Placer } from '../../../src/workers/jobs/placer.ts';
import { TreeNaming } from '../../../src/workers/jobs/tree-naming.ts';
import { TreeReports } from '../../../src/workers/jobs/tree-reports.ts';
import type { PlacedFile, WriterReport } from '../../../src/workers/tree-contract.ts';
import { idOf } from '../../helpers/download-bench.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const placed = (file: number, name: string): PlacedFile => ({
  file,
  id: idOf(file),
  sizeBytes: 4,
  folders: ['new'],
  name,
});

test('a new folder never gets its name with something in it that could not be written whole', async () => {
  const [outDir, staging] = [tempDir(), tempDir()];
  const told: WriterReport[] = [];
  const reports = new TreeReports(async (report) => void told.push(report));
  const newFolders = new NewFolders();
  const naming = new TreeNaming({ outDir, placer: new Placer(outDir), newFolders, reports });
  const hidden = path.join(staging, '1');
  const [whole, torn] = [placed(1, 'whole'), placed(2, 'torn')];
  const folder = newFolders.expect(whole, () => hidden);
  newFolders.expect(torn, () => hidden);
  const staged: StagedFile = { placed: whole, path: path.join(hidden, 'whole'), manifest: undefined };
  writeFileSync(staged.path, 'good');
  folder.ready.push(staged);
  // Like a file that the disk does not let go of either.
  mkdirSync(path.join(hidden, 'torn'));
  folder.awaited = 0;
  naming.drop(path.join(hidden, 'torn'), folder);
  naming.nameWhole();
  await naming.done;
  expect(readdirSync(path.join(outDir, 'new'))).toEqual(['whole']);
  expect(readFileSync(path.join(outDir, 'new', 'whole'), 'utf8')).toBe('good');
  expect(told.flatMap(({ written }) => written.map(({ file }) => file))).toEqual([1]);
});
