/** A folder that is taken off the disk while somebody still has it open. */
import { expect, jest, test } from '@jest/globals';
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  createRecord,
  isOfKind,
  type TransferRecord,
} from '../../../../src/actors/peer/downloads/transfer-record.ts';
import { discardTree, TreeDisk } from '../../../../src/actors/peer/trees/tree-disk.ts';
import type { Source } from '../../../../src/core/catalogue.ts';
import type { TreeTarget } from '../../../../src/core/engine/engine-api.ts';
import { PartialFile } from '../../../../src/profile/partial-file.ts';
import { TestPeer } from '../../../helpers/peers.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

const MiB = 1024 * 1024;

function folderOf(source: Source, outDir: string): TransferRecord<TreeTarget> {
  const target = { kind: 'tree', source, path: '/s/' } as const;
  const record = createRecord(1, { target, outDir, bytesPerSecond: 0 }, 0);
  if (!isOfKind(record, 'tree')) throw new Error('It is a folder');
  return record;
}

test('what was fetched goes once whoever has the folder open lets go of it', async () => {
  const out = tempDir();
  await using seeder = await TestPeer.start();
  await using leecher = await TestPeer.start();
  seeder.share(makeContent(tempDir(), 'a', 16 * MiB), '/s/a');
  const transfer = await leecher.downloadTree(seeder.source, '/s/', out, { bytesPerSecond: MiB });
  const hidden = path.join(out, '.shoal');
  const partials = (): string[] =>
    existsSync(hidden) ? readdirSync(hidden).filter((name) => name.endsWith('.part')) : [];
  await until('some of it lies there', () => partials().length > 0);
  const discarded = discardTree(folderOf(seeder.source, out));
  leecher.refs.downloads?.tell({ type: 'remove', transfers: [transfer], deletesData: false });
  await discarded;
  expect(existsSync(hidden)).toBe(false);
});

test('where it cannot be opened anew, what it hid before is left for nobody, and what another hides is theirs', async () => {
  const out = tempDir();
  await using peer = await TestPeer.start();
  const record = folderOf(peer.source, out);
  const open = async (earlier?: TreeDisk) =>
    TreeDisk.open({
      args: { transfers: peer.pool, record, library: undefined },
      earlier,
      report: () => undefined,
    });
  const first = await open();
  if (!first.ok) throw new Error(first.problem.message);
  const hidden = readdirSync(path.join(out, '.shoal')).filter((name) => name.endsWith('.tree'));
  expect(hidden).toHaveLength(1);
  const known = record.folder;
  record.folder = { device: '0', inode: '0' };
  expect(await open(first.value)).toMatchObject({ ok: false, problem: { code: 'not-found' } });
  expect(readdirSync(out)).toEqual([]);
  record.folder = known;
  const other = await open();
  if (!other.ok) throw new Error(other.problem.message);
  expect(await open(first.value)).toMatchObject({ ok: false, problem: { code: 'busy' } });
  expect(readdirSync(path.join(out, '.shoal'))).toEqual(expect.arrayContaining(hidden));
  await other.value.stop();
});

test('what a content leaves that is late to end is found, however long the folder has been given up', async () => {
  const out = tempDir();
  await using peer = await TestPeer.start();
  const record = folderOf(peer.source, out);
  const options = {
    args: { transfers: peer.pool, record, library: undefined },
    earlier: undefined,
    report: () => undefined,
  };
  const opened = await TreeDisk.open(options);
  if (!opened.ok) throw new Error(opened.problem.message);
  const { id, manifest } = makeContent(tempDir(), 'a', 3 * MiB);
  opened.value.begun(id);
  await opened.value.settle();
  expect(await TreeDisk.open(options)).toMatchObject({ ok: false, problem: { code: 'busy' } });
  const late = await PartialFile.open(out, id, manifest);
  if (!late.ok) throw new Error(late.problem.message);
  await late.value.close(true);
  // Nor is it forgotten when the disk is opened anew while it is at work.
  const again = await TreeDisk.open({ ...options, earlier: opened.value });
  if (!again.ok) throw new Error(again.problem.message);
  await again.value.stop();
  expect(existsSync(late.value.path)).toBe(true);
  await discardTree(record);
  expect(existsSync(path.join(out, '.shoal'))).toBe(false);
});

test('what lies beside a partial file goes without it: the folder was away when it was to be made, or removed', async () => {
  const out = tempDir();
  const [hidden, away] = [path.join(out, '.shoal'), path.join(out, 'away')];
  await using peer = await TestPeer.start();
  const record = folderOf(peer.source, out);
  const options = {
    args: { transfers: peer.pool, record, library: undefined },
    earlier: undefined,
    report: () => undefined,
  };
  const { id } = makeContent(tempDir(), 'a', 1);
  for (const isBackInTime of [true, false]) {
    const opened = await TreeDisk.open(options);
    if (!opened.ok) throw new Error(opened.problem.message);
    opened.value.begun(id);
    await until('it is on the list', () =>
      readdirSync(hidden).some((name) => name.endsWith('.tree.contents')),
    );
    for (const kind of ['have', 'lock']) writeFileSync(path.join(hidden, `${id}.${kind}`), '');
    if (!isBackInTime) renameSync(hidden, away);
    await opened.value.stop();
    if (isBackInTime) continue;
    renameSync(away, hidden);
    await discardTree(record);
  }
  expect(readdirSync(out)).toEqual([]);
});

test('what a content leaves is found though the folder was away when it was begun, and when it was given up', async () => {
  const out = tempDir();
  const away = `${out}-away`;
  await using peer = await TestPeer.start();
  const record = folderOf(peer.source, out);
  const options = {
    args: { transfers: peer.pool, record, library: undefined },
    earlier: undefined,
    report: () => undefined,
  };
  const [early, late] = [makeContent(tempDir(), 'a', 3 * MiB), makeContent(tempDir(), 'b', 3 * MiB, 2)];
  const opened = await TreeDisk.open(options);
  if (!opened.ok) throw new Error(opened.problem.message);
  const listed = (): string[] =>
    readdirSync(path.join(out, '.shoal')).filter((name) => name.endsWith('.tree.contents'));
  opened.value.begun(early.id);
  await until('it is on the list', () => listed().length > 0);
  const hidden = path.join(out, '.shoal');
  renameSync(hidden, away);
  opened.value.begun(late.id);
  await opened.value.settle();
  renameSync(away, hidden);
  for (const { id, manifest } of [early, late]) {
    const partial = await PartialFile.open(out, id, manifest);
    if (!partial.ok) throw new Error(partial.problem.message);
    await partial.value.close(true);
  }
  await opened.value.stop();
  await discardTree(record);
  expect(existsSync(hidden)).toBe(false);
});

test('a thread that dies before anybody waits for it is found by who does, and ends nothing else', async () => {
  const out = tempDir();
  await using peer = await TestPeer.start();
  const record = folderOf(peer.source, out);
  const died = Promise.reject(new Error('The thread died'));
  // A rejection that nobody hears ends the program.
  const heard = jest.spyOn(died, 'then');
  const dying = { ...peer.pool, run: () => died } as unknown as typeof peer.pool;
  const args = { transfers: dying, record, library: undefined };
  const opened = await TreeDisk.open({ args, earlier: undefined, report: () => undefined });
  expect(heard).toHaveBeenCalled();
  if (!opened.ok) throw new Error(opened.problem.message);
  await expect(opened.value.over).rejects.toThrow('The thread died');
  await opened.value.stop();
});
