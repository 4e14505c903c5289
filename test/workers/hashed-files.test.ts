import { expect, test } from '@jest/globals';
import type { FileStamp } from '../../src/core/share/file-stamp.ts';
import { contentId } from '../../src/core/ids.ts';
import { leafBytes } from '../../src/core/swarm/manifest.ts';
import { minPieceLength, pieceCount, pieceLengthFor } from '../../src/core/swarm/piece-length.ts';
import type { HashOutcome, HashRequest } from '../../src/workers/contract.ts';
import { outcomesOf, toColumns } from '../../src/workers/hashed-files.ts';
import * as fc from '../helpers/properties.ts';

const stampOf = (sizeBytes: number, inode: number): FileStamp => ({
  device: '1',
  inode: String(inode),
  sizeBytes,
  mtimeNs: '2',
});

test('what became of files comes out of columns as it was put in', () => {
  const fileOf = fc.record({
    sizeBytes: fc.oneof(fc.constant(0), fc.nat(5 * minPieceLength)),
    isExpected: fc.boolean(),
    isOk: fc.boolean(),
    byte: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(fileOf, { maxLength: 12 }), (all) => {
      const requests: HashRequest[] = [];
      const outcomes: HashOutcome[] = [];
      for (const [index, { sizeBytes, isExpected, isOk, byte }] of all.entries()) {
        const stamp = stampOf(sizeBytes, index);
        requests.push({ filePath: `/${index}`, expected: isExpected ? stamp : undefined });
        const leaves = new Uint8Array(pieceCount(sizeBytes) * leafBytes).fill(byte);
        const manifest = { sizeBytes, pieceLength: pieceLengthFor(sizeBytes), leaves };
        const id = contentId(new Uint8Array(leafBytes).fill(byte));
        if (isOk) outcomes.push({ ok: true, value: { id, manifest, stamp } });
        else outcomes.push({ ok: false, problem: { code: 'io', message: 'broken' } });
      }
      const columns = toColumns(requests, outcomes);
      expect([...outcomesOf(requests, structuredClone(columns))]).toEqual(outcomes);
    }),
  );
});
