/**
 * A peer that shares very many small files: once with everything to be hashed, then started again over what it knows,
 * until its tracker has the whole share. There is nobody to compare with. That nothing is hashed again is shown by
 * files whose bytes have changed behind its back, with size and time as they were: whoever read them would know.
 * Usage: npm run bench -- library [--files 100000] [--rounds 5] [--json]
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { homeLayout } from '../../src/profile/home.ts';
import { residentMiB, usageOf, type Usage } from '../harness/processes.ts';
import { atMost, median, print, type Row } from '../harness/race.ts';
import { withScene, type Scene } from '../harness/scene.ts';
import { startPeer, startTracker } from '../harness/shoal.ts';

const filesPerFolder = 1_000;
/** One file in so many changes behind the peer's back. */
const changedEvery = 997;
/** What a peer keeps is looked at when its threads have had time to end. */
const settleMs = 15_000;
/** When all files were last changed, as far as anybody can see. */
const changedSeconds = 1_700_000_000;

interface Start extends Usage {
  readonly seconds: number;
  /** Of memory, some time after the start. */
  readonly keptMiB: number;
}

export async function run(args: readonly string[]): Promise<readonly Row[]> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  return withScene((scene) => measure(scene, Number(values.files), Number(values.rounds), values.json));
}

async function measure(scene: Scene, count: number, rounds: number, json: boolean): Promise<readonly Row[]> {
  const share = scene.makeFolder('share');
  const files = makeFiles(share, count);
  const tracker = await startTracker(scene);
  const start = (): Promise<Start> => startOnce(scene, share, count, tracker);
  const cold = await start();
  const hashed = manifests(scene);
  for (const [index, file] of files.entries()) if (index % changedEvery === 0) change(file);
  const warm: Start[] = [];
  for (let round = 0; round < rounds; round++) warm.push(await start());
  const rows = [row('cold', [cold]), row('again', warm)];
  const goals = [
    atMost('cold: peak MiB', cold.peakMiB, 250),
    atMost('again: peak MiB', median(warm.map(({ peakMiB }) => peakMiB)), 250),
    atMost('again: MiB kept', median(warm.map(({ keptMiB }) => keptMiB)), 250),
    atMost('again: seconds until it is registered', median(warm.map(({ seconds }) => seconds)), 3),
    atMost('again: files hashed', manifests(scene) - hashed, 0),
  ];
  print({ bench: 'library', what: `sharing ${count} files, medians of ${rounds}`, rows, goals }, json);
  return rows;
}

async function startOnce(
  scene: Scene,
  share: string,
  files: number,
  tracker: readonly string[],
): Promise<Start> {
  const start = performance.now();
  const child = await startPeer(scene, 'peer', share, files, tracker);
  const seconds = (performance.now() - start) / 1000;
  const { cpuSeconds } = usageOf(child.pid);
  await pause(settleMs);
  const { peakMiB } = usageOf(child.pid);
  const keptMiB = residentMiB(child.pid);
  await stop(child);
  return { seconds, cpuSeconds, peakMiB, keptMiB };
}

async function stop(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await over;
}

/** How many contents the profile knows: one more for each file that was hashed and had changed. */
function manifests(scene: Scene): number {
  using database = new DatabaseSync(homeLayout(scene.path('peer')).database, { readOnly: true });
  return Number(database.prepare('SELECT count(*) AS count FROM manifest').get()?.['count']);
}

function makeFiles(share: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const folder = path.join(share, `a folder of many ${Math.floor(index / filesPerFolder)}`);
    if (index % filesPerFolder === 0) mkdirSync(folder);
    const file = path.join(folder, `${index} - a name as long as names are.bin`);
    writeFileSync(file, `${index} `.repeat(1 + (index % 200)));
    utimesSync(file, changedSeconds, changedSeconds);
    return file;
  });
}

function change(file: string): void {
  writeFileSync(file, 'x'.repeat(statSync(file).size));
  utimesSync(file, changedSeconds, changedSeconds);
}

function row(name: string, starts: readonly Start[]): Row {
  const seconds = starts.map((start) => start.seconds);
  const cpuSeconds = median(starts.map((start) => start.cpuSeconds));
  return {
    name,
    seconds: median(seconds),
    leastSeconds: Math.min(...seconds),
    megabytesPerSecond: 0,
    firstIsFasterBy: 1,
    cpuSeconds,
    usage: { peer: { cpuSeconds, peakMiB: median(starts.map((start) => start.peakMiB)) } },
  };
}
