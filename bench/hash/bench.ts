/**
 * How fast content ids are made: one large file, several large ones, and many small ones, through the same pool
 * as the library's, beside `b3sum --num-threads 2` and `cp` of the same files, in alternating rounds. The files
 * are in the page cache, so this measures us and not the disk. Ours is not started anew for each round; the others are.
 * Usage: npm run bench -- hash [--quick] [--rounds 5] [--json]
 */
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { blake3 } from '../../src/content/hash.ts';
import { hashFiles } from '../../src/workers/hash-files.ts';
import { installed } from '../harness/installed.ts';
import { timed } from '../harness/processes.ts';
import { atLeast, print, race, type Contender, type Row } from '../harness/race.ts';
import { withScene, type Scene } from '../harness/scene.ts';

const MiB = 2 ** 20;
const b3sum = 'b3sum --num-threads 2';

interface Case {
  readonly name: string;
  readonly files: number;
  readonly fileBytes: number;
  /** How many times the speed of b3sum is wanted. */
  readonly wanted?: number;
}

const cases: readonly Case[] = [
  { name: 'one of 1 GiB', files: 1, fileBytes: 1024 * MiB },
  { name: '8 of 128 MiB', files: 8, fileBytes: 128 * MiB, wanted: 0.6 },
  { name: '10 000 of 4 KiB', files: 10_000, fileBytes: 4096 },
];

/** `--quick`: a quarter of the bytes. */
export async function run(args: readonly string[]): Promise<readonly Row[]> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const all: Row[] = [];
  for (const one of cases)
    all.push(
      ...(await withScene((scene) =>
        measure(scene, values.quick ? quarter(one) : one, Number(values.rounds), values.json),
      )),
    );
  return all;
}

const quarter = (one: Case): Case =>
  one.files > 1 ? { ...one, files: Math.ceil(one.files / 4) } : { ...one, fileBytes: one.fileBytes / 4 };

async function measure(scene: Scene, one: Case, rounds: number, json: boolean): Promise<readonly Row[]> {
  const files = makeFiles(scene.makeFolder('files'), one.files, one.fileBytes);
  const list = scene.path('list');
  writeFileSync(list, files.join('\n'));
  const copies = scene.path('copies');
  const contenders: Contender[] = [{ name: 'shoal', run: () => hashAll(files) }];
  const add = (name: string, program: string, ...args: readonly string[]): void => {
    if (!installed(program)) return;
    contenders.push({
      name,
      run: async () => {
        rmSync(copies, { recursive: true, force: true });
        mkdirSync(copies);
        const { seconds, cpuSeconds, peakMiB } = await timed('xargs', ['-a', list, program, ...args]);
        return { seconds, usage: { [program]: { cpuSeconds, peakMiB } } };
      },
    });
  };
  add(b3sum, 'b3sum', '--num-threads', '2');
  add('cp', 'cp', '-t', copies);
  for (const contender of contenders) await contender.run();
  const rows = await race(contenders, rounds, one.files * one.fileBytes);
  const rival = rows.find(({ name }) => name === b3sum);
  const goals = rival && one.wanted ? [atLeast(`to ${b3sum}`, rival.firstIsFasterBy, one.wanted)] : [];
  print(
    { bench: 'hash', what: `${one.name}, BLAKE3 ${blake3.kind}, medians of ${rounds}`, rows, goals },
    json,
  );
  return rows;
}

async function hashAll(files: readonly string[]): ReturnType<Contender['run']> {
  const before = process.cpuUsage();
  const start = performance.now();
  let failed = 0;
  await hashFiles(files, ({ outcome }) => (failed += outcome.ok ? 0 : 1), new AbortController().signal);
  if (failed > 0) throw new Error(`${failed} files could not be hashed`);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  return { seconds, usage: { 'the bench': { cpuSeconds: (user + system) / 1e6, peakMiB } } };
}

function makeFiles(dir: string, count: number, bytes: number): readonly string[] {
  const block = Buffer.alloc(Math.min(bytes, MiB));
  return Array.from({ length: count }, (_, index) => {
    const filePath = path.join(dir, `file-${index}`);
    const file = openSync(filePath, 'w');
    for (let at = 0; at < bytes; at += block.length) {
      block.writeDoubleLE(index + at / 7, 0);
      writeSync(file, block);
    }
    closeSync(file);
    return filePath;
  });
}
