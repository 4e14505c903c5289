/** The Redis store on a real cluster: what every store must do, and that it answers as the memory store does. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { openRedisStore } from '../../../src/store/redis/redis-engine.ts';
import { usualTimes } from '../../../src/store/redis/redis-keeper.ts';
import { openRedisShards, redisPlaceOf } from '../../../src/store/redis/redis-open.ts';
import { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { patient, RedisTestCluster } from '../../helpers/redis-cluster.ts';
import { describeWithRedis } from '../../helpers/with-redis.ts';
import { describeAway } from '../contract-away.ts';
import { describeDenied } from '../contract-denied.ts';
import { describePages } from '../contract-pages.ts';
import { describeStore } from '../contract.ts';
import { value } from '../files.ts';
import { expectToAnswerAsMemory } from '../model.ts';

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

  /** A hundred thousand files would take a minute of a busy machine. */
  const maxFiles = 1_000;

  describeStore(
    'Redis',
    async () => {
      const place = value(redisPlaceOf(cluster.url(`contract-${(made += 1)}`)));
      const shards = await patient(() => openRedisShards(place, times.searchMs));
      return new RedisStore(shards, times, maxFiles);
    },
    maxFiles,
  );

  describeDenied('Redis', async () =>
    patient(() => openRedisStore(cluster.url(`denied-${(made += 1)}`), times)),
  );

  describePages('Redis', async () =>
    patient(() => openRedisStore(cluster.url(`pages-${(made += 1)}`, '&shards=1'), times)),
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
