/**
 * Keep-alives a second that one core answers to 1,000 connections over TLS, a hundred at a time on each and one at a
 * time; beside them the announces a second of opentracker, over plain HTTP. The tracker is held to one core, who
 * asks to another.
 */
import { spawnSync } from 'node:child_process';
import { atLeast, median } from '../../harness/race.ts';
import type { Scene } from '../../harness/scene.ts';
import { Crowd } from '../crowd.ts';
import { announcesPerSecond, hasOpentracker } from '../opentracker.ts';
import { rounded, type Figure, type Findings, type Part, type PartOptions } from '../part.ts';
import { TrackerProcess } from '../tracker-process.ts';

const connections = 1_000;
const rounds = 3;

export const keepAlive: Part = {
  name: 'keep-alive',
  what: 'keep-alives of 1,000 connections, tracker and askers on a core each',
  async run(scene, options) {
    const tracker = await TrackerProcess.start(scene, {
      dataDir: scene.makeFolder('keep-alive'),
      store: 'memory:',
      core: 0,
    });
    spawnSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)]);
    const crowd = await Crowd.of(connections);
    await crowd.enter(tracker.port);
    const rates: Record<'pipelined' | 'one' | 'announces', number[]> = {
      pipelined: [],
      one: [],
      announces: [],
    };
    const cores: Record<'pipelined' | 'one', number[]> = { pipelined: [], one: [] };
    for (let round = 0; round < rounds; round++) {
      for (const [kind, atOnce] of [['pipelined', 100] as const, ['one', 1] as const]) {
        const before = tracker.cpuSeconds;
        rates[kind].push(await rateOf(crowd, atOnce, options));
        cores[kind].push((tracker.cpuSeconds - before) / options.seconds);
      }
      if (hasOpentracker()) rates.announces.push(await measureRival(scene, options));
    }
    crowd.leave();
    tracker.child.kill();
    spawnSync('taskset', ['-a', '-c', '-p', '0,1', String(process.pid)]);
    return findings(median(rates.pipelined), median(rates.one), median(rates.announces), {
      pipelined: median(cores.pipelined),
      one: median(cores.one),
    });
  },
};

const measureRival = (scene: Scene, { seconds }: PartOptions): Promise<number> =>
  announcesPerSecond(scene, connections, seconds);

/** Answers a second, all connections asking again as soon as they have their answers. */
async function rateOf(crowd: Crowd, atOnce: number, { seconds }: PartOptions): Promise<number> {
  const end = performance.now() + seconds * 1_000;
  let answered = 0;
  await crowd.each(crowd.peers.length, async (peer) => {
    while (performance.now() < end) {
      await peer.ping(atOnce);
      answered += atOnce;
    }
  });
  return answered / seconds;
}

function findings(
  pipelined: number,
  one: number,
  announces: number,
  cores: Readonly<Record<'pipelined' | 'one', number>>,
): Findings {
  const row = (what: string, rate: number): Figure => ({ what, 'a second': Math.round(rate) });
  const hasRival = !Number.isNaN(announces);
  return {
    figures: [
      { ...row('keep-alives, 100 at a time', pipelined), 'cores used': rounded(cores.pipelined, 2) },
      { ...row('keep-alives, one at a time', one), 'cores used': rounded(cores.one, 2) },
      ...(hasRival ? [row('opentracker, announces', announces)] : []),
    ],
    goals: [
      atLeast('keep-alives a second, pipelined', pipelined, 120_000),
      atLeast('keep-alives a second, one in flight', one, 60_000),
      ...(hasRival ? [atLeast('keep-alives to announces of opentracker', one / announces, 3)] : []),
    ],
  };
}
