/**
 * A crowd whose peers leave and come back all the time, then one that comes back as a whole after its tracker was
 * killed: how long entering, a keep-alive and a search take meanwhile, each measured on a connection of its own kind.
 */
import { atMost } from '../../harness/race.ts';
import { Crowd, Shares } from '../crowd.ts';
import { Latencies } from '../latencies.ts';
import { rounded, type Figure, type Part } from '../part.ts';
import { addressOf, type SimulatedPeer } from '../simulated-peer.ts';
import { pause, soon } from '../soon.ts';
import { TrackerProcess } from '../tracker-process.ts';

const usualPeers = 2_000;
const filesEach = 20;
/** Of the crowd, those that go and come; the others send keep-alives. */
const comingShare = 0.25;
const leavesPerSecond = 20;
const searchesPerSecond = 20;
const asking = 8;
const beatEveryMs = 5_000;
/** Times `--seconds`. */
const churnTimes = 6;
const stormLimitMs = 120_000;
const answerMs = 30_000;
const firstWaitMs = 250;
const mostWaitMs = 8_000;

export const churn: Part = {
  name: 'churn',
  what: 'peers that leave and come, then all at once after their tracker was killed, with keep-alives and searches',
  async run(scene, { peers = usualPeers, seconds }) {
    const options = {
      dataDir: scene.makeFolder('churn'),
      store: 'sqlite',
      limits: { maxConnections: peers + 100, searchesPerSecond: 1e6, searchBurst: 1e6 },
    };
    let tracker = await TrackerProcess.start(scene, options);
    const { port } = tracker;
    const shares = new Shares(peers, 1, filesEach);
    const crowd = await Crowd.of(peers);
    await crowd.enter(port);
    await crowd.each(8, (peer) => peer.share(shares.next()));
    const askers = await Crowd.of(asking, 'asker');
    await askers.enter(port, 'guest');
    const cast: Cast = { port, crowd, askers, query: () => shares.words(1) };

    const calm = new Times();
    const endMs = performance.now() + seconds * churnTimes * 1_000;
    await mixed(cast, calm, () => performance.now() < endMs, goAndCome(cast, calm, endMs));

    await tracker.crash();
    crowd.leave();
    tracker = await TrackerProcess.start(scene, { ...options, port });
    const storm = new Times();
    const startedMs = performance.now();
    let isOver = false;
    const back = Promise.all([
      ...crowd.peers.map((peer, at) => comeIn(cast, storm, peer, at)),
      ...askers.peers.map((peer, at) => comeIn(cast, storm, peer, peers + at, 'guest')),
    ]).finally(() => (isOver = true));
    await mixed(cast, storm, () => !isOver, back);
    const stormSeconds = (performance.now() - startedMs) / 1_000;
    crowd.leave();
    askers.leave();
    tracker.child.kill();
    return {
      figures: [
        ...calm.figures(`${leavesPerSecond} a second leave and come`),
        ...storm.figures('storm after a restart'),
        { when: 'storm after a restart', what: `all ${peers} back, s`, count: rounded(stormSeconds) },
      ],
      goals: [
        atMost('keep-alives and searches lost while peers leave and come', calm.failed, 0),
        atMost('seconds until all are back', stormSeconds, 60),
      ],
    };
  },
};

interface Cast {
  readonly port: number;
  readonly crowd: Crowd;
  readonly askers: Crowd;
  readonly query: () => string;
}

class Times {
  readonly entering = new Latencies();
  readonly pings = new Latencies();
  readonly searches = new Latencies();
  /** Attempts to enter that were turned away, and tried again. */
  turnedAway = 0;
  failed = 0;

  async time(into: Latencies, work: () => Promise<unknown>): Promise<void> {
    const startedMs = performance.now();
    try {
      await soon(work(), answerMs);
      into.add(performance.now() - startedMs);
    } catch {
      this.failed += 1;
    }
  }

  figures(when: string): readonly Figure[] {
    const kinds = { enter: this.entering, 'keep-alive': this.pings, search: this.searches };
    return Object.entries(kinds).map(([what, latencies]) => {
      const ms = latencies.summary();
      return {
        when,
        what,
        count: latencies.count,
        'p50 ms': rounded(ms.p50),
        'p99 ms': rounded(ms.p99),
        'p99.9 ms': rounded(ms['p99.9']),
        failed: what === 'enter' ? this.turnedAway : this.failed,
      };
    });
  }
}

/** Those who stay send keep-alives and the askers ask, while something else is done. */
async function mixed(cast: Cast, times: Times, goesOn: () => boolean, work: Promise<unknown>): Promise<void> {
  const { crowd, askers, query } = cast;
  const staying = crowd.peers.slice(Math.floor(crowd.peers.length * comingShare));
  const beating = staying.map(async (peer, at) => {
    await pause((at / staying.length) * beatEveryMs);
    for (; goesOn(); await pause(beatEveryMs))
      if (peer.isConnected) await times.time(times.pings, () => peer.ping(1));
  });
  const searching = askers.peers.map(async (peer, at) => {
    await pause((at * 1_000) / searchesPerSecond);
    for (; goesOn(); await pause((asking * 1_000) / searchesPerSecond))
      if (peer.isConnected)
        await times.time(times.searches, () => peer.ask({ type: 'search', query: query(), limit: 50 }));
  });
  await work;
  await Promise.all([...beating, ...searching]);
}

async function goAndCome(cast: Cast, times: Times, endMs: number): Promise<void> {
  const coming = Math.floor(cast.crowd.peers.length * comingShare);
  const under: Promise<void>[] = [];
  for (let turn = 0; performance.now() < endMs; turn++) {
    const at = turn % coming;
    const peer = cast.crowd.peers[at];
    peer?.leave();
    if (peer !== undefined) under.push(comeIn(cast, times, peer, at));
    await pause(1_000 / leavesPerSecond);
  }
  await Promise.all(under);
}

/** Until it is in: who is turned away waits longer each time, with full jitter, as peers do. */
async function comeIn(
  { port }: Cast,
  times: Times,
  peer: SimulatedPeer,
  at: number,
  as: 'peer' | 'guest' = 'peer',
): Promise<void> {
  await pause(Math.random() * firstWaitMs);
  const startedMs = performance.now();
  for (let waitMs = firstWaitMs; performance.now() - startedMs < stormLimitMs;) {
    try {
      await soon(peer.enter({ host: '127.0.0.1', port, from: addressOf(at) }, as), answerMs);
      times.entering.add(performance.now() - startedMs);
      return;
    } catch {
      peer.leave();
      times.turnedAway += 1;
      waitMs = Math.min(mostWaitMs, waitMs * 2);
      await pause(Math.random() * waitMs);
    }
  }
  times.failed += 1;
}
