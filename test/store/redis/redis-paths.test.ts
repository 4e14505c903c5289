/** A content that very many paths have, or that is lied about: what one more costs does not grow with how many there are. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { maxSizesPerPath } from '../../../src/core/limits/redis.ts';
import { openRedisStore } from '../../../src/store/redis/redis-engine.ts';
import { usualTimes } from '../../../src/store/redis/redis-keeper.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { patient, RedisTestCluster } from '../../helpers/redis-cluster.ts';
import { describeWithRedis } from '../../helpers/with-redis.ts';
import { arrival, code, content, file, peer, share, sourcesOf, stateOf, query, value } from '../files.ts';

await describeWithRedis('a content at very many paths', () => {
  let cluster: RedisTestCluster;
  let store: RedisStore;
  let made = 0;
  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 0);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
  });

  async function open(): Promise<void> {
    const url = cluster.url(`paths-${(made += 1)}`, '&shards=1');
    store = await patient(() => openRedisStore(url, { ...usualTimes, searchMs: 20_000 }));
  }

  const licences = (name: string, count: number) =>
    Array.from({ length: count }, (_, at) => file(`/${name}/${at}/licence.txt`, 7, 'licence'));

  /** The longest string of the catalogue: what a call that concerns it has to read and write. */
  async function longestBytes(): Promise<number> {
    const lengths = await Promise.all(
      cluster.servers.map(async (server) => {
        const found = await server.cli('--bigkeys', '-i', '0');
        return Number(/Biggest string found .* has (\d+) bytes/.exec(found)?.[1] ?? 0);
      }),
    );
    return Math.max(...lengths);
  }

  test('nothing that a call reads of it grows with them, and all of them can be taken out again', async () => {
    await open();
    const [alice, bob] = [licences('alice', 3_000), licences('bob', 3)];
    await share(store, 'alice', ...alice);
    expect(await longestBytes()).toBeLessThan(500);
    await share(store, 'bob', ...bob, ...alice.slice(0, 2));
    expect(value(await store.apply(peer('alice'), { adds: alice.slice(0, 9), removes: [] })).added).toBe(0);
    expect(value(await store.commit(peer('alice'), stateOf(alice))).count).toBe(3_000);
    const found = await store.search(query(`id:${content('licence')}`), { limit: 9 });
    expect(sourcesOf(found.results)).toEqual([['alice', 'bob']]);

    const gone = value(await store.apply(peer('alice'), { adds: [], removes: alice.slice(2) }));
    expect(gone).toMatchObject({ removed: 2_998, count: 2 });
    expect(value(await store.commit(peer('bob'), stateOf([...bob, ...alice.slice(0, 2)]))).count).toBe(5);
    value(await store.apply(peer('alice'), { adds: [], removes: alice.slice(0, 2) }));
    value(await store.apply(peer('bob'), { adds: [], removes: [...bob, ...alice.slice(0, 2)] }));
    expect((await store.holders([content('licence')], 9))[0]?.sources).toEqual([]);
    expect(await store.stats()).toMatchObject({ files: 0, shares: 0 });
    // It is as if it had never been there.
    await share(store, 'alice', ...licences('alice', 2));
    expect((await store.holders([content('licence')], 9))[0]?.sources).toHaveLength(1);
    await store.close();
  }, 180_000);

  test('one that is found at another size there is replaced, of whoever has it', async () => {
    await open();
    const files = licences('alice', 20);
    await share(store, 'alice', ...files);
    await share(store, 'bob', ...files);
    const other = files.map((each) => ({ ...each, sizeBytes: 9 }));
    expect(value(await store.apply(peer('alice'), { adds: other, removes: [] }))).toMatchObject({
      added: 20,
      removed: 20,
      count: 20,
    });
    expect(value(await store.commit(peer('bob'), stateOf(files))).count).toBe(20);
    expect(value(await store.commit(peer('alice'), stateOf(other))).count).toBe(20);
    await store.close();
  });

  test('so many sizes of it are listed at one path, and what is known of others is taken all the same', async () => {
    await open();
    const claimed = (sizeBytes: number) => [file('/same/place', sizeBytes, 'lie')];
    for (let at = 0; at < maxSizesPerPath; at++) await share(store, `liar${at}`, ...claimed(at + 1));
    value(await store.attach(arrival('late'), 0));
    const [late] = claimed(maxSizesPerPath + 1);
    const refused = value(
      await store.apply(peer('late'), { adds: claimed(late?.sizeBytes ?? 0), removes: [] }),
    );
    expect(refused).toMatchObject({ added: 0, rejected: [{ index: 0, problem: { code: 'limit' } }] });
    expect(code(await store.commit(peer('late'), stateOf(claimed(late?.sizeBytes ?? 0))))).toBe('ok');
    await share(store, 'honest', ...claimed(1));
    expect(value(await store.commit(peer('honest'), stateOf(claimed(1)))).count).toBe(1);
    await store.close();
  }, 180_000);
});
