/**
 * One large file over loopback between two real processes, as whole commands with their start: Shoal with TLS and
 * without, in turn with those of its rivals that are installed. Of these only libtorrent verifies, and none encrypts.
 * Usage: npm run bench -- transfer [--size 1G] [--rounds 5] [--json]
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { installed } from '../harness/installed.ts';
import { findPython, Libtorrent } from '../harness/libtorrent.ts';
import { startNginx } from '../harness/nginx.ts';
import { benchOptions } from '../harness/options.ts';
import { timed, type Finished } from '../harness/processes.ts';
import { atLeast, print, race, type Contender, type Goal, type Row } from '../harness/race.ts';
import { startRsync } from '../harness/rsync.ts';
import { keepMemoryWarm, withScene, writeRandomFile, type Scene } from '../harness/scene.ts';
import { get, startPeer, startTracker, withOthers } from '../harness/shoal.ts';

const fileName = 'file.bin';
const encrypted = 'shoal get';
const plain = 'shoal get --insecure';

export async function run(args: readonly string[]): Promise<readonly Row[]> {
  const { json, rounds, sizeBytes } = benchOptions(args, { rounds: 5, size: '1G' });
  return withScene(async (scene) => {
    const share = scene.makeFolder('share');
    const source = path.join(share, fileName);
    writeRandomFile(source, sizeBytes);
    const contenders = [...(await ours(scene, share, sizeBytes)), ...(await others(scene, share, sizeBytes))];
    await keepMemoryWarm(scene, 4 * sizeBytes + 2 ** 30);
    const rows = await race(contenders, rounds, sizeBytes);
    const what = `${sizeBytes / 1024 ** 2} MiB from one source over loopback, medians of ${rounds}`;
    print({ bench: 'transfer', what, rows, goals: goals(rows) }, json);
    return rows;
  });
}

/** Every round brings the file into an empty folder and sees that it is whole. */
function into(scene: Scene, sizeBytes: number, bring: (outDir: string) => ReturnType<Contender['run']>) {
  return async () => {
    const outDir = scene.path('out');
    mkdirSync(outDir);
    const round = await bring(outDir);
    if (statSync(path.join(outDir, fileName)).size !== sizeBytes) throw new Error('The file is not whole');
    rmSync(outDir, { recursive: true });
    return round;
  };
}

async function ours(scene: Scene, share: string, sizeBytes: number): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [name, flags] of [
    [encrypted, []],
    [plain, ['--insecure']],
  ] as const) {
    const home = name.replaceAll(' ', '');
    // A tracker of its own for each, so that nobody is asked who does not agree.
    const tracker = await startTracker(scene, `${home}-tracker`);
    const sender = await startPeer(scene, home, share, 1, [...flags, ...tracker]);
    contenders.push({
      name,
      run: into(scene, sizeBytes, (outDir) =>
        withOthers({ sender }, () => get(scene, outDir, [fileName], [...flags, ...tracker])),
      ),
    });
  }
  return contenders;
}

async function others(scene: Scene, share: string, sizeBytes: number): Promise<Contender[]> {
  const contenders: Contender[] = [];
  const source = path.join(share, fileName);
  const add = (
    name: string,
    sender: Parameters<typeof withOthers>[0],
    bring: (outDir: string) => Promise<Finished>,
  ): void => {
    const round = into(scene, sizeBytes, (outDir) => withOthers(sender, () => bring(outDir)));
    contenders.push({ name, run: round });
  };
  if (installed('nginx')) {
    const { child: sender, url } = await startNginx(scene, share);
    const from = `${url}/${fileName}`;
    if (installed('curl'))
      add('curl from nginx', { sender }, (outDir) =>
        timed('curl', ['-sSf', '-o', path.join(outDir, fileName), from]),
      );
    if (installed('aria2c'))
      add('aria2c from nginx', { sender }, (outDir) =>
        timed('aria2c', ['-q', '--file-allocation=none', '-d', outDir, '-o', fileName, from]),
      );
  }
  if (installed('rsync')) {
    const { child: sender, url } = await startRsync(scene, share);
    add('rsync daemon', { sender }, (outDir) =>
      timed('rsync', ['--whole-file', `${url}/${fileName}`, `${outDir}/`]),
    );
  }
  const python = findPython();
  for (const version of python === undefined ? [] : ([1, 2] as const)) {
    const torrent = new Libtorrent(python ?? '', scene, source, version);
    const { child: sender, address } = await torrent.seed(share);
    add(`libtorrent v${version}`, { sender }, (outDir) => torrent.leech(outDir, [address]));
  }
  if (installed('cp')) add('cp', {}, (outDir) => timed('cp', [source, path.join(outDir, fileName)]));
  return contenders;
}

/** As many times the rival's throughput, where there is the rival. */
const wanted: readonly (readonly [ours: string, rival: string, times: number])[] = [
  [encrypted, 'curl from nginx', 0.9],
  [encrypted, 'aria2c from nginx', 1.8],
  [encrypted, 'libtorrent v2', 2.5],
  [plain, 'curl from nginx', 1.2],
  [plain, 'libtorrent v2', 3.5],
];

function goals(rows: readonly Row[]): Goal[] {
  const secondsOf = (name: string): number | undefined => rows.find((row) => row.name === name)?.seconds;
  return wanted.flatMap(([mine, rival, times]) => {
    const [own, its] = [secondsOf(mine), secondsOf(rival)];
    return own === undefined || its === undefined ? [] : [atLeast(`${mine} to ${rival}`, its / own, times)];
  });
}
