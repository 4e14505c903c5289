/**
 * One large file over loopback between two real processes with default settings (TLS, every piece verified),
 * in turn with those of its rivals that are installed. They verify nothing and encrypt nothing.
 * Usage: npm run bench -- transfer [--size 1G] [--rounds 5] [--json]
 */
import type { ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { parseSize } from '../../src/core/quantity.ts';
import { installed } from './installed.ts';
import { startNginx } from './nginx.ts';
import { started, timed, usageOf, type Finished } from './sampled-process.ts';

interface Rival {
  readonly name: string;
  /** Brings the file to `target` and tells what it took; the sender's processor time is added where known. */
  fetch(target: string): Promise<Finished>;
}

export interface Row {
  readonly name: string;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  /** How many times as fast as this one shoal is. */
  readonly shoalRatio: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

const main = path.join(import.meta.dirname, '../../dist/main.js');

export async function run(args: readonly string[]): Promise<readonly Row[]> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      size: { type: 'string', default: '1G' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const size = parseSize(values.size);
  if (!size.ok) throw new Error(`--size: ${size.problem.message}`);
  const sizeBytes = size.value;
  const folder = mkdtempSync(path.join(tmpdir(), 'shoal-bench-'));
  const children: ChildProcess[] = [];
  try {
    const share = path.join(folder, 'share');
    mkdirSync(share);
    writeRandomFile(path.join(share, 'file.bin'), sizeBytes);
    const rivals = [await shoal(folder, share, children), ...(await others(folder, share, children))];
    const rows = await race(rivals, folder, sizeBytes, Number(values.rounds));
    print(rows, sizeBytes, values.json);
    return rows;
  } finally {
    for (const child of children) child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function race(
  rivals: readonly Rival[],
  folder: string,
  sizeBytes: number,
  rounds: number,
): Promise<Row[]> {
  const runs = new Map<string, Finished[]>();
  for (let round = 0; round < rounds; round++)
    for (const rival of [...rivals.slice(round % rivals.length), ...rivals.slice(0, round % rivals.length)]) {
      warmMemory(folder);
      const out = path.join(folder, 'out');
      mkdirSync(out);
      const finished = await rival.fetch(path.join(out, 'file.bin'));
      if (statSync(path.join(out, 'file.bin')).size !== sizeBytes)
        throw new Error(`${rival.name}: wrong size`);
      runs.set(rival.name, [...(runs.get(rival.name) ?? []), finished]);
      rmSync(out, { recursive: true });
    }
  const medianOf = (name: string, field: 'seconds' | 'cpuSeconds' | 'peakMiB'): number =>
    median((runs.get(name) ?? []).map((finished) => finished[field]));
  const ours = medianOf('shoal', 'seconds');
  return rivals.map(({ name }) => {
    const seconds = medianOf(name, 'seconds');
    return {
      name,
      seconds,
      megabytesPerSecond: sizeBytes / 1e6 / seconds,
      shoalRatio: seconds / ours,
      cpuSeconds: medianOf(name, 'cpuSeconds'),
      peakMiB: medianOf(name, 'peakMiB'),
    };
  });
}

/** A tracker, a peer that shares the file, and `shoal get`: timed as commands, their start included. */
async function shoal(folder: string, share: string, children: ChildProcess[]): Promise<Rival> {
  const command = (...args: string[]): string[] => ['--disable-warning=ExperimentalWarning', main, ...args];
  const home = (name: string): string => path.join(folder, name);
  const tracker = await started(
    process.execPath,
    command('tracker', '--port', '0', '--data', home('tracker'), '--json'),
    ({ event }) => event === 'listening',
  );
  children.push(tracker.child);
  const at = ['--tracker', `127.0.0.1:${String(tracker.lines[0]?.['port'])}`];
  const sharing = ['--name', 'sender', '--home', home('sender'), '--share', share, '--port', '0', '--no-tui'];
  const peer = await started(
    process.execPath,
    command('peer', ...sharing, '--json', ...at),
    ({ event, files }) => event === 'registered' && files === 1,
  );
  children.push(peer.child);
  return {
    name: 'shoal',
    async fetch(target) {
      const before = usageOf(peer.child.pid);
      const getting = ['--home', home('getter'), '--out', path.dirname(target), '--json'];
      const finished = await timed(process.execPath, command('get', ...getting, ...at, 'file.bin'));
      const after = usageOf(peer.child.pid);
      return {
        ...finished,
        cpuSeconds: finished.cpuSeconds + after.cpuSeconds - before.cpuSeconds,
        peakMiB: Math.max(finished.peakMiB, after.peakMiB),
      };
    },
  };
}

async function others(folder: string, share: string, children: ChildProcess[]): Promise<Rival[]> {
  const rivals: Rival[] = [];
  const source = path.join(share, 'file.bin');
  const nginx = installed('nginx') ? await startNginx(folder, share) : undefined;
  if (nginx) {
    children.push(nginx.child);
    const url = `${nginx.url}/file.bin`;
    if (installed('curl'))
      rivals.push({ name: 'curl from nginx', fetch: (target) => timed('curl', ['-sSf', '-o', target, url]) });
    if (installed('aria2c'))
      rivals.push({
        name: 'aria2c from nginx',
        fetch: (target) =>
          timed('aria2c', [
            '-q',
            '--file-allocation=none',
            '-d',
            path.dirname(target),
            '-o',
            path.basename(target),
            url,
          ]),
      });
  }
  if (installed('cp')) rivals.push({ name: 'cp', fetch: (target) => timed('cp', [source, target]) });
  return rivals;
}

/**
 * Before each run: a virtual machine gives free memory back to its host after a few seconds, and getting it again
 * costs several times what writing a file costs. A copy made and deleted leaves everybody the same warm pages.
 */
function warmMemory(folder: string): void {
  const copy = path.join(folder, 'warm');
  copyFileSync(path.join(folder, 'share', 'file.bin'), copy);
  rmSync(copy);
}

function writeRandomFile(filePath: string, sizeBytes: number): void {
  const block = Buffer.alloc(Math.min(sizeBytes, 16 * 1024 * 1024));
  const file = openSync(filePath, 'w');
  for (let left = sizeBytes; left > 0;)
    left -= writeSync(file, randomFillSync(block), 0, Math.min(left, block.length));
  closeSync(file);
}

function print(rows: readonly Row[], sizeBytes: number, asJson: boolean): void {
  const machine = { cores: availableParallelism(), cpu: cpus()[0]?.model, node: process.version };
  if (asJson) {
    console.log(JSON.stringify({ bench: 'transfer', sizeBytes, machine, rows }));
    return;
  }
  console.log(
    `${sizeBytes / 1024 ** 2} MiB over loopback, medians; ${machine.cores} cores, ${machine.cpu}, Node ${machine.node}`,
  );
  console.table(
    rows.map(({ name, seconds, megabytesPerSecond, shoalRatio, cpuSeconds, peakMiB }) => ({
      name,
      seconds: seconds.toFixed(2),
      'MB/s': megabytesPerSecond.toFixed(0),
      'shoal is faster by': `${shoalRatio.toFixed(2)} x`,
      'CPU s': cpuSeconds.toFixed(2),
      'peak MiB': peakMiB.toFixed(0),
    })),
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
