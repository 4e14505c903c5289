import { expect, jest, test } from '@jest/globals';
import { truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { pieceBacklogBytes } from '../../../src/core/limits/tracker.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, makeIdentity, TestFetch, TestServer } from '../../helpers/transfer.ts';

const pieceBytes = 256 * 1024;
const warmUp = 32;
const measured = 64;

/** Bytes allocated since the start; newer than the types. */
const allocatedBytes = (): number =>
  (getHeapStatistics() as unknown as { readonly total_allocated_bytes: number }).total_allocated_bytes;

test('a steady transfer makes no buffer for a piece, at either end, and next to nothing else', async () => {
  const dir = tempDir();
  const content = makeContent(dir, 'a', (warmUp + measured) * pieceBytes);
  await using server = await TestServer.start([content]);
  await using fetch = new TestFetch(server, await makeIdentity());
  await fetch.connected;
  const target = path.join(dir, 'partial');
  writeFileSync(target, '');
  truncateSync(target, content.bytes.length);
  await fetch.open(1, content, target);
  const pieces = async (first: number, count: number): Promise<void> => {
    await fetch.remote.want(1, [{ first, count }]);
    await until('the pieces are there', () => fetch.pieces(1, 'verified') === first + count);
  };
  await pieces(0, warmUp);
  const makes = [
    jest.spyOn(Buffer, 'allocUnsafeSlow'),
    jest.spyOn(Buffer, 'alloc'),
    jest.spyOn(Buffer, 'concat'),
  ];
  const before = allocatedBytes();
  await pieces(warmUp, measured);
  // The views, headers and reports of a piece, and what this test itself makes while it looks.
  expect((allocatedBytes() - before) / measured).toBeLessThan(pieceBytes);
  // The set of buffers may still be growing to its bound, where reading pauses until the disk has caught up.
  const made = makes.flatMap(({ mock }) => mock.calls.map(([bytes]) => Number(bytes)));
  expect(made.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(pieceBacklogBytes + pieceBytes);
});
