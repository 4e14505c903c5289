/** Several downloaders that begin together and one limited source: how much longer they take than one copy would. */
import { EngineProcess } from '../harness/engine-process.ts';
import { findPython, Libtorrent } from '../harness/libtorrent.ts';
import { usageOf } from '../harness/processes.ts';
import { atMost, race, type Contender, type Report, type Round } from '../harness/race.ts';
import { keepMemoryWarm, type Scene } from '../harness/scene.ts';
import { startTracker, withOthers } from '../harness/shoal.ts';
import { configOf, copies, fileName, into, sourceBytesPerSecond, startSource } from './cast.ts';

const many = 4;

export async function spread(scene: Scene, rounds: number, sizeBytes: number): Promise<Report> {
  const { folders, source } = copies(scene, sizeBytes, 1);
  const folder = folders[0] ?? '';
  const tracker = await startTracker(scene);
  const { child } = await startSource(scene, 'source', folder, tracker);
  const contenders: Contender[] = [
    {
      name: `shoal peer, ${many} of them`,
      run: into(scene, many, sizeBytes, (outDirs) => fetchTogether(scene, child, outDirs, tracker)),
    },
  ];
  const python = findPython();
  if (python !== undefined) {
    const torrent = new Libtorrent(python, scene, source, 2);
    const seed = await torrent.seed(folder, sourceBytesPerSecond);
    contenders.push({
      name: `libtorrent v2, ${many} of them`,
      run: into(scene, many, sizeBytes, (outDirs) =>
        withOthers({ source: seed.child }, () => torrent.leechTogether(outDirs, seed.address)),
      ),
    });
  }
  await keepMemoryWarm(scene, (many + 1) * sizeBytes + 2 ** 30);
  const rows = await race(contenders, rounds, many * sizeBytes);
  const oneCopySeconds = sizeBytes / sourceBytesPerSecond;
  return {
    bench: 'swarm',
    what: `${sizeBytes / 2 ** 20} MiB to ${many} downloaders from one source of 20 MB/s, medians of ${rounds}`,
    rows,
    goals: [atMost('of the time of one copy', (rows[0]?.seconds ?? Number.NaN) / oneCopySeconds, 1.35)],
  };
}

let generation = 0;

/** New peers each time, that find one another through the tracker; timed until all have the whole file. */
async function fetchTogether(
  scene: Scene,
  source: EngineProcess['child'],
  outDirs: readonly string[],
  tracker: readonly string[],
): Promise<Round> {
  const round = (generation += 1);
  const before = usageOf(source.pid);
  const peers = outDirs.map((outDir, at) => {
    const share = scene.makeFolder(`share-${round}-${at}`);
    return new EngineProcess(scene, configOf(scene, `peer-${round}-${at}`, share, outDir, tracker, 0));
  });
  await Promise.all(peers.map((peer) => peer.shares(0)));
  const id = (await peers[0]?.find(fileName))?.id;
  if (id === undefined) throw new Error('The tracker does not know the file');
  const start = performance.now();
  const target = { kind: 'content', id, name: fileName, folders: [], sources: [] } as const;
  await Promise.all(
    peers.map((peer, at) => peer.download({ target, outDir: outDirs[at] ?? '', bytesPerSecond: 0 })),
  );
  await Promise.all(peers.map((peer) => peer.finished(1)));
  const seconds = (performance.now() - start) / 1000;
  const now = usageOf(source.pid);
  const usage = Object.fromEntries(peers.map(({ child }, at) => [`peer ${at}`, usageOf(child.pid)]));
  for (const { child } of peers) child.kill();
  return {
    seconds,
    usage: { source: { cpuSeconds: now.cpuSeconds - before.cpuSeconds, peakMiB: now.peakMiB }, ...usage },
  };
}
