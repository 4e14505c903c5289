/**
 * A crowd that stays: how many connections are held, what one costs in memory, and how soon a keep-alive is answered
 * while all of them send theirs.
 */
import { atLeast, atMost } from '../../harness/race.ts';
import { Crowd } from '../crowd.ts';
import { Latencies } from '../latencies.ts';
import { rounded, type Part } from '../part.ts';
import { TrackerProcess } from '../tracker-process.ts';

/** Far more often than peers send theirs, to see a day's worth in a minute. */
const beatEveryMs = 5_000;

export const crowd: Part = {
  name: 'crowd',
  what: 'connections held, each with a keep-alive every five seconds',
  async run(scene, { connections, seconds }) {
    const limits = { maxConnections: connections + 100 };
    const tracker = await TrackerProcess.start(scene, {
      dataDir: scene.makeFolder('crowd'),
      store: 'memory:',
      limits,
    });
    const people = await Crowd.of(connections);
    const emptyMiB = tracker.residentMiB;
    const start = performance.now();
    await people.enter(tracker.port);
    const enteredSeconds = (performance.now() - start) / 1_000;
    const kibEach = ((tracker.residentMiB - emptyMiB) * 1_024) / connections;
    const latencies = new Latencies();
    const cpuBefore = tracker.cpuSeconds;
    const beating = performance.now();
    await people.each(people.peers.length, async (peer, at) => {
      await pause((at / connections) * beatEveryMs);
      for (let next = performance.now(); next - beating < seconds * 4_000; next += beatEveryMs) {
        await pause(next - performance.now());
        const asked = performance.now();
        await peer.ping(1);
        latencies.add(performance.now() - asked);
      }
    });
    const cores = (tracker.cpuSeconds - cpuBefore) / ((performance.now() - beating) / 1_000);
    const held = people.peers.filter((peer) => peer.isConnected).length;
    const ms = latencies.summary();
    people.leave();
    tracker.child.kill();
    return {
      figures: [
        {
          held,
          lost: people.lost,
          'entered, s': rounded(enteredSeconds),
          'KiB each': rounded(kibEach),
          'keep-alives': latencies.count,
          'p50 ms': rounded(ms.p50, 2),
          'p99 ms': rounded(ms.p99, 2),
          'p99.9 ms': rounded(ms['p99.9'], 2),
          'cores used': rounded(cores, 2),
        },
      ],
      goals: [
        atLeast('connections held', held, connections),
        atMost('p99 of a keep-alive, ms', ms.p99, 20),
        atMost('memory of an idle TLS connection, KiB', kibEach, 40),
      ],
    };
  },
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
