/** The Redis store on a real cluster: what every store must do, and that it answers as the memory store does. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { openRedisStore } from '../../src/store/redis-engine.ts';
import { usualTimes } from '../../src/store/redis-keeper.ts';
import { patient, RedisTestCluster } from '../helpers/redis-cluster.ts';
import { describeWithRedis } from '../helpers/with-redis.ts';
import { describeAway } from './contract-away.ts';
import { describeStore } from './contract.ts';
import { expectToAnswerAsMemory } from './model.ts';

/** A machine that is busy with others answers late, but all. */
const times = { ...usualTimes, searchMs: 20_000 };

await describeWithRedis('on a cluster', () => {
  let cluster: RedisTestCluster;
  let made = 0;
  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 0);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
  });

  describeStore('Redis', async () =>
    patient(() => openRedisStore(cluster.url(`contract-${(made += 1)}`), times)),
  );

  describeAway('Redis', async () =>
    patient(() => openRedisStore(cluster.url(`away-${(made += 1)}`, '&shards=1'), times)),
  );

  test('a catalogue of one part answers as the memory store does, restarts included', async () => {
    await expectToAnswerAsMemory(
      () => {
        const url = cluster.url(`model-${(made += 1)}`, '&shards=1');
        return (wallMs) => patient(() => openRedisStore(url, { ...times, wallMs }));
      },
      25,
      3,
      // It remembers for a while how many peers there have been.
      [0],
    );
  }, 300_000);
});
