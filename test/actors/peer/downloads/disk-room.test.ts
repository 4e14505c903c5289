import { describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DiskRoom, volumeOfFolder, type Volume } from '../../../../src/actors/peer/downloads/disk-room.ts';
import { createRecord, type TransferRecord } from '../../../../src/actors/peer/downloads/transfer-record.ts';
import { keyOf } from '../../../../src/actors/peer/trees/tree-disk.ts';
import { openStaging } from '../../../../src/profile/staging.ts';
import { encodeId, type ContentId, type PeerId } from '../../../../src/core/ids.ts';
import { maxDiskReserveBytes } from '../../../../src/core/limits/downloads.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const id = encodeId(new Uint8Array(32).fill(1)) as ContentId;

function record(transfer: number, outDir: string): TransferRecord {
  const target = { kind: 'content', id, name: `f${transfer}`, folders: [], sources: [] } as const;
  return createRecord(transfer, { target, outDir, bytesPerSecond: 0 }, 0);
}

/** Folders are volumes by their first letter. */
function roomOn(volumes: Readonly<Record<string, Partial<Volume>>>): DiskRoom {
  return new DiskRoom(async (folder) => {
    const device = folder.charAt(1);
    return { device, sizeBytes: 100 * MiB, freeBytes: undefined, ...volumes[device] };
  });
}

describe('room on a disk', () => {
  test('is kept for all that run on it, less what they have done, until they are released', async () => {
    const room = roomOn({ a: { freeBytes: 100 * MiB }, b: { freeBytes: 50 * MiB } });
    const [first, second, third] = [record(1, '/a/x'), record(2, '/a/y'), record(3, '/b/x')];
    expect(await room.ask(first, 60 * MiB)).toMatchObject({ ok: true });
    const refused = await room.ask(second, 50 * MiB);
    expect(refused).toMatchObject({
      ok: false,
      problem: {
        code: 'disk-full',
        message: 'Not enough space in /a/y: 50 MiB needed, 60 MiB for others that run, 100 MiB free',
      },
    });
    expect(await room.ask(third, 40 * MiB)).toMatchObject({ ok: true });
    first.doneBytes = 15 * MiB;
    expect(await room.ask(second, 50 * MiB)).toMatchObject({ ok: true });
    expect(await room.ask(first, 60 * MiB)).toMatchObject({ ok: false });
    room.release(2);
    expect(await room.ask(first, 60 * MiB)).toMatchObject({ ok: true });
  });

  test('is kept for those that come first, but for none that will not fit itself', async () => {
    const room = roomOn({ a: { freeBytes: 100 * MiB } });
    const large = { ...record(1, '/a/x'), sizeBytes: 500 * MiB };
    const medium = { ...record(2, '/a/x'), sizeBytes: 60 * MiB };
    const second = { ...record(3, '/a/x'), sizeBytes: 60 * MiB };
    const small = record(4, '/a/y');
    expect(await room.ask(small, MiB, [large])).toEqual({ ok: true, value: undefined });
    expect(await room.ask(small, 30 * MiB, [large, medium, second])).toEqual({ ok: true, value: undefined });
    expect(await room.ask(small, 50 * MiB, [large, medium, second])).toMatchObject({
      problem: { message: expect.stringContaining('50 MiB needed, 60 MiB for others that come first') },
    });
  });

  test('is not missing for what one has written since it began, told of or not', async () => {
    const volume = { device: 'a', sizeBytes: 100 * MiB, freeBytes: 30 * MiB };
    const room = new DiskRoom(async () => ({ ...volume }));
    const source = { peer: 'p' as PeerId, name: 'p', host: '127.0.0.1', port: 1 };
    const target = { kind: 'tree', source, path: '/s/' } as const;
    const one = createRecord(1, { target, outDir: '/a/x', bytesPerSecond: 0 }, 0);
    room.begins(one);
    volume.freeBytes = 15 * MiB;
    expect(await room.ask(one, 25 * MiB)).toMatchObject({ ok: true });
    one.doneBytes = 10 * MiB;
    expect(await room.ask(one, 25 * MiB)).toMatchObject({ ok: true });
    expect(await room.ask(one, 31 * MiB)).toMatchObject({ problem: { code: 'disk-full' } });
    room.release(1);
    expect(await room.ask(one, 26 * MiB)).toMatchObject({ problem: { code: 'disk-full' } });
  });

  test('is missing where others have written since one began, those that have ended by now as well', async () => {
    const volume = { device: 'a', sizeBytes: 100 * MiB, freeBytes: 90 * MiB };
    const room = new DiskRoom(async () => ({ ...volume }));
    const [one, other] = [record(1, '/a/x'), record(2, '/a/y')];
    expect(await room.ask(other, 40 * MiB)).toMatchObject({ ok: true });
    room.begins(one);
    await Promise.resolve();
    other.doneBytes = 40 * MiB;
    volume.freeBytes = 45 * MiB;
    const refused = { problem: { message: expect.stringMatching(/: 60 MiB needed, 50 MiB free$/) } };
    expect(await room.ask(one, 60 * MiB)).toMatchObject(refused);
    expect(await room.ask(one, 49 * MiB)).toMatchObject({ ok: true });
    room.release(2);
    expect(await room.ask(one, 60 * MiB)).toMatchObject(refused);
    // What it had told of while it had room is counted once.
    expect(await room.ask(one, 45 * MiB)).toMatchObject({ ok: true });
    one.doneBytes = 20 * MiB;
    volume.freeBytes = 25 * MiB;
    expect(await room.ask(one, 31 * MiB + one.doneBytes, [])).toMatchObject({
      problem: { message: expect.stringContaining('30 MiB free') },
    });
  });

  test('is missing where somebody else has filled the disk since one began', async () => {
    const volume = { device: 'a', sizeBytes: 100 * GiB, freeBytes: 50 * GiB };
    const room = new DiskRoom(async () => ({ ...volume }));
    const one = record(1, '/a/x');
    room.begins(one);
    volume.freeBytes = 10 * GiB;
    expect(await room.ask(one, 11 * GiB)).toMatchObject({ problem: { code: 'disk-full' } });
    expect(await room.ask(one, 10 * GiB)).toMatchObject({ ok: true });
  });

  test('is not kept for one that was over before the disk had answered', async () => {
    const room = roomOn({ a: { freeBytes: 100 * MiB } });
    const asked = room.ask(record(1, '/a/x'), 90 * MiB);
    room.release(1);
    await asked;
    expect(await room.ask(record(2, '/a/y'), 90 * MiB)).toMatchObject({ ok: true });
  });

  test('leaves a little alone, and says so when it is that', async () => {
    const room = roomOn({ a: { freeBytes: 100 * MiB }, b: { freeBytes: 10 * GiB, sizeBytes: 1_000 * GiB } });
    expect(await room.ask(record(1, '/a'), 99 * MiB)).toMatchObject({ ok: true });
    expect(await room.ask(record(2, '/b'), 10 * GiB - maxDiskReserveBytes)).toMatchObject({ ok: true });
    expect(await room.ask(record(2, '/b'), 10 * GiB - maxDiskReserveBytes + 1)).toMatchObject({
      problem: { message: 'Not enough space in /b: 9.9 GiB needed, 10 GiB free, 128 MiB to be left alone' },
    });
  });

  test('is not asked of a disk that does not count, nor for what needs none', async () => {
    const room = roomOn({ a: {}, b: { freeBytes: 0 } });
    expect(await room.ask(record(1, '/a'), 99 * GiB)).toMatchObject({ ok: true });
    expect(await room.ask(record(2, '/b'), 0)).toMatchObject({ ok: true });
    const gone = new DiskRoom(() => Promise.reject(Object.assign(new Error('x'), { code: 'EIO' })));
    expect(await gone.ask(record(3, '/a'), 1)).toMatchObject({ ok: false, problem: { code: 'io' } });
  });

  test('is not needed again by what an earlier run has written', async () => {
    const out = tempDir();
    mkdirSync(path.join(out, '.shoal'));
    writeFileSync(path.join(out, '.shoal', `${id}.part`), Buffer.alloc(4 * MiB, 1));
    const free = async (): Promise<Volume> => ({ device: '1', sizeBytes: 100 * MiB, freeBytes: 3 * MiB });
    const room = new DiskRoom(free);
    expect(await room.ask(record(1, out), 5 * MiB)).toMatchObject({ ok: true });
    expect(await room.ask(record(1, out), 8 * MiB)).toMatchObject({
      problem: { message: expect.stringMatching(/: 4 MiB needed, 3 MiB free$/) },
    });
  });

  test('is not needed again by what a folder has in unfinished files', async () => {
    const out = tempDir();
    const source = { peer: id as unknown as PeerId, name: 'bob', host: '127.0.0.1', port: 1 };
    const target = { kind: 'tree', source, path: '/s/a/' } as const;
    const staging = await openStaging(out, keyOf(target));
    if (!staging.ok) throw new Error(staging.problem.message);
    staging.value.begun(id);
    await staging.value.leftovers();
    writeFileSync(path.join(out, '.shoal', `${id}.part`), Buffer.alloc(4 * MiB, 1));
    await staging.value.close();
    const free = async (): Promise<Volume> => ({ device: '1', sizeBytes: 100 * MiB, freeBytes: 3 * MiB });
    const tree = createRecord(1, { target, outDir: out, bytesPerSecond: 0 }, 0);
    // Two MiB are in whole files.
    expect(await new DiskRoom(free).ask(tree, 8 * MiB, [], 2 * MiB)).toMatchObject({ ok: true });
    expect(await new DiskRoom(free).ask(tree, 10 * MiB, [], 2 * MiB)).toMatchObject({
      problem: { message: expect.stringMatching(/: 4 MiB needed, 3 MiB free$/) },
    });
  });
});

describe('the volume of a folder', () => {
  test('that is still to be made is that of the folders above it', async () => {
    const out = tempDir();
    const there = await volumeOfFolder(out);
    expect(there.sizeBytes).toBeGreaterThan(0);
    expect((await volumeOfFolder(path.join(out, 'a', 'b'))).device).toBe(there.device);
    writeFileSync(path.join(out, 'file'), '');
    await expect(volumeOfFolder(path.join(out, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
