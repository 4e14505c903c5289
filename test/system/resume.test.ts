/** A download that is ended half way and goes on with a file that was changed between the two runs. */
import { randomBytes } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { contentIdOf } from '../../src/content/content-id.ts';
import { minPieceLength, pieceCount } from '../../src/core/swarm/piece-length.ts';
import { realDisk } from '../../src/profile/disk.ts';
import { DownloadJournal } from '../../src/profile/download-journal.ts';
import { partialPaths } from '../../src/profile/open-partial.ts';
import { manifestOf } from '../helpers/transfer.ts';
import { Stage, type Line, type Program } from './program.ts';

const MiB = 1024 * 1024;
const sizeBytes = 64 * MiB;

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.clear());

/** A tracker, and a peer that shares one file: gives where the tracker listens. */
async function sharing(bytes: Buffer): Promise<string> {
  const folders = { data: await stage.folder('tracker'), home: await stage.folder('alice-home') };
  const tracker = stage.start(['tracker', '--json', '--port', '0', '--data', folders.data]);
  const address = `127.0.0.1:${String((await tracker.event('listening'))['port'])}`;
  const share = await stage.folder('alice');
  await writeFile(path.join(share, 'film.mkv'), bytes);
  const who = ['--name', 'alice', '--home', folders.home, '--tracker', address];
  const where = ['--share', share, '--downloads', share, '--embedded-tracker', 'off'];
  const peer = stage.start(['peer', '--json', '--no-tui', ...who, ...where]);
  await peer.line((line) => line['event'] === 'registered' && line['files'] === 1, 'the file');
  return address;
}

/** More is there than what is looked at before a download goes on. */
async function halfWay(program: Program): Promise<Line> {
  const isHalfWay = (line: Line): boolean => line['event'] === 'progress' && Number(line['done']) > 36 * MiB;
  return program.line(isHalfWay, 'half of it');
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const)
  test(`what changed after ${signal} in a piece that no sample shows is fetched again`, async () => {
    const bytes = randomBytes(sizeBytes);
    const id = contentIdOf(manifestOf(bytes));
    const address = await sharing(bytes);
    const [home, out] = [await stage.folder('guest-home'), await stage.folder('out')];
    const get = ['get', '--json', '--home', home, '--tracker', address, '--out', out];
    const first = stage.start([...get, '--limit-rate', '16M', id]);
    await halfWay(first);
    const stopped = await first.stop(signal);
    expect(stopped.code).toBe(signal === 'SIGKILL' ? null : 130);

    const paths = partialPaths(out, id);
    const journal = await DownloadJournal.open(realDisk, paths.have, id, pieceCount(sizeBytes));
    const { earlier } = journal;
    await journal.close();
    expect(earlier?.closed === undefined).toBe(signal === 'SIGKILL');
    // The first of those claimed is in no sample.
    const piece = earlier?.have.firstHad() ?? -1;
    expect(earlier?.have.count).toBeGreaterThan(64);
    const part = await open(paths.part, 'r+');
    await part.write(Buffer.from('changed'), 0, 7, piece * minPieceLength + 100);
    await part.close();

    const second = await stage.run([...get, id]);
    expect(second.code).toBe(0);
    expect(second.lines.at(-1)).toMatchObject({ event: 'done', size: sizeBytes });
    expect((await readFile(path.join(out, 'film.mkv'))).equals(bytes)).toBe(true);
    // No more than what was missing, and what had come to a killed run last.
    const had = earlier?.have.count ?? 0;
    expect(Number(second.lines.at(-1)?.['fetched'])).toBeLessThanOrEqual(
      sizeBytes - (had - 1) * minPieceLength,
    );
  }, 180_000);
