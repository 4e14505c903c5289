/**
 * Many small files over loopback between two processes, against rsync's daemon and libtorrent where they are
 * installed. Shoal encrypts, proves every file and flushes it before it has its name; rsync does none of that.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findPython, Libtorrent, type TorrentVersion } from '../harness/libtorrent.ts';
import { installed } from '../harness/installed.ts';
import { benchOptions } from '../harness/options.ts';
import { timed } from '../harness/processes.ts';
import { atLeast, print, race, type Contender, type Report, type Round } from '../harness/race.ts';
import { startRsync } from '../harness/rsync.ts';
import { warmMemory, withScene, writeRandomFile, type Scene } from '../harness/scene.ts';
import { get, startPeer, startTracker, withOthers } from '../harness/shoal.ts';

const files = 10_000;
const folders = 100;
/** More than any contender's memory and files together. */
const warmBytes = 512 * 1024 * 1024;

export async function run(args: readonly string[]): Promise<Report> {
  const options = benchOptions(args, { rounds: 5, size: '4096' });
  return withScene(async (scene) => {
    const tree = scene.path('tree');
    makeTree(tree, options.sizeBytes);
    const warm = scene.path('warm-source');
    writeRandomFile(warm, warmBytes);
    const contenders = [await shoal(scene, tree), ...(await others(scene, tree))];
    // A round that is not counted: everybody's code and files are read from the disk for the first time.
    await race(contenders, 1, 1);
    const bytes = files * options.sizeBytes;
    const rows = await race(contenders, options.rounds, bytes, () => {
      warmMemory(scene, warm);
      // Who flushes is not to pay for what others have left to be flushed.
      spawnSync('sync');
    });
    const fasterThan = (name: string): number | undefined =>
      rows.find((row) => row.name === name)?.firstIsFasterBy;
    const goals = [
      ['rsync daemon', 1] as const,
      ['libtorrent v1', 1.5] as const,
      ['libtorrent v2', 1.5] as const,
    ].flatMap(([name, bound]) => {
      const measured = fasterThan(name);
      return measured === undefined ? [] : [atLeast(`throughput of ${name}`, measured, bound)];
    });
    const what = `${files} files of ${options.sizeBytes} bytes in ${folders} folders, medians of ${options.rounds}`;
    const report = { bench: 'small', what, rows, goals };
    print(report, options.json);
    return report;
  });
}

async function shoal(scene: Scene, tree: string): Promise<Contender> {
  const flags = await startTracker(scene);
  const sender = await startPeer(scene, 'sender', tree, files, flags);
  return contender(scene, tree, 'shoal', (out) =>
    withOthers({ sender }, () => get(scene, out, ['sender:/tree/'], flags)),
  );
}

async function others(scene: Scene, tree: string): Promise<readonly Contender[]> {
  const contenders: Contender[] = [];
  if (installed('rsync')) {
    const { child: sender, url } = await startRsync(scene, tree);
    contenders.push(
      contender(scene, tree, 'rsync daemon', (out) =>
        withOthers({ sender }, () => timed('rsync', ['-a', `${url}/`, path.join(out, 'tree/')])),
      ),
    );
  }
  const python = findPython();
  const versions: readonly TorrentVersion[] = python === undefined ? [] : [1, 2];
  for (const version of versions) {
    const libtorrent = new Libtorrent(python ?? '', scene, tree, version);
    const { child: sender, address } = await libtorrent.seed(path.dirname(tree));
    contenders.push(
      contender(scene, tree, `libtorrent v${version}`, (out) =>
        withOthers({ sender }, () => libtorrent.leech(out, [address])),
      ),
    );
  }
  return contenders;
}

/**
 * Fetches into a new folder each time, and looks whether all is there. Nothing is removed before the end: ext4
 * steps over each inode that was freed in the last minutes, one by one, for every file that it makes.
 */
function contender(
  scene: Scene,
  tree: string,
  name: string,
  fetchInto: (out: string) => Promise<Round>,
): Contender {
  let runs = 0;
  return {
    name,
    async run() {
      const out = scene.makeFolder('out', name.replaceAll(' ', '-'), String(++runs));
      const round = await fetchInto(out);
      if (!isSame(tree, path.join(out, 'tree'))) throw new Error(`${name}: not the same files`);
      return round;
    },
  };
}

function makeTree(tree: string, sizeBytes: number): void {
  for (let file = 0; file < files; file++) {
    const folder = path.join(tree, `folder-${file % folders}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `file-${file}.bin`), randomBytes(sizeBytes));
  }
}

function isSame(one: string, other: string): boolean {
  const entries = readdirSync(one, { withFileTypes: true });
  if (readdirSync(other).length !== entries.length) return false;
  return entries.every((entry) => {
    const [from, to] = [path.join(one, entry.name), path.join(other, entry.name)];
    return entry.isDirectory() ? isSame(from, to) : readFileSync(from).equals(readFileSync(to));
  });
}
