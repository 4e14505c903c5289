/** Downloads whose process is killed: small ones, just below and above the size that has a journal, and a folder. */
import { describe, expect, jest, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { flushBytes, maxPiecesWithoutJournal } from '../../../src/core/limits/downloads.ts';
import { minPieceLength } from '../../../src/core/swarm/piece-length.ts';
import { killFolder, killHalfWay } from '../../helpers/killed-download.ts';
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

describe('a folder of small files whose process is killed', () => {
  test('keeps what it has told of, and has lost little, although more came all the time', async () => {
    const [dir, out] = [tempDir(), tempDir()];
    const fileBytes = 250_000;
    const all = Array.from({ length: 200 }, (_, at) => makeContent(dir, `content-${at}`, fileBytes, at + 1));
    const size = fileBytes * all.length;
    await using seeder = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/${at}`);
    // The sender's limit, as that of the receiver lets much come at a time and then nothing.
    seeder.rates.set({ uploadBytesPerSecond: 4_000_000, downloadBytesPerSecond: 0, limitsLan: true });
    const killed = await killFolder('/s/', [out, seeder.source, 0], 16 * fileBytes);
    seeder.rates.set({ uploadBytesPerSecond: 0, downloadBytesPerSecond: 0, limitsLan: true });
    // It was told of long before all was there: a folder that is new on this disk is not hidden until it is whole.
    expect(killed.fetchedBytes).toBeLessThan(size);
    expect(killed.fetchedBytes - killed.doneBytes).toBeLessThanOrEqual(2 * flushBytes);
    await using leecher = await TestPeer.start();
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(view).toMatchObject({ state: 'done', files: { total: all.length, done: all.length } });
    expect(view.fetchedBytes).toBeLessThanOrEqual(size - killed.doneBytes);
    expect(view.fetchedBytes).toBeGreaterThan(0);
    for (const [at, { bytes }] of all.entries())
      expect(readFileSync(path.join(out, 's', String(at))).equals(bytes)).toBe(true);
    expect(readdirSync(out)).toEqual(['s']);
  });
});
