/** The Redis store on a real cluster: what every store must do, and that it answers as the memory store does. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { openRedisStore } from '../../src/store/redis-engine.ts';
import { usualTimes } from '../../src/store/redis-keeper.ts';
import { RedisTestCluster } from '../helpers/redis-cluster.ts';
import { describeWithRedis } from '../helpers/with-redis.ts';
import { describeAway } from './contract-away.ts';
import { describeStore } from './contract.ts';
import { value } from './files.ts';
import { expectToAnswerAsMemory } from './model.ts';

/** A machine that is busy with others answers late, but all. */
const patient = { ...usualTimes, searchMs: 20_000 };

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
    value(await openRedisStore(cluster.url(`contract-${(made += 1)}`), patient)),
  );

  describeAway('Redis', async () =>
    value(await openRedisStore(cluster.url(`away-${(made += 1)}`, '&shards=1'), patient)),
  );

  test('a catalogue of one part answers as the memory store does, restarts included', async () => {
    await expectToAnswerAsMemory(
      () => {
        const url = cluster.url(`model-${(made += 1)}`, '&shards=1');
        return async (wallMs) => value(await openRedisStore(url, { ...patient, wallMs }));
      },
      25,
      3,
      // It remembers for a while how many peers there have been.
      [0],
    );
  }, 300_000);
});
