/**
 * What becomes of a crowd when its tracker stands still for two minutes, and when each of its threads is killed.
 */
import { sharedFiles, TestLink } from '../../../test/helpers/trackers.ts';
import { atMost } from '../../harness/race.ts';
import { until } from '../../harness/until.ts';
import { Crowd, Shares } from '../crowd.ts';
import { Load } from '../load.ts';
import { rounded, type Figure, type Findings, type Part } from '../part.ts';
import { addressOf, type SimulatedPeer } from '../simulated-peer.ts';
import { pause, soon } from '../soon.ts';
import { TrackerProcess } from '../tracker-process.ts';
import type { Scene } from '../../harness/scene.ts';

const standstillMs = 120_000;
const standing = 5_000;
const lookMs = 100;
/** After it has gone on: longer than a lease, and until all have a connection again. */
const afterMs = { least: 100_000, most: 400_000 };
/** Peers of whom one half registers and the other sends keep-alives while threads are killed; and who searches. */
const sharing = 50;
const searching = 8;
/** They have gone on for so long when a thread is killed. */
const underWayMs = 1_000;

export const standstill: Part = {
  name: 'standstill',
  what: 'the whole tracker stopped for 120 s under peers that run what real ones run towards their trackers',
  async run(scene, { peers = standing }) {
    // They all come from one address here.
    const many = peers + 1_000;
    const tracker = await TrackerProcess.start(scene, {
      dataDir: scene.makeFolder('standstill'),
      store: 'sqlite',
      limits: {
        maxConnections: many * 2,
        maxConnectionsPerHost: many * 2,
        maxConnectionsPerNetwork: many * 2,
      },
    });
    const watcher = (await Crowd.of(1, 'watcher')).peers[0];
    const links: TestLink[] = [];
    try {
      const address = { host: '127.0.0.1', port: tracker.port };
      for (let at = 0; at < peers; at++)
        links.push(
          await TestLink.start(scene.folder, [address], {
            name: `standing-${at}`,
            share: sharedFiles(1, `of ${at}`),
          }),
        );
      // Until then it would have nothing to say, and be taken out for it.
      await watcher?.enter({ host: '127.0.0.1', port: tracker.port, from: '127.0.1.1' }, 'guest');
      while ((await online(watcher)) < peers) await pause(lookMs);
      tracker.child.kill('SIGSTOP');
      await pause(standstillMs);
      const anew = links.filter(({ states }) => states.at(-1) !== 'registered').length;
      tracker.child.kill('SIGCONT');
      const goesOnMs = performance.now();
      let [least, missingMs, halfInMs, allInMs, sinceMs] = [peers, 0, Infinity, Infinity, 0];
      while (sinceMs < afterMs.least || (sinceMs < afterMs.most && allInMs === Infinity)) {
        const count = await online(watcher);
        sinceMs = performance.now() - goesOnMs;
        least = Math.min(least, count);
        if (count < peers) missingMs = sinceMs;
        const areIn = links.filter(({ states }) => states.at(-1) === 'registered').length;
        if (areIn >= peers / 2) halfInMs = Math.min(halfInMs, sinceMs);
        if (areIn === peers) allInMs = Math.min(allInMs, sinceMs);
        await pause(lookMs);
      }
      return {
        figures: [
          {
            peers,
            'had given it up': anew,
            'fewest online afterwards': least,
            'until nobody was missing, s': rounded(missingMs / 1_000),
            'until half had a connection again, s': rounded(halfInMs / 1_000),
            'until all had one, s': rounded(allInMs / 1_000),
          },
        ],
        goals: [atMost('peers reaped wrongly', peers - least, 0)],
      };
    } finally {
      tracker.child.kill();
      await Promise.all(links.map((link) => link.stop()));
    }
  },
};

export const killedThreads: Part = {
  name: 'killed-threads',
  what: 'each thread of a tracker killed under load',
  async run(scene) {
    const tracker = await TrackerProcess.start(scene, {
      dataDir: scene.makeFolder('killed'),
      store: 'sqlite',
      limits: { searchesPerSecond: 1e6, searchBurst: 1e6 },
    });
    const placed = (await tracker.actors()).filter(({ thread }) => thread !== 0).map(({ path }) => path);
    const figures: Figure[] = [];
    let worst = 0;
    let lostRows = 0;
    for (const actor of [...new Set(placed)]) {
      const { backMs, rows, before, refused } = await killOne(scene, tracker, actor);
      worst = Math.max(worst, backMs);
      lostRows += rows;
      figures.push({
        actor,
        'files before': before.registered,
        'searches before': before.searches,
        'pings before': before.pings,
        'cut short': refused,
        'back after, ms': rounded(backMs),
        'committed rows lost': rows,
      });
    }
    tracker.child.kill();
    return killFindings(figures, worst, lostRows);
  },
};

const killFindings = (figures: readonly Figure[], worst: number, lostRows: number): Findings => ({
  figures,
  goals: [atMost('a killed thread is back, ms', worst, 500), atMost('committed rows lost', lostRows, 0)],
});

/**
 * Kills one while peers register, search and send keep-alives, and says when a newcomer can enter, register and search
 * again, how much was done before the kill, and what was cut short.
 */
async function killOne(scene: Scene, tracker: TrackerProcess, actor: string): Promise<Killed> {
  const stem = actor.replaceAll(/\W/g, '');
  const crowd = await Crowd.of(sharing, stem);
  await crowd.enter(tracker.port);
  const askers = await Crowd.of(searching, `${stem}-asker`);
  await askers.enter(tracker.port, 'guest');
  const load = new Load(crowd, askers, new Shares(sharing, actor.length));
  await pause(underWayMs);
  const before = { ...load.done };
  if (!(await tracker.kill(actor))) throw new Error(`${actor} has no thread in ${scene.folder}`);
  const killed = performance.now();
  await until(`${actor} is back`, await probe(tracker.port, stem), 60_000);
  const backMs = performance.now() - killed;
  await load.stop();
  // All come back, and are known with all that was acknowledged.
  let rows = 0;
  await crowd.each(8, async (peer, at) => {
    peer.leave();
    const welcome = await peer.enter({ host: '127.0.0.1', port: tracker.port, from: addressOf(at) });
    rows += Math.max(0, (load.rows.get(peer) ?? 0) - welcome.count);
  });
  crowd.leave();
  askers.leave();
  return { backMs, rows, before, refused: load.done.refused };
}

interface Killed {
  readonly backMs: number;
  readonly rows: number;
  readonly before: Load['done'];
  readonly refused: number;
}

/** True once a newcomer could enter, register a file and find it, all of which is tried again until it works. */
async function probe(port: number, stem: string): Promise<() => boolean> {
  const newcomers = await Crowd.of(200, `${stem}-new`);
  let isBack = false;
  void (async () => {
    for (const [at, peer] of newcomers.peers.entries()) {
      try {
        await soon(peer.enter({ host: '127.0.0.1', port, from: addressOf(1_000 + at) }));
        const [file] = new Shares(1, at + 77).next();
        await soon(peer.share(file ? [file] : []));
        await soon(peer.ask({ type: 'search', query: 'a', limit: 1 }));
        isBack = true;
        break;
      } catch {
        peer.leave();
        await pause(10);
      }
    }
    newcomers.leave();
  })();
  return () => isBack;
}

async function online(watcher: SimulatedPeer | undefined): Promise<number> {
  const answer = await watcher?.ask({ type: 'count-peers' });
  return answer?.type === 'peer-count' ? answer.online : Number.NaN;
}
