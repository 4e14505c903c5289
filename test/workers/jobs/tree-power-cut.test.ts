/**
 * The power-cut model of a folder that is downloaded: what the writer of its files asked of the disk is done again up to
 * every step, on a disk that then loses its power and keeps any part of what was not flushed.
 */
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { maxFilesFlushedSingly } from '../../../src/core/limits/trees.ts';
import { handOver, openChannel } from '../../../src/workers/channel.ts';
import type { FilesForDisk, PlacedFile, TreeWriterControl } from '../../../src/workers/tree-contract.ts';
import { idOf } from '../../helpers/download-bench.ts';
import { FakeDisk } from '../../helpers/fake-disk.ts';
import { until } from '../../helpers/poll.ts';
import { RecordedFs } from '../../helpers/recorded-fs.ts';
import { Seeded } from '../../helpers/seeded.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const recorded = new RecordedFs();
const outDir = tempDir();
const staging = path.join(outDir, '.shoal', 'staging');
const sizeBytes = 5_000;
/** So many that they are flushed by one call for the volume, in each of two new folders, and a few in another. */
const many = maxFilesFlushedSingly + 4;
const placed: PlacedFile[] = [...Array(2 * many + 3).keys()].map((file) => {
  const folders = [`d${Math.floor(file / many)}`];
  return { file, id: idOf(file), sizeBytes, folders, name: `f${file}` };
});
const bytesOf = (file: number): Buffer => Buffer.alloc(sizeBytes, file + 1);

/** What the disk is before the first step. */
async function newDisk(): Promise<FakeDisk> {
  const fake = new FakeDisk();
  let folder = '/';
  for (const name of staging.slice(1).split('/')) {
    folder = path.join(folder, name);
    await fake.disk.mkdir(folder);
  }
  fake.beginSync()();
  return fake;
}

beforeAll(async () => {
  mkdirSync(staging, { recursive: true });
  jest.unstable_mockModule('node:fs', () => recorded.fs);
  jest.unstable_mockModule('node:fs/promises', () => recorded.promises);
  jest.unstable_mockModule('node:child_process', () => ({
    execFile: (_program: string, _args: unknown, done: (error: null) => void) => recorded.execFile(done),
  }));
  const { writeTree } = await import('../../../src/workers/jobs/disk/tree-writer.ts');
  const [link, store] = [new MessageChannel(), new MessageChannel()];
  let ended = 0;
  const report = ({
    named: whole,
    written,
  }: {
    named: readonly unknown[];
    written: readonly unknown[];
  }): void => {
    ended += whole.length + written.length;
  };
  const channel = openChannel<TreeWriterControl>(link.port1, { report });
  const over = writeTree({ link: link.port2, outDir, staging, adopts: false });
  await channel.remote.connect(handOver(store.port2, [store.port2]));
  await channel.remote.prepare({ folders: [['empty']], files: placed });
  const send = ({ file }: PlacedFile): void => {
    const bytes = new Uint8Array(bytesOf(file));
    store.port1.postMessage({ bytes, files: Uint32Array.from([file, 0, sizeBytes]) } satisfies FilesForDisk);
  };
  // The first folder is named whole, of the second what is late, and the rest of it file by file.
  for (const one of placed.slice(0, many + maxFilesFlushedSingly + 2)) send(one);
  await until('the first have their names', () => ended >= many);
  for (const one of placed.slice(many + maxFilesFlushedSingly + 2)) send(one);
  await until('all have their names', () => ended === placed.length);
  await channel.remote.stop();
  await over;
  channel.close();
  store.port1.close();
});

/** What is under a name that is right, and what is not, once the power was gone after so many steps. */
async function cut(
  steps: number,
  seed: number,
  flushes: boolean,
): Promise<{ right: number; wrong: string[] }> {
  const fake = await newDisk();
  await recorded.replay(fake, steps, flushes);
  const seeded = new Seeded(seed * 10_000 + steps);
  fake.loseAndRegainPower(() => seeded.next());
  const expected = new Map(
    placed.map(({ file, folders, name }) => [path.join(outDir, ...folders, name), bytesOf(file)]),
  );
  const files = fake.filesBelow(outDir).filter((file) => !file.startsWith(path.join(outDir, '.shoal')));
  const wrong = files.filter((file) => !expected.get(file)?.equals(fake.read(file)));
  return { right: files.length - wrong.length, wrong };
}

describe('a folder that is written when the power is cut', () => {
  test('at any step has nothing under a name but what is to be there, whole', async () => {
    const seen = new Set<number>();
    for (let steps = 0; steps <= recorded.steps.length; steps++)
      for (let seed = 1; seed <= 4; seed++) {
        const { right, wrong } = await cut(steps, seed, true);
        expect([steps, seed, wrong]).toEqual([steps, seed, []]);
        seen.add(right);
      }
    // Some cuts left nothing, others more and more.
    expect([seen.has(0), Math.max(...seen) > many, seen.size > 10]).toEqual([true, true, true]);
  });

  test('would have others there, on a disk that does not flush what it says it has', async () => {
    let wrongs = 0;
    for (let seed = 1; seed <= 20; seed++)
      wrongs += (await cut(recorded.steps.length, seed, false)).wrong.length;
    expect(wrongs).toBeGreaterThan(0);
  });
});
