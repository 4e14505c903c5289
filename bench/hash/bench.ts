/**
 * How fast content ids are made: one large file, several large ones, and many small ones, through the same pool
 * as the library's, beside `b3sum --num-threads 2` (where installed), `cat` and `cp` of the same files in the
 * same run. The files are in the page cache, so this measures us and not the disk.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { blake3 } from '../../src/content/hash.ts';
import { hashFiles } from '../../src/workers/hash-files.ts';

const MiB = 2 ** 20;
const rounds = 3;

interface Case {
  readonly name: string;
  readonly files: number;
  readonly fileBytes: number;
}

interface Measured {
  readonly case: string;
  readonly what: string;
  readonly megabytesPerSecond: number;
  /** Of our own speed to this one's. */
  readonly oursToThis: number;
}

const cases: readonly Case[] = [
  { name: 'one of 1 GiB', files: 1, fileBytes: 1024 * MiB },
  { name: '8 of 128 MiB', files: 8, fileBytes: 128 * MiB },
  { name: '10 000 of 4 KiB', files: 10_000, fileBytes: 4096 },
];

/** `--quick`: a quarter of the bytes. `--json`: a line for each measurement, and nothing else. */
export async function run(args: readonly string[]): Promise<readonly Measured[]> {
  const scale = args.includes('--quick') ? 4 : 1;
  const isJson = args.includes('--json');
  if (!isJson) console.log(`BLAKE3: ${blake3.kind}; ${availableParallelism()} cores; best of ${rounds}`);
  const all: Measured[] = [];
  for (const { name, files, fileBytes } of cases) {
    const dir = mkdtempSync(path.join(tmpdir(), 'shoal-bench-hash-'));
    try {
      const scaled =
        files > 1 ? { files: Math.ceil(files / scale), fileBytes } : { files, fileBytes: fileBytes / scale };
      const measured = await measure(
        name,
        makeFiles(dir, scaled.files, scaled.fileBytes),
        scaled.files * scaled.fileBytes,
        dir,
      );
      for (const each of measured) console.log(isJson ? JSON.stringify(each) : line(each));
      all.push(...measured);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  return all;
}

async function measure(
  name: string,
  files: readonly string[],
  bytes: number,
  dir: string,
): Promise<Measured[]> {
  const ours = await best(async () => {
    let failed = 0;
    await hashFiles(files, ({ outcome }) => (failed += outcome.ok ? 0 : 1), new AbortController().signal);
    if (failed > 0) throw new Error(`${failed} files could not be hashed`);
  });
  const copies = path.join(dir, 'copies');
  const others: readonly (readonly [string, readonly string[]])[] = [
    ['b3sum --num-threads 2', ['xargs', '-a', listOf(dir, files), 'b3sum', '--num-threads', '2']],
    ['cat', ['xargs', '-a', listOf(dir, files), 'cat']],
    ['cp', ['xargs', '-a', listOf(dir, files), 'cp', '-t', copies]],
  ];
  const measured = [{ case: name, what: 'shoal', megabytesPerSecond: rate(bytes, ours), oursToThis: 1 }];
  for (const [what, command] of others) {
    const seconds = await best(() => {
      spawnSync('rm', ['-rf', copies]);
      spawnSync('mkdir', ['-p', copies]);
      return runCommand(command);
    }).catch(() => undefined);
    if (seconds === undefined) continue;
    measured.push({ case: name, what, megabytesPerSecond: rate(bytes, seconds), oursToThis: seconds / ours });
  }
  return measured;
}

/** The least of a few rounds, in seconds, after one that is not counted. */
async function best(work: () => void | Promise<void>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round <= rounds; round++) {
    const startedMs = performance.now();
    await work();
    if (round > 0) least = Math.min(least, (performance.now() - startedMs) / 1000);
  }
  return least;
}

function runCommand([program = '', ...args]: readonly string[]): void {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  if (status !== 0) throw new Error(`${program} is not installed or failed`);
}

function listOf(dir: string, files: readonly string[]): string {
  const list = path.join(dir, 'list');
  writeFileSync(list, files.join('\n'));
  return list;
}

function makeFiles(dir: string, count: number, bytes: number): readonly string[] {
  const block = Buffer.alloc(Math.min(bytes, MiB));
  for (let index = 0; index < count; index++) {
    const file = openSync(path.join(dir, `file-${index}`), 'w');
    for (let at = 0; at < bytes; at += block.length) {
      block.writeDoubleLE(index + at / 7, 0);
      writeSync(file, block);
    }
    closeSync(file);
  }
  return readdirSync(dir).map((name) => path.join(dir, name));
}

const rate = (bytes: number, seconds: number): number => Math.round(bytes / 1e6 / seconds);

function line({ case: name, what, megabytesPerSecond, oursToThis }: Measured): string {
  const ratio = what === 'shoal' ? '' : `  shoal is ${oursToThis.toFixed(2)} of it`;
  return `${name.padEnd(16)} ${what.padEnd(22)} ${String(megabytesPerSecond).padStart(6)} MB/s${ratio}`;
}
