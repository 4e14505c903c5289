/** Peers that move between trackers of one catalogue on a cluster, while servers are late, fail over, or trackers end. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CatalogStore } from '../../../src/store/catalog-store.ts';
import { openRedisStore } from '../../../src/store/redis/redis-engine.ts';
import { usualTimes } from '../../../src/store/redis/redis-keeper.ts';
import { openRedisShards, redisPlaceOf } from '../../../src/store/redis/redis-open.ts';
import type { RedisShards } from '../../../src/store/redis/redis-shards.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { shardTags, slotOf } from '../../../src/store/redis/redis-tags.ts';
import { until } from '../../helpers/poll.ts';
import { patient, RedisTestCluster } from '../../helpers/redis-cluster.ts';
import { describeWithRedis } from '../../helpers/with-redis.ts';
import { arrival, code, file, namesOf, peer, share, stateOf, value } from '../files.ts';

await describeWithRedis('peers that move between trackers', () => {
  let cluster: RedisTestCluster;
  let shards: RedisShards;
  let url = '';
  let made = 0;
  const opened: RedisStore[] = [];

  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 0);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
  });
  beforeEach(async () => {
    url = cluster.url(`moves-${(made += 1)}`, '&shards=1');
    shards = await patient(() => openRedisShards(value(redisPlaceOf(url))));
  });
  afterEach(async () => {
    shards.cluster.close();
    for (const store of opened.splice(0)) await store.close();
  });

  async function open(times: object = {}): Promise<RedisStore> {
    // Nothing beats but when it is told to.
    const all = { ...usualTimes, beatMs: 3_600_000, searchMs: 20_000, ...times };
    const store = await patient(() => openRedisStore(url, all));
    opened.push(store);
    return store;
  }

  async function online(store: CatalogStore): Promise<readonly string[]> {
    return namesOf((await store.peers(undefined, 99)).peers);
  }

  /** What a server answers to an attach of alice with this token, as a tracker of this name sent it. */
  async function attach(owner: string, tracker = 'late'): Promise<string> {
    const args = [peer('alice'), 'alice', 'alice', '192.0.2.9', '4000', owner, tracker, '60000', '', '1'];
    const [is, more] = (await shards.write(0, 'attach', args)) as readonly Buffer[];
    return String(is) === 'later' ? `later ${String(more)}` : String(is);
  }

  async function command(key: string, name: string, ...args: readonly string[]): Promise<unknown> {
    const [tag = ''] = shardTags(1);
    const times = { tryMs: 5_000, allMs: 20_000 };
    return shards.cluster.command(slotOf(tag), [name, `${shards.name}{${tag}}${key}`, ...args], times);
  }

  const files = [file('/a/song.mp3')];

  test('stay at the one that they came to last, however late a server does what the one before had asked for', async () => {
    const [a, b] = [await open(), await open()];
    await share(a, 'alice', ...files);
    value(await b.attach(arrival('alice', 5_000), 1));
    // Of the same time as the first attach, and as the second.
    expect([await attach('1:late.1'), await attach('2:late.2')]).toEqual(['later 2', 'later 2']);
    expect((await a.findPeer('alice'))?.port).toBe(5_000);
    expect(code(await b.commit(peer('alice'), stateOf(files)))).toBe('ok');
    expect(code(await a.commit(peer('alice'), stateOf(files)))).toBe('not-found');
  });

  test('get in where they wait, though an attach for which nobody waits any more was carried out before', async () => {
    const [a, b] = [await open(), await open()];
    await share(a, 'alice', ...files);
    const came = b.attach(arrival('alice', 5_000), 1);
    expect(['ok', 'later 2']).toContain(await attach('2:late.1'));
    value(await came);
    expect((await a.findPeer('alice'))?.port).toBe(5_000);
    expect(code(await b.commit(peer('alice'), stateOf(files)))).toBe('ok');
  });

  test('are let in once by a call that is repeated, and not again by one that comes after they have left', async () => {
    const a = await open();
    await share(a, 'alice', ...files);
    expect([await attach('2:late.1'), await attach('2:late.1')]).toEqual(['ok', 'ok']);
    const number = String(await command(':i', 'ZSCORE', peer('alice')));
    await shards.write(0, 'detach', ['5', number, '2:late.1']);
    expect(await attach('2:late.1')).toBe('later 2');
    expect(await online(a)).toEqual([]);
  });

  test('are attached anew by the tracker where they are, when a failover has lost their move', async () => {
    const [a, b] = [await open(), await open()];
    await share(a, 'alice', ...files);
    const number = String(await command(':i', 'ZSCORE', peer('alice')));
    const [owner, node] = ((await command(`:p:${number}`, 'HMGET', 'w', 'node')) as Buffer[]).map(String);
    let losses = 0;
    b.onLoss(() => (losses += 1));
    value(await b.attach(arrival('alice', 5_000), 1));
    const [moved] = ((await command(`:p:${number}`, 'HMGET', 'node')) as Buffer[]).map(String);
    // What the replica had got by then.
    await command(`:p:${number}`, 'HSET', 'w', owner ?? '', 'node', node ?? '', 'o', '4000');
    await command(`:n:${moved ?? ''}`, 'SREM', number);
    await command(`:n:${node ?? ''}`, 'SADD', number);
    await b.beat();
    expect([(await a.findPeer('alice'))?.port, losses]).toEqual([5_000, 1]);
    expect(code(await b.commit(peer('alice'), stateOf(files)))).toBe('ok');
    await a.beat();
    await a.beat();
    expect(await online(b)).toEqual(['alice']);
  });

  test('stay at a tracker of a version that counts no moves: nobody takes them back', async () => {
    const a = await open();
    await share(a, 'alice', ...files);
    const number = String(await command(':i', 'ZSCORE', peer('alice')));
    const [, node] = ((await command(`:p:${number}`, 'HMGET', 'w', 'node')) as Buffer[]).map(String);
    await command(`:p:${number}`, 'HSET', 'w', 'old.7', 'node', 'old');
    await command(`:n:${node ?? ''}`, 'SREM', number);
    await command(':n:old', 'SADD', number);
    await a.beat();
    expect(code(await a.commit(peer('alice'), stateOf(files)))).toBe('not-found');
    expect(await online(a)).toEqual(['alice']);
    value(await a.attach(arrival('alice'), 2));
    expect(code(await a.commit(peer('alice'), stateOf(files)))).toBe('ok');
  });

  test('are not taken for who should not be there where they come again just then', async () => {
    const a = await open();
    await share(a, 'alice', ...files);
    const number = String(await command(':i', 'ZSCORE', peer('alice')));
    expect(await attach('2:late.7')).toBe('ok');
    await shards.write(0, 'dismiss', ['late', '5', '6', number]);
    expect(await online(a)).toEqual(['alice']);
    await shards.write(0, 'dismiss', ['late', '5', '7', number]);
    expect(await online(a)).toEqual([]);
  });

  test('are listed for a while when their tracker hands them over and ends, and then only if another has them', async () => {
    const bequestMs = 1_500;
    const [goes, stays] = [await open({ bequestMs }), await open()];
    for (const name of ['alice', 'bob', 'carol']) await share(goes, name, file(`/of/${name}`));
    goes.handOver();
    const atMs = performance.now();
    await goes.detach([peer('alice'), peer('bob')], 1);
    await goes.close();
    const listed = await online(stays);
    // A machine that held everything up for so long has said nothing.
    if (performance.now() - atMs < bequestMs) expect(listed).toEqual(['alice', 'bob', 'carol']);
    value(await stays.attach(arrival('alice'), 2));
    await until('nobody is listed whom no tracker has', async () => {
      await stays.beat();
      return (await online(stays)).join() === 'alice';
    });
  });
});
