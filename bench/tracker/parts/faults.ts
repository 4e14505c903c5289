/**
 * What becomes of a crowd when its tracker stands still for two minutes, and when each of its threads is killed.
 */
import { atMost } from '../../harness/race.ts';
import { until } from '../../harness/until.ts';
import { Crowd, Shares } from '../crowd.ts';
import { rounded, type Figure, type Findings, type Part } from '../part.ts';
import { addressOf, type SimulatedPeer } from '../simulated-peer.ts';
import { TrackerProcess } from '../tracker-process.ts';
import type { Scene } from '../../harness/scene.ts';

const peers = 5_000;
const standstillMs = 120_000;
/** Peers that share something while threads are killed. */
const sharing = 50;

export const standstill: Part = {
  name: 'standstill',
  what: 'the whole tracker stopped for 120 s under 5,000 peers',
  async run(scene) {
    const tracker = await TrackerProcess.start(scene, {
      dataDir: scene.makeFolder('standstill'),
      store: 'sqlite',
    });
    const crowd = await Crowd.of(peers);
    await crowd.enter(tracker.port);
    const watcher = (await Crowd.of(1, 'watcher')).peers[0];
    await watcher?.enter({ host: '127.0.0.1', port: tracker.port, from: '127.0.0.1' }, 'guest');
    tracker.child.kill('SIGSTOP');
    await pause(standstillMs);
    tracker.child.kill('SIGCONT');
    const after = await online(watcher);
    // One lease later, in which each gives its sign of life as ever.
    await crowd.each(64, (peer) => (peer.isConnected ? peer.ping(1) : Promise.resolve()));
    await pause(10_000);
    const later = await online(watcher);
    crowd.leave();
    tracker.child.kill();
    return {
      figures: [
        { peers, 'online at once': after, 'online 10 s later': later, 'connections lost': crowd.lost },
      ],
      goals: [atMost('peers reaped wrongly', peers - Math.min(after, later, peers - crowd.lost), 0)],
    };
  },
};

export const killedThreads: Part = {
  name: 'killed-threads',
  what: 'each thread of a tracker killed under load',
  async run(scene) {
    const tracker = await TrackerProcess.start(scene, {
      dataDir: scene.makeFolder('killed'),
      store: 'sqlite',
    });
    const placed = (await tracker.actors()).filter(({ thread }) => thread !== 0).map(({ path }) => path);
    const figures: Figure[] = [];
    let worst = 0;
    let lostRows = 0;
    for (const actor of [...new Set(placed)]) {
      const { backMs, rows } = await killOne(scene, tracker, actor);
      worst = Math.max(worst, backMs);
      lostRows += rows;
      figures.push({ actor, 'back after, ms': rounded(backMs), 'committed rows lost': rows });
    }
    tracker.child.kill();
    return killFindings(figures, worst, lostRows);
  },
};

const killFindings = (figures: readonly Figure[], worst: number, lostRows: number): Findings => ({
  figures,
  goals: [atMost('a killed thread is back, ms', worst, 500), atMost('committed rows lost', lostRows, 0)],
});

/** Kills one under peers that share, and says when a newcomer can enter, register and search again. */
async function killOne(
  scene: Scene,
  tracker: TrackerProcess,
  actor: string,
): Promise<{ backMs: number; rows: number }> {
  const stem = actor.replaceAll(/\W/g, '');
  const shares = new Shares(sharing, actor.length);
  const crowd = await Crowd.of(sharing, stem);
  await crowd.enter(tracker.port);
  await crowd.each(8, (peer) => peer.share(shares.next()));
  if (!(await tracker.kill(actor))) throw new Error(`${actor} has no thread in ${scene.folder}`);
  const killed = performance.now();
  await until(`${actor} is back`, await probe(tracker.port, stem), 60_000);
  const backMs = performance.now() - killed;
  // Whoever lost its connection comes back, and is known with all it had registered.
  let rows = 0;
  await crowd.each(8, async (peer, at) => {
    peer.leave();
    const place = { host: '127.0.0.1', port: tracker.port, from: addressOf(at) };
    const welcome = await peer.enter(place);
    rows += 614 - welcome.count;
  });
  crowd.leave();
  return { backMs, rows };
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

async function soon<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('too late')), 500);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function online(watcher: SimulatedPeer | undefined): Promise<number> {
  const answer = await watcher?.ask({ type: 'count-peers' });
  return answer?.type === 'peer-count' ? answer.online : Number.NaN;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
