import { expect, test } from '@jest/globals';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NewFolders, type StagedFile } from '../../../../src/workers/jobs/disk/new-folder.ts';
import { Placer } from '../../../../src/workers/jobs/disk/placer.ts';
import { TreeNaming } from '../../../../src/workers/jobs/disk/tree-naming.ts';
import { TreeReports } from '../../../../src/workers/jobs/disk/tree-reports.ts';
import type { PlacedFile, WriterReport } from '../../../../src/workers/tree-contract.ts';
import { idOf } from '../../../helpers/download-bench.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

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

test('the very file that somebody else has brought meanwhile is not put beside it, and another is', async () => {
  const [outDir, staging] = [tempDir(), tempDir()];
  const told: WriterReport[] = [];
  const reports = new TreeReports(async (report) => void told.push(report));
  const newFolders = new NewFolders();
  const naming = new TreeNaming({ outDir, placer: new Placer(outDir), newFolders, reports });
  const folder = path.join(outDir, 'new');
  mkdirSync(folder);
  const hide = (file: number, name: string): StagedFile => {
    const { id, filePath, bytes } = makeContent(staging, `${name}-${file}`, 4, file);
    return {
      placed: { ...placed(file, name), id, sizeBytes: bytes.length },
      path: filePath,
      manifest: undefined,
    };
  };
  const [same, other] = [hide(1, 'same'), hide(2, 'other')];
  copyFileSync(same.path, path.join(folder, 'same'));
  writeFileSync(path.join(folder, 'other'), 'mine');
  naming.nameLater([same, other]);
  await naming.done;
  expect(readdirSync(folder).sort()).toEqual(['other', 'other (1)', 'same']);
  expect(readFileSync(path.join(folder, 'other'), 'utf8')).toBe('mine');
  expect(readdirSync(staging)).toEqual([]);
  expect(told.flatMap(({ written }) => written.map((each) => each.path))).toEqual([
    path.join(folder, 'same'),
    path.join(folder, 'other (1)'),
  ]);
});
