import { expect, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PieceWriters } from '../../../../src/core/swarm/piece-writers.ts';
import { copyPieces } from '../../../../src/workers/jobs/disk/copy-pieces.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

const MiB = 1024 * 1024;

test('pieces that are copied are noted, and none is written to a file that has ended', async () => {
  const { manifest, filePath: from, bytes } = makeContent(tempDir(), 'a', 2 * MiB);
  const to = path.join(tempDir(), 'to');
  const writers = PieceWriters.of(8);
  const copy = (first: number) =>
    copyPieces({ from, to, manifest, ranges: [{ first, count: 2 }], writers: writers.shared });
  writeFileSync(to, Buffer.alloc(2 * MiB));
  expect(await copy(0)).toEqual({ ok: true, value: [{ first: 0, count: 2 }] });
  expect([...writers.written()].toSorted((a, b) => a - b)).toEqual([0, 1]);
  writers.end();
  expect(await copy(2)).toEqual({ ok: true, value: [] });
  expect([...writers.written()].toSorted((a, b) => a - b)).toEqual([0, 1]);
  const whole = Buffer.concat([bytes.subarray(0, MiB / 2), Buffer.alloc((3 * MiB) / 2)]);
  expect(readFileSync(to).equals(whole)).toBe(true);
});
