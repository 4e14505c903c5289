import { afterEach, expect, test } from '@jest/globals';
import { actor, ActorSystem } from '../../src/actors/runtime/index.ts';
import { defaultTrackerLimits, type TrackerCommand } from '../../src/actors/tracker/tracker.ts';
import { fail, ok } from '../../src/core/result.ts';
import { TrackerCounters } from '../../src/core/tracker/tracker-counters.ts';
import type { ClusterStats } from '../../src/core/tracker/tracker-stats.ts';
import { createLog } from '../../src/engine/log.ts';
import { TrackerOperator } from '../../src/engine/tracker-operator.ts';

const systems: ActorSystem[] = [];
afterEach(async () => {
  for (const system of systems.splice(0)) await system.stop();
});

const stats = { peersOnline: 1, peersKnown: 1, files: 1, shares: 1 };
const cluster = (shardsUp: number): ClusterStats => ({
  shards: 32,
  shardsUp,
  redirects: 0,
  retries: 0,
  lost: [],
});

/** An operator of a tracker whose catalogue is in this state, and what the catalogue was asked. */
async function operating(state: { readonly cluster?: ClusterStats; readonly refuses?: string }) {
  const asked: string[] = [];
  const tracker = actor<TrackerCommand>('tracker', () => ({
    receive(message) {
      asked.push(message.type);
      if (message.type === 'stats')
        message.replyTo.reply(ok({ ...stats, ...(state.cluster && { cluster: state.cluster }) }));
      else if (message.type === 'sweep')
        message.replyTo.reply(
          state.refuses === undefined ? ok({ peers: 0, rows: 0, more: false }) : fail('io', state.refuses),
        );
    },
  }));
  const system = new ActorSystem();
  systems.push(system);
  const root = system.start(tracker, undefined);
  await root.ready;
  const operator = new TrackerOperator({
    config: {
      host: '127.0.0.1',
      port: 0,
      dataDir: '/',
      store: 'memory:',
      log: { level: 'silent', file: undefined },
    },
    endpoint: { id: 'a'.repeat(52), host: '127.0.0.1', port: 5_000 } as never,
    system,
    tracker: root.ref,
    counters: new TrackerCounters(['tracker']),
    limits: defaultTrackerLimits,
    log: createLog('test', { level: 'silent', file: undefined }),
  });
  return { operator, asked };
}

test('a tracker is well while its catalogue answers and takes writes', async () => {
  const { operator, asked } = await operating({ cluster: cluster(32) });
  expect(await operator.health()).toEqual({ reasons: [], notes: [] });
  expect(asked).toContain('sweep');
});

test('it is not while its catalogue cannot be written', async () => {
  const { operator } = await operating({ refuses: 'the disk is full' });
  expect((await operator.health()).reasons).toEqual(['the catalogue cannot be written: the disk is full']);
});

test('parts of a cluster that are away are told, and neither waited for nor held against the tracker', async () => {
  const { operator, asked } = await operating({ cluster: cluster(21) });
  expect(await operator.health()).toEqual({
    reasons: [],
    notes: ['21 of 32 parts of the cluster answer'],
  });
  expect(asked).toEqual(['stats']);
});
