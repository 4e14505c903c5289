import { describe, expect, test } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { LocalCopies } from '../../../../src/actors/peer/downloads/local-copies.ts';
import { createRecord, isOfKind } from '../../../../src/actors/peer/downloads/transfer-record.ts';
import { TreeDisk } from '../../../../src/actors/peer/trees/tree-disk.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import { maxSmallFileBytes } from '../../../../src/core/limits/trees.ts';
import { PartialFile } from '../../../../src/profile/partial-file.ts';
import { TestPeer } from '../../../helpers/peers.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, type TestContent } from '../../../helpers/transfer.ts';

const large = 3 * maxSmallFileBytes + 5;

/** Says of each content where it lies. */
const lying = (places: ReadonlyMap<ContentId, string>): LocalCopies => ({
  find: (ids) => Promise.resolve(new Map([...places].filter(([id]) => ids.includes(id)))),
  manifest: () => Promise.resolve(undefined),
});

/** A peer shares contents of these sizes in one folder, and another downloads that, who has them at the places given. */
async function download(
  sizes: readonly number[],
  placesOf: (contents: readonly TestContent[]) => ReadonlyMap<ContentId, string>,
) {
  const dir = tempDir();
  const out = tempDir();
  const contents = sizes.map((size, at) => makeContent(dir, `content-${at}`, size, at + 1));
  const places = placesOf(contents);
  await using seeder = await TestPeer.start();
  await using leecher = await TestPeer.start([], 8, 8, { copies: lying(places) });
  for (const [at, content] of contents.entries()) seeder.share(content, `/s/a/${at}`);
  const transfer = await leecher.downloadTree(seeder.source, '/s/a/', out);
  const view = await leecher.ended(transfer);
  await until('all are told', () => leecher.treeFiles.get(transfer)?.length === sizes.length);
  const told = (leecher.treeFiles.get(transfer) ?? []).toSorted((a, b) => a.path.localeCompare(b.path));
  const bytesAt = (at: number): Buffer => readFileSync(path.join(out, 'a', String(at)));
  expect(view.state).toBe('done');
  for (const [at, { bytes }] of contents.entries()) expect(bytesAt(at).equals(bytes)).toBe(true);
  expect(readdirSync(out)).toEqual(['a']);
  return { contents, out, places, view, told };
}

/** As an earlier run of the download of this folder does. */
async function beginIn(leecher: TestPeer, seeder: TestPeer, outDir: string, id: ContentId): Promise<void> {
  const target = { kind: 'tree', source: seeder.source, path: '/s/a/' } as const;
  const record = createRecord(1, { target, outDir, bytesPerSecond: 0 }, 0);
  if (!isOfKind(record, 'tree')) throw new Error('It is a folder');
  const opened = await TreeDisk.open({
    args: { transfers: leecher.pool, record, library: undefined },
    earlier: undefined,
    report: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.problem.message);
  opened.value.begun(id);
  await opened.value.stop();
}

describe('files of a tree that lie elsewhere on this machine', () => {
  test('are copied and not fetched, whatever their size, and are files of their own', async () => {
    const { told, view, out, contents } = await download([4096, large, 100], ([small, big]) => {
      return new Map([
        [small!.id, small!.filePath],
        [big!.id, big!.filePath],
      ]);
    });
    expect(told.map(({ isCopy, fetchedBytes, sources }) => [isCopy, fetchedBytes, sources])).toEqual([
      [true, 0, 0],
      [true, 0, 0],
      [undefined, 100, 1],
    ]);
    expect(view).toMatchObject({ fetchedBytes: 100, doneBytes: 4096 + large + 100 });
    for (const at of [0, 1]) {
      const copy = path.join(out, 'a', String(at));
      expect(statSync(copy).nlink).toBe(1);
      writeFileSync(copy, 'another');
      expect(readFileSync(contents[at]!.filePath).equals(contents[at]!.bytes)).toBe(true);
    }
  });

  test.each([
    [
      'has changed',
      (file: string, { bytes }: TestContent) =>
        writeFileSync(
          file,
          bytes.map((byte) => byte ^ 1),
        ),
    ],
    ['has another size', (file: string) => writeFileSync(file, 'short')],
    ['is gone', () => undefined],
    ['is a folder', (file: string) => mkdirSync(file)],
    ['is a link', (file: string, { filePath }: TestContent) => symlinkSync(filePath, file)],
  ])('are fetched where one %s', async (_, spoil) => {
    const elsewhere = tempDir();
    const { told } = await download([4096, large], (contents) => {
      return new Map(
        contents.map((content, at) => {
          const file = path.join(elsewhere, String(at));
          spoil(file, content);
          return [content.id, file];
        }),
      );
    });
    expect(told.map(({ isCopy, fetchedBytes }) => [isCopy, fetchedBytes])).toEqual([
      [undefined, 4096],
      [undefined, large],
    ]);
  });

  test.each([
    ['nothing is left of what this folder had of them', true],
    ['what another download has of them in the same folder stays', false],
  ])('are copied: %s', async (_, isOurs) => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'large', 3 * 1024 * 1024);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start([], 8, 8, {
      copies: lying(new Map([[content.id, content.filePath]])),
    });
    seeder.share(content, '/s/a/large');
    const partial = await PartialFile.open(out, content.id, content.manifest);
    if (!partial.ok) throw new Error(partial.problem.message);
    await partial.value.close(true);
    if (isOurs) await beginIn(leecher, seeder, out, content.id);
    const transfer = await leecher.downloadTree(seeder.source, '/s/a/', out);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', fetchedBytes: 0 });
    expect(existsSync(partial.value.path)).toBe(!isOurs);
  });

  test('that are there twice in the tree are copied both times', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'twice', 4096, 1);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start([], 8, 8, {
      copies: lying(new Map([[content.id, content.filePath]])),
    });
    seeder.share(content, '/s/a/1');
    seeder.share(content, '/s/a/2');
    const out = tempDir();
    const transfer = await leecher.downloadTree(seeder.source, '/s/a/', out);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', fetchedBytes: 0 });
    expect(readdirSync(path.join(out, 'a')).toSorted()).toEqual(['1', '2']);
  });
});
