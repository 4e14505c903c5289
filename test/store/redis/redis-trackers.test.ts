/** Several trackers that have one catalogue on a cluster: whose peers are whose, and what happens when one dies. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { maxCallLetters } from '../../../src/core/limits/reach.ts';
import type { CatalogStore } from '../../../src/store/catalog-store.ts';
import { openRedisReader, openRedisStore } from '../../../src/store/redis/redis-engine.ts';
import { usualTimes } from '../../../src/store/redis/redis-keeper.ts';
import { RedisNames } from '../../../src/store/redis/redis-names.ts';
import { openRedisShards, redisPlaceOf } from '../../../src/store/redis/redis-open.ts';
import type { RedisShards } from '../../../src/store/redis/redis-shards.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { until } from '../../helpers/poll.ts';
import { patient, RedisTestCluster } from '../../helpers/redis-cluster.ts';
import { describeWithRedis } from '../../helpers/with-redis.ts';
import {
  arrival,
  code,
  file,
  find,
  namesOf,
  peer,
  query,
  share,
  sourcesOf,
  stateOf,
  value,
} from '../files.ts';

/** Short leases; time never stands still for all trackers so long that they would begin anew. */
const brief = { leaseMs: 2_500, beatMs: 200, pauseMs: 60_000 };

await describeWithRedis('trackers of one catalogue', () => {
  let cluster: RedisTestCluster;
  let url = '';
  let made = 0;
  const opened: RedisStore[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 0);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const store of opened.splice(0)) await store.close();
  });

  async function open(times: object = {}): Promise<RedisStore> {
    const store = await patient(() => openRedisStore(url, { ...usualTimes, searchMs: 20_000, ...times }));
    opened.push(store);
    return store;
  }

  async function startTracker(times: object, ...names: readonly string[]): Promise<ChildProcess> {
    const script = fileURLToPath(new URL('./redis-tracker.ts', import.meta.url));
    const child = spawn(process.execPath, [script, url, JSON.stringify(times), ...names], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    if (child.stdout === null) throw new Error('It has no output');
    await once(child.stdout, 'data');
    return child;
  }

  async function online(store: CatalogStore): Promise<readonly string[]> {
    return namesOf((await store.peers(undefined, 99)).peers);
  }

  function newCatalogue(): void {
    url = cluster.url(`trackers-${(made += 1)}`);
  }

  test('what one tracker takes in all find, and a name is taken at all', async () => {
    newCatalogue();
    const [a, b] = [await open(), await open()];
    await share(a, 'alice', file('/a/song.mp3'));
    await share(b, 'bob', file('/b/song.mp3'));
    expect(new Set(sourcesOf((await a.search(query('song'), { limit: 9 })).results).flat())).toEqual(
      new Set(['alice', 'bob']),
    );
    expect(await b.attach({ ...arrival('carol'), name: 'Alice' }, 0)).toMatchObject({
      problem: { code: 'name-taken', suggestion: 'Alice-2' },
    });
    expect((await a.findPeer('bob'))?.peer).toBe(peer('bob'));
  });

  test('a tracker that a peer has left for another can neither hide nor change it', async () => {
    newCatalogue();
    const [a, b] = [await open(), await open()];
    const files = [file('/a/song.mp3')];
    await share(a, 'alice', ...files);
    expect(value(await b.attach(arrival('alice', 5_000), 1)).count).toBe(1);
    expect(code(await a.apply(peer('alice'), { adds: [file('/a/late.mp3')], removes: [] }))).toBe(
      'not-found',
    );
    await a.detach([peer('alice')], 2);
    expect((await a.findPeer('alice'))?.port).toBe(5_000);
    expect(code(await b.commit(peer('alice'), stateOf(files)))).toBe('ok');
    await b.detach([peer('alice')], 3);
    expect(await a.findPeer('alice')).toBeUndefined();
  });

  test('a name that was let go of before it was confirmed is free', async () => {
    newCatalogue();
    const shards = await patient(() => openRedisShards(value(redisPlaceOf(url))));
    const names = new RedisNames(shards);
    try {
      expect(await names.reserve('alicia', peer('alice'))).toBe(true);
      await names.release('alicia', peer('alice'));
      expect(await names.confirm('alicia', peer('alice'))).toBe(false);
      expect(await names.reserve('alicia', peer('bob'))).toBe(true);
    } finally {
      shards.cluster.close();
    }
  });

  let killed = 0;

  /** Renames alice as a tracker does that is killed before it has let go of the name before. */
  async function renameHalf(shards: RedisShards, names: RedisNames, name: string): Promise<unknown> {
    const key = name.toLowerCase();
    expect(await names.reserve(key, peer('alice'))).toBe(true);
    const owner = `${(killed += 1) + 100}:killed.${killed}`;
    const args = [peer('alice'), name, key, '192.0.2.7', '4000', owner, 'killed', '60000', '', '1'];
    const [is] = (await shards.write(shards.of(peer('alice')), 'attach', args)) as readonly Buffer[];
    await names.confirm(key, peer('alice'));
    return String(is);
  }

  test('names that were changed and not let go of are let go of when their peer comes again', async () => {
    newCatalogue();
    const tracker = await open();
    const shards = await patient(() => openRedisShards(value(redisPlaceOf(url))));
    const names = new RedisNames(shards);
    try {
      value(await tracker.attach(arrival('alice'), 0));
      expect(await renameHalf(shards, names, 'Alicia')).toBe('ok');
      expect(await renameHalf(shards, names, 'Alina')).toBe('ok');
      value(await tracker.attach({ ...arrival('alice'), name: 'Alicia' }, 2));
      for (const free of ['alice', 'alina']) expect(await names.reserve(free, peer('bob'))).toBe(true);
      expect(await names.reserve('alicia', peer('bob'))).toBe(false);
      value(await tracker.attach({ ...arrival('alice'), name: 'Anna' }, 3));
      expect(await names.reserve('alicia', peer('bob'))).toBe(true);
    } finally {
      shards.cluster.close();
    }
  });

  test('a peer that is forgotten lets go of all names it had; one with too many gets no other', async () => {
    newCatalogue();
    const tracker = await open();
    const shards = await patient(() => openRedisShards(value(redisPlaceOf(url))));
    const names = new RedisNames(shards);
    try {
      value(await tracker.attach(arrival('alice'), 0));
      const others = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      for (const name of others) expect(await renameHalf(shards, names, name)).toBe('ok');
      expect(await renameHalf(shards, names, 'one more')).toBe('names');
      const number = String(await shards.write(shards.of(peer('alice')), 'leave', ['killed', '99', '5']));
      expect(number).toBe('0');
      expect(await tracker.sweep({ leftBeforeMs: 6, maxRows: 9 })).toMatchObject({ peers: 1 });
      for (const free of ['alice', ...others]) expect(await names.reserve(free, peer('bob'))).toBe(true);
    } finally {
      shards.cluster.close();
    }
  });

  test('a late detach by the old tracker changes nothing, even one that never knew of the move', async () => {
    newCatalogue();
    const [a, b] = [await open(), await open()];
    await share(a, 'alice');
    value(await b.attach(arrival('alice'), 1));
    await a.detach([peer('alice')], 2);
    await a.beat();
    await b.beat();
    expect(await online(b)).toEqual(['alice']);
  });

  test('the peers of a tracker that was killed disappear, those of the others stay', async () => {
    newCatalogue();
    const other = await open(brief);
    await share(other, 'bob', file('/b/song.mp3'));
    const killed = await startTracker(brief, 'alice', 'carol');
    await until('all are online', async () => (await online(other)).join() === 'alice,bob,carol');
    killed.kill('SIGKILL');
    // A busy machine may be late with the lease of the one that lives, too.
    await until('its peers are gone', async () => (await online(other)).join() === 'bob');
    await until('its files are not', async () => (await find(other, 'song')).join() === 'song.mp3');
    // Their files are kept for when they come back.
    expect(value(await other.attach(arrival('alice'), 5)).count).toBe(1);
  }, 180_000);

  test('the peers of a tracker that was only paused are back as soon as it is', async () => {
    newCatalogue();
    const other = await open(brief);
    const paused = await startTracker(brief, 'alice', 'carol');
    paused.kill('SIGSTOP');
    await until('its lease is over', async () => (await online(other)).length === 0);
    paused.kill('SIGCONT');
    await until('its peers are back', async () => (await online(other)).join() === 'alice,carol');
    await until('their files are', async () => (await find(other, 'alice song')).join() === 'alice song.mp3');
  }, 180_000);

  test('leases begin anew after all trackers were silent: it may have been Redis that was away', async () => {
    newCatalogue();
    // Long enough that nobody has to hurry to look at what began anew.
    const silent = { leaseMs: 6_000, beatMs: 3_600_000, pauseMs: 600 };
    await startTracker(silent, 'alice', 'carol');
    const atMs = performance.now();
    await until('the lease is over', () => performance.now() - atMs > silent.leaseMs + silent.pauseMs);
    const late = await open(silent);
    await late.beat();
    expect(await online(late)).toEqual(['alice', 'carol']);
  }, 180_000);

  test('trackers learn of each other, and no longer of one that withdrew', async () => {
    newCatalogue();
    const [a, b] = [await open(), await open()];
    const [one, two] = [1, 2].map((number) => ({ id: peer(`t${number}`), host: '192.0.2.1', port: number }));
    if (one === undefined || two === undefined) throw new Error('There are two');
    expect(await a.neighbours.announce(one, 60_000)).toEqual([]);
    expect(await b.neighbours.announce(two, 60_000)).toEqual([one]);
    expect(await a.neighbours.announce(one, 60_000)).toEqual([two]);
    await b.neighbours.withdraw(two);
    expect(await a.neighbours.announce(one, 1)).toEqual([]);
    await until('its lease is over', async () => (await b.neighbours.announce(two, 60_000)).length === 0);
  });

  test('what one leaves for a peer reaches the tracker where that is, once, and no other', async () => {
    newCatalogue();
    const [a, b] = [await open(), await open()];
    await share(a, 'alice');
    await share(b, 'bob');
    expect(await a.neighbours.post(peer('bob'), 'first')).toBe('posted');
    expect(await a.neighbours.post(peer('bob'), 'second')).toBe('posted');
    expect(await a.neighbours.post(peer('alice'), 'to itself')).toBe('absent');
    expect(await a.neighbours.post(peer('carol'), 'to nobody')).toBe('absent');
    expect(await a.neighbours.collect()).toEqual([]);
    expect(await b.neighbours.collect()).toEqual(['first', 'second']);
    expect(await b.neighbours.collect()).toEqual([]);
    for (let at = 0; at < maxCallLetters; at++) await a.neighbours.post(peer('bob'), String(at));
    expect(await a.neighbours.post(peer('bob'), 'one more')).toBe('full');
    expect(await b.neighbours.collect()).toHaveLength(maxCallLetters);
  });

  test('a store that is closed takes its peers along, and a reader beside it sees that', async () => {
    newCatalogue();
    const store = await patient(() => openRedisStore(url));
    await share(store, 'alice', file('/a/song.mp3'));
    const reader = await patient(() => openRedisReader(url));
    await until('the reader finds it', async () => {
      const { results } = await reader.search(query('song'), { limit: 9 });
      return sourcesOf(results).flat().join() === 'alice';
    });
    await store.close();
    await until('nobody is there', async () => (await reader.stats()).peersOnline === 0);
    expect((await reader.peers(undefined, 9)).peers).toEqual([]);
    await reader.close();
  });

  test('it tells how many of its parts answer', async () => {
    newCatalogue();
    expect(await (await open()).cluster()).toMatchObject({ shards: 32, shardsUp: 32 });
  });

  test('another catalogue on the same cluster is another world', async () => {
    newCatalogue();
    await share(await open(), 'alice', file('/a/song.mp3'));
    newCatalogue();
    const other = await open();
    expect(await find(other, 'song')).toEqual([]);
    expect(code(await other.attach({ ...arrival('bob'), name: 'alice' }, 0))).toBe('ok');
  });
});
