/** One downloader and several limited sources: how much of what they may give arrives. */
import { installed } from '../harness/installed.ts';
import { findPython, Libtorrent } from '../harness/libtorrent.ts';
import { startNginx } from '../harness/nginx.ts';
import { timed } from '../harness/processes.ts';
import { atLeast, race, type Contender, type Report } from '../harness/race.ts';
import { keepMemoryWarm, type Scene } from '../harness/scene.ts';
import { get, startTracker, withOthers } from '../harness/shoal.ts';
import { copies, fileName, into, sourceBytesPerSecond, startSource } from './cast.ts';

const many = 4;

export async function gather(scene: Scene, rounds: number, sizeBytes: number): Promise<Report> {
  const { folders, source } = copies(scene, sizeBytes, many);
  const tracker = await startTracker(scene);
  const sources = await Promise.all(
    folders.map((folder, at) => startSource(scene, `source-${at}`, folder, tracker)),
  );
  const senders = Object.fromEntries(sources.map(({ child }, at) => [`source ${at}`, child]));
  const contenders: Contender[] = [
    ours(scene, senders, tracker, sizeBytes),
    ...(await gatheringRivals(scene, folders, source, sizeBytes)),
  ];
  await keepMemoryWarm(scene, 2 * sizeBytes + 2 ** 30);
  const rows = await race(contenders, rounds, sizeBytes);
  const share = ((rows[0]?.megabytesPerSecond ?? 0) * 1e6) / (many * sourceBytesPerSecond);
  return {
    bench: 'swarm',
    what: `${sizeBytes / 2 ** 20} MiB from ${many} sources of 20 MB/s each, medians of ${rounds}`,
    rows,
    goals: [atLeast('of what the sources give', share, 0.97)],
  };
}

function ours(
  scene: Scene,
  senders: Parameters<typeof withOthers>[0],
  tracker: readonly string[],
  sizeBytes: number,
): Contender {
  return {
    name: 'shoal get',
    run: into(scene, 1, sizeBytes, (outDirs) =>
      withOthers(senders, () => get(scene, outDirs[0] ?? '', [fileName], tracker)),
    ),
  };
}

async function gatheringRivals(
  scene: Scene,
  folders: readonly string[],
  source: string,
  sizeBytes: number,
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  const python = findPython();
  if (python !== undefined) {
    const torrent = new Libtorrent(python, scene, source, 2);
    const seeds = await Promise.all(folders.map((folder) => torrent.seed(folder, sourceBytesPerSecond)));
    const senders = Object.fromEntries(seeds.map(({ child }, at) => [`source ${at}`, child]));
    const addresses = seeds.map(({ address }) => address);
    contenders.push({
      name: 'libtorrent v2',
      run: into(scene, 1, sizeBytes, (outDirs) =>
        withOthers(senders, () => torrent.leech(outDirs[0] ?? '', addresses)),
      ),
    });
  }
  if (installed('nginx') && installed('aria2c')) {
    const servers = await Promise.all(
      folders.map((folder, at) =>
        startNginx(scene, folder, { limitRate: sourceBytesPerSecond, name: `nginx-${at}` }),
      ),
    );
    const senders = Object.fromEntries(servers.map(({ child }, at) => [`source ${at}`, child]));
    const urls = servers.map(({ url }) => `${url}/${fileName}`);
    contenders.push({
      name: 'aria2c from nginx',
      run: into(scene, 1, sizeBytes, (outDirs) =>
        withOthers(senders, () =>
          timed('aria2c', [
            '-q',
            '-s4',
            '-x4',
            '-k1M',
            '--file-allocation=none',
            '-d',
            outDirs[0] ?? '',
            ...urls,
          ]),
        ),
      ),
    });
  }
  return contenders;
}
