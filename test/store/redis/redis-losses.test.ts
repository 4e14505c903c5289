/** What a cluster has lost: a tracker notices, whoever lost it, and its peers send it again. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import { heartbeatJitter, heartbeatMs } from '../../../src/core/limits/wire.ts';
import { ok } from '../../../src/core/result.ts';
import { openRedisStore } from '../../../src/store/redis/redis-engine.ts';
import { usualTimes } from '../../../src/store/redis/redis-keeper.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { until } from '../../helpers/poll.ts';
import { patient, RedisTestCluster, type RedisServer } from '../../helpers/redis-cluster.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { sharedFile, sharedFiles, TestLink, TestTracker } from '../../helpers/trackers.ts';
import { describeWithRedis } from '../../helpers/with-redis.ts';

const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi'];
const filesEach = 20;

await describeWithRedis('a cluster that loses rows', () => {
  let cluster: RedisTestCluster;
  let store: RedisStore;
  let tracker: TestTracker;
  let links: TestLink[];
  const clock = new ManualClock();
  let made = 0;
  let told = 0;

  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 1);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
  });

  /** A tracker on a catalogue of its own, and peers with files in all parts of it, all of it registered. */
  beforeEach(async () => {
    // Beats come when they are called for.
    const times = { ...usualTimes, searchMs: 20_000, beatMs: 3_600_000 };
    store = await patient(() => openRedisStore(cluster.url(`losses-${(made += 1)}`), times));
    await store.beat();
    const tell = store.onLoss.bind(store);
    told = 0;
    store.onLoss = (heard) =>
      tell(() => {
        told += 1;
        heard();
      });
    const home = tempDir();
    tracker = await TestTracker.start(home, { clock, openStore: async () => ok(store) });
    links = [];
    for (const name of names)
      links.push(
        await TestLink.start(home, [tracker.address], { clock, name, share: sharedFiles(filesEach, name) }),
      );
    for (const link of links) await link.isRegistered();
    expect(await shares()).toBe(names.length * filesEach);
  }, 180_000);
  afterEach(async () => {
    for (const link of links) await link.stop();
    await tracker.stop();
    await cluster.revive();
    await cluster.setPatience('long');
  });

  async function shares(): Promise<number> {
    const { shares: count, isPartial } = await store.stats();
    return isPartial === true ? 0 : count;
  }

  /** Beats until it is noticed, then waits until all of it is there, for less than a heartbeat of the peers. */
  async function expectToBeSentAgain(all: number): Promise<void> {
    await until('it is noticed', async () => {
      await store.beat();
      return told > 0;
    });
    let elapsedMs = 0;
    await until('all of it is there again', async () => {
      // For what waits for its turn.
      clock.advance(100);
      elapsedMs += 100;
      return elapsedMs >= heartbeatMs * (1 - heartbeatJitter) || (await shares()) === all;
    });
    expect(await shares()).toBe(all);
  }

  /** A primary that has parts of this catalogue, and its replica, once that has all it has. */
  async function pair(): Promise<readonly [primary: RedisServer, replica: RedisServer]> {
    let found: readonly [RedisServer, RedisServer] | undefined;
    await until('a primary has a replica', async () => {
      const { primaries, replicasOf } = await cluster.roles();
      for (const primary of primaries) {
        const [replica] = replicasOf.get(primary) ?? [];
        const link = (await replica?.cli('info', 'replication')) ?? '';
        if (replica !== undefined && link.includes('master_link_status:up')) found = [primary, replica];
      }
      return found !== undefined;
    });
    if (found === undefined) throw new Error('There is none');
    return found;
  }

  test('nothing is said while nothing is lost', async () => {
    for (let beats = 0; beats < 5; beats++) await store.beat();
    expect(told).toBe(0);
  }, 180_000);

  test('a primary and its replica come back empty: all that they had is sent again, by who has it', async () => {
    const [primary, replica] = await pair();
    await cluster.setPatience('short');
    await Promise.all([primary.kill('SIGKILL'), replica.kill('SIGKILL')]);
    await Promise.all([primary.start(), replica.start()]);
    await expectToBeSentAgain(names.length * filesEach);
  }, 180_000);

  test('a replica takes over that had not got the last changes: they are sent again', async () => {
    const [primary, replica] = await pair();
    await cluster.setPatience('short');
    await replica.kill('SIGSTOP');
    // What the primary writes from now on is not even on its way.
    await primary.cli('client', 'kill', 'type', 'replica');
    for (const [at, link] of links.entries()) link.change([sharedFile(`late ${at}.txt`)]);
    const all = names.length * (filesEach + 1);
    await until('all have registered it', async () => (await shares()) === all);
    await primary.kill('SIGKILL');
    await replica.kill('SIGCONT');
    await until('it has taken over', async () => (await cluster.roles()).primaries.includes(replica));
    await expectToBeSentAgain(all);
  }, 180_000);

  test('somebody empties a server: all that it had is sent again', async () => {
    const [primary] = await pair();
    await primary.cli('flushall');
    await expectToBeSentAgain(names.length * filesEach);
  }, 180_000);
});
