/**
 * Two trackers of one catalogue on a Redis Cluster of six servers, one of them killed under two thousand peers that run
 * what real ones run towards their trackers: how long until all are at the other, and whether it answers meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestLink, sharedFiles } from '../../../test/helpers/trackers.ts';
import { RedisTestCluster } from '../../../test/helpers/redis-cluster.ts';
import { atMost } from '../../harness/race.ts';
import { installed } from '../../harness/installed.ts';
import { until } from '../../harness/until.ts';
import { Crowd } from '../crowd.ts';
import { Latencies } from '../latencies.ts';
import { rounded, type Part } from '../part.ts';
import type { SimulatedPeer } from '../simulated-peer.ts';
import { TrackerProcess } from '../tracker-process.ts';

const peers = 2_000;
const filesEach = 5;
const knowingLookMs = 200;

export const moving: Part = {
  name: 'moving',
  what: 'two trackers on a cluster of six, one killed under 2,000 peers',
  async run(scene) {
    if (!installed('redis-server'))
      return { figures: [{ skipped: 'redis-server is not installed' }], goals: [] };
    const cluster = await RedisTestCluster.start();
    const store = cluster.url('moving');
    // They all come from one address here.
    const limits = {
      maxConnections: 10_000,
      maxConnectionsPerHost: 10_000,
      maxConnectionsPerNetwork: 10_000,
    };
    const start = (name: string): Promise<TrackerProcess> =>
      TrackerProcess.start(scene, { dataDir: scene.makeFolder(name), store, limits });
    const [first, second] = [await start('first'), await start('second')];
    const links: TestLink[] = [];
    try {
      for (let at = 0; at < peers; at++) {
        const { port } = at % 2 === 0 ? first : second;
        const share = sharedFiles(filesEach, `of ${at} report`);
        const address = { host: '127.0.0.1', port };
        links.push(await TestLink.start(scene.folder, [address], { name: `mover-${at}`, share }));
      }
      const [watcher] = (await Crowd.of(1, 'watcher')).peers;
      if (watcher === undefined) throw new Error('There is no watcher');
      await watcher.enter({ host: '127.0.0.1', port: second.port, from: '127.0.1.1' }, 'guest');
      await until('all are online', await watching(watcher, peers));
      for (const link of links) while ((await link.knows()).length === 0) await sleep(knowingLookMs);
      const killed = performance.now();
      await first.crash();
      const searching = searchOn(watcher);
      const atSecond = (link: TestLink): boolean => {
        const view = link.events.findLast((event) => event.type === 'tracker')?.tracker;
        return view?.state === 'registered' && (view.via ?? view).port === second.port;
      };
      await until('all are at the other', () => links.every(atSecond), 120_000);
      const movedSeconds = (performance.now() - killed) / 1_000;
      const { answered, failed, latencies } = await searching.stop();
      const ms = latencies.summary();
      return {
        figures: [
          {
            peers,
            'all moved after, s': rounded(movedSeconds),
            'searches answered meanwhile': answered,
            'searches refused': failed,
            'search p50 ms': rounded(ms.p50),
            'search p99 ms': rounded(ms.p99),
          },
        ],
        goals: [
          atMost('seconds until all are at the other tracker', movedSeconds, 30),
          atMost('searches not answered meanwhile', failed, 0),
        ],
      };
    } finally {
      await Promise.all(links.map((link) => link.stop()));
      await cluster.stop();
    }
  },
};

/** Whether so many are online, asked again and again. */
async function watching(watcher: SimulatedPeer, wanted: number): Promise<() => boolean> {
  let isReached = false;
  void (async () => {
    while (!isReached && watcher.isConnected) {
      const answer = await watcher.ask({ type: 'count-peers' });
      isReached = answer.type === 'peer-count' && answer.online >= wanted;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return () => isReached;
}

/** Searches one after the other until it is told to stop. */
function searchOn(watcher: SimulatedPeer) {
  const latencies = new Latencies();
  const stopping = new AbortController();
  let answered = 0;
  let failed = 0;
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const asked = performance.now();
      try {
        await watcher.ask({ type: 'search', query: `report ${answered % filesEach}`, limit: 50 });
        answered += 1;
        latencies.add(performance.now() - asked);
      } catch {
        failed += 1;
      }
      // As one person with a script would, within what one address may ask.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const done = work();
  return {
    async stop() {
      stopping.abort();
      await done;
      return { answered, failed, latencies };
    },
  };
}
