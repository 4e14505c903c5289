/** Small downloads whose process is killed half way: just below and just above the size that has a journal. */
import { describe, expect, jest, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { maxPiecesWithoutJournal } from '../../../src/core/limits.ts';
import { minPieceLength } from '../../../src/core/piece-length.ts';
import { killHalfWay } from '../../helpers/killed-download.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent } from '../../helpers/transfer.ts';

/** Two programs are started. */
jest.setTimeout(180_000);

const largestWithout = maxPiecesWithoutJournal * minPieceLength;

describe('a small download whose process is killed', () => {
  for (const [what, size] of [
    ['below the size that has a journal', largestWithout],
    ['above it', largestWithout + 1],
  ] as const)
    test(`${what}, is fetched by the next one and leaves nothing behind`, async () => {
      const out = tempDir();
      const content = makeContent(tempDir(), 'a', size);
      await using seeder = await TestPeer.start([content]);
      const done = await killHalfWay(content, out, seeder.source, 2 * minPieceLength);
      expect(readdirSync(out)).toEqual(['.shoal']);
      await using leecher = await TestPeer.start();
      const view = await leecher.ended(await leecher.download(content, out, [seeder.source]));
      expect(view.state).toBe('done');
      expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
      const kept = size > largestWithout ? done : 0;
      // A piece that looks like a hole is not taken for one that was written: the last one, of a byte, may.
      expect(view.fetchedBytes).toBeLessThanOrEqual(size - kept + 1);
      expect(readdirSync(out)).toEqual(['got']);
    });
});
