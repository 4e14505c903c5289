import { afterAll, beforeAll } from '@jest/globals';
import { openRedisStore } from '../../src/store/redis-engine.ts';
import { describeWithRedis, RedisTestCluster } from '../helpers/redis-cluster.ts';
import { describeStore } from './contract.ts';
import { value } from './files.ts';

await describeWithRedis('on a cluster', () => {
  let cluster: RedisTestCluster;
  let opened = 0;
  beforeAll(async () => {
    cluster = await RedisTestCluster.start();
  }, 60_000);
  afterAll(async () => {
    await cluster.stop();
  });

  describeStore('Redis', async () => value(await openRedisStore(cluster.url(`contract-${(opened += 1)}`))));
});
