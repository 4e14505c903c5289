/** Downloads that go on where an earlier run ended, with what has become of its file since. */
import { describe, expect, jest, test } from '@jest/globals';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { minPieceLength } from '../../../src/core/swarm/piece-length.ts';
import { PartialFile } from '../../../src/profile/partial-file.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, type TestContent } from '../../helpers/transfer.ts';

jest.setTimeout(180_000);

const MiB = 1024 * 1024;
/** More than are looked at before it goes on: the first of them is in no sample. */
const pieces = 80;

function writeAt(file: string, at: number, bytes: Uint8Array): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, at);
  closeSync(fd);
}

async function opened(outDir: string, { id, manifest }: TestContent): Promise<PartialFile> {
  const partial = await PartialFile.open(outDir, id, manifest);
  if (!partial.ok) throw new Error(partial.problem.message);
  return partial.value;
}

/** What a run leaves that had this many pieces and was killed. */
async function killedRun(content: TestContent, count: number): Promise<string> {
  const outDir = tempDir();
  const partial = await opened(outDir, content);
  writeAt(partial.path, 0, content.bytes.subarray(0, count * minPieceLength));
  for (let piece = 0; piece < count; piece++) partial.add(piece);
  await partial.close(false);
  return outDir;
}

const partOf = (outDir: string, { id }: TestContent): string => path.join(outDir, '.shoal', `${id}.part`);

describe('what a killed run left', () => {
  for (const [what, count] of [
    ['a part of the file', pieces - 8],
    ['all of it', pieces],
  ] as const)
    test(`is fetched again where it has changed since and no sample shows it: ${what}`, async () => {
      const content = makeContent(tempDir(), 'a', pieces * minPieceLength);
      const outDir = await killedRun(content, count);
      writeAt(partOf(outDir, content), 100, Buffer.from('changed'));
      await using seeder = await TestPeer.start([content]);
      await using leecher = await TestPeer.start();
      const view = await leecher.ended(await leecher.download(content, outDir, [seeder.source]));
      expect(view).toMatchObject({ state: 'done', doneBytes: content.bytes.length, uncheckedBytes: 0 });
      expect(readFileSync(view.path ?? '').equals(content.bytes)).toBe(true);
      expect(view.fetchedBytes).toBe((pieces - count + 1) * minPieceLength);
    });

  test('is read to the end and gets its name without anybody who has it', async () => {
    const content = makeContent(tempDir(), 'a', pieces * minPieceLength);
    const outDir = await killedRun(content, pieces);
    await using leecher = await TestPeer.start();
    const view = await leecher.ended(await leecher.download(content, outDir, []));
    expect(view).toMatchObject({ state: 'done', fetchedBytes: 0 });
    expect(readFileSync(view.path ?? '').equals(content.bytes)).toBe(true);
  });
});

describe('a download that is paused while it is fetched', () => {
  test('leaves its file in order, and nothing that came is fetched twice', async () => {
    const content = makeContent(tempDir(), 'a', 16 * MiB);
    const outDir = tempDir();
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const limited = { bytesPerSecond: 4 * MiB };
    const transfer = await leecher.download(content, outDir, [seeder.source], limited);
    await until('some is there', () => (leecher.views.get(transfer)?.doneBytes ?? 0) >= 2 * MiB);
    leecher.refs.downloads?.tell({ type: 'pause', transfers: [transfer] });
    let found: PartialFile | undefined;
    await until('it is let go', async () => {
      const partial = await PartialFile.open(outDir, content.id, content.manifest);
      found = partial.ok ? partial.value : undefined;
      return partial.ok;
    });
    expect(found?.trust).toBe('clean');
    const bytes = readFileSync(partOf(outDir, content));
    const at = (piece: number): [number, number] => [piece * minPieceLength, (piece + 1) * minPieceLength];
    for (let piece = 0; piece < 64; piece++) {
      const isThere = bytes.subarray(...at(piece)).equals(content.bytes.subarray(...at(piece)));
      expect([piece, found?.have.has(piece)]).toEqual([piece, isThere]);
    }
    await found?.close(true);
  });
});
