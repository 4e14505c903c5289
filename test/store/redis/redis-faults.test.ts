/** What befalls a cluster under load: nothing hangs, nothing crashes, and afterwards every share is there again. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SharedFile } from '../../../src/core/catalogue.ts';
import { storeProblem } from '../../../src/actors/tracker/store-problem.ts';
import { TrackerCounters } from '../../../src/core/tracker/tracker-counters.ts';
import { openRedisStore } from '../../../src/store/redis/redis-engine.ts';
import { usualTimes } from '../../../src/store/redis/redis-keeper.ts';
import type { RedisStore } from '../../../src/store/redis/redis-store.ts';
import { repeat, until } from '../../helpers/poll.ts';
import { patient, RedisTestCluster, type RedisServer } from '../../helpers/redis-cluster.ts';
import { describeWithRedis } from '../../helpers/with-redis.ts';
import { arrival, code, content, file, peer, query, stateOf } from '../files.ts';

const names = Array.from({ length: 24 }, (_, at) => `peer${at}`);
/** Parts have more time than usual, but far less than it takes until another server has a place. */
const times = { ...usualTimes, beatMs: 300, searchMs: 300 };

/** A peer that adds a file at a time and mends its share when it is told that it differs. */
class Sharer {
  readonly files: SharedFile[] = [];
  readonly #store: RedisStore;
  readonly #name: string;

  constructor(store: RedisStore, name: string) {
    this.#store = store;
    this.#name = name;
  }

  async add(): Promise<void> {
    this.files.push(file(`/${this.#name}/song number ${this.files.length}.mp3`, this.files.length));
    await this.#store.apply(peer(this.#name), { adds: this.files.slice(-1), removes: [] });
  }

  /** Whether the share here is the one there; if not, does about it what a peer does. */
  async isWhole(): Promise<boolean> {
    const committed = await this.#store.commit(peer(this.#name), stateOf(this.files));
    if (committed.ok) return true;
    if (committed.problem.code === 'not-found') await this.#store.attach(arrival(this.#name), Date.now());
    if (committed.problem.code === 'stale')
      await this.#store.apply(peer(this.#name), { adds: this.files, removes: [] });
    return false;
  }
}

await describeWithRedis('a cluster under load', () => {
  let cluster: RedisTestCluster;
  let store: RedisStore;
  let counters: TrackerCounters;
  let sharers: readonly Sharer[];
  let stopLoad: () => Promise<{ whole: number; partial: number }>;
  let made = 0;

  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 1);
  }, 180_000);
  afterAll(async () => {
    await cluster.stop();
  });
  beforeEach(async () => {
    counters = new TrackerCounters(['registry']);
    const url = cluster.url(`faults-${(made += 1)}`);
    store = await patient(() => openRedisStore(url, times, counters.of('registry')));
    sharers = names.map((name) => new Sharer(store, name));
    for (const name of names) await patient(() => store.attach(arrival(name), 0));
    stopLoad = startLoad();
  }, 180_000);
  afterEach(async () => {
    await stopLoad();
    await store.close();
    await cluster.revive();
    await cluster.setPatience('long');
  });

  const pages = { whole: 0, partial: 0 };

  function startLoad(): typeof stopLoad {
    const load = { isOn: true };
    Object.assign(pages, { whole: 0, partial: 0 });
    const isOn = (): boolean => load.isOn;
    const search = async (): Promise<void> => {
      const { isPartial } = await store.search(query('song number'), { limit: 20 });
      if (isPartial === true) pages.partial += 1;
      else pages.whole += 1;
    };
    const steps = [search, ...sharers.map((sharer) => () => sharer.add())];
    const all = Promise.all(steps.map((step) => repeat(isOn, step)));
    return async () => {
      load.isOn = false;
      await all;
      return { ...pages };
    };
  }

  const wholePages = (): Promise<void> => {
    const seen = pages.whole;
    return until('pages are whole again', () => pages.whole > seen + 2);
  };

  /** Every share is in the catalogue, and can be found. */
  async function expectAllThere(): Promise<void> {
    await stopLoad();
    for (const sharer of sharers) await until('its share is whole', () => sharer.isWhole());
    const shared = sharers.reduce((all, { files }) => all + files.length, 0);
    // A machine that is busy with others may be late with a part: then it is asked again.
    let counted = await store.stats();
    await until('all parts are counted', async () => {
      counted = await store.stats();
      return counted.isPartial !== true;
    });
    expect(counted).toMatchObject({ peersOnline: names.length, shares: shared });
    await until('all parts answer', async () => (await store.cluster()).shardsUp === 32);
    for (const [at, name] of names.entries()) {
      const last = (sharers[at]?.files.length ?? 0) - 1;
      let found: readonly string[] = [];
      await until('a page is whole', async () => {
        const page = await store.search(query(`${name} "number ${last}" `), { limit: 200 });
        found = page.results.map((result) => result.name);
        return page.isPartial !== true;
      });
      expect([name, found]).toEqual([name, expect.arrayContaining([`song number ${last}.mp3`])]);
    }
  }

  async function somePrimary(): Promise<readonly [primary: RedisServer, replica: RedisServer]> {
    let found: readonly [RedisServer, RedisServer] | undefined;
    await until('every primary has a replica', async () => {
      const { primaries, replicasOf } = await cluster.roles();
      const pairs = primaries.flatMap((primary) => {
        const replica = replicasOf.get(primary)?.[0];
        return replica === undefined ? [] : [[primary, replica] as const];
      });
      const links = await Promise.all(pairs.map(async ([, replica]) => replica.cli('info', 'replication')));
      found =
        pairs.length === 3 && links.every((link) => /master_link_status:up/.test(link))
          ? pairs[0]
          : undefined;
      return found !== undefined;
    });
    if (found === undefined) throw new Error('There is none');
    return found;
  }

  /** What the cluster's own tool says, be it content or not. */
  async function manage(command: string, ...args: readonly string[]): Promise<string> {
    const { primaries } = await cluster.roles();
    const all = ['--cluster', command, `127.0.0.1:${primaries[0]?.port}`, ...args];
    try {
      return (await promisify(execFile)('redis-cli', all)).stdout;
    } catch (error) {
      return String((error as { stdout?: string }).stdout);
    }
  }

  const check = (): Promise<string> => manage('check');

  test('a primary is killed: pages say what they lack until its replica has taken over', async () => {
    const [primary] = await somePrimary();
    await wholePages();
    await cluster.setPatience('short');
    await primary.kill('SIGKILL');
    await until('a page is partial', () => pages.partial > 0);
    await until('it is counted', () => counters.total('serversLost') > 0);
    await wholePages();
    await until('another has its place', () => counters.gauge('isServerLost') === 0);
    await expectAllThere();
    expect(counters.durations('redisWrite').counts.some((count) => count > 0)).toBe(true);
    await primary.start();
  }, 180_000);

  test('a primary is stopped: nothing waits for it, and it does no harm when it goes on', async () => {
    const [primary] = await somePrimary();
    await wholePages();
    await cluster.setPatience('short');
    await primary.kill('SIGSTOP');
    const ids = [content('song')];
    const [peers, counted, [held]] = await Promise.all([
      store.peers(undefined, 99),
      store.stats(),
      store.holders(ids, 9),
    ]);
    expect([peers.isPartial, counted.isPartial, held?.isPartial]).toEqual([true, true, true]);
    // Who could not be looked for is not said to be away.
    const found = await Promise.allSettled(names.map((name) => store.findPeer(name)));
    const unknown = found.filter(({ status }) => status === 'rejected');
    expect(unknown.length).toBeGreaterThan(0);
    for (const looked of found)
      if (looked.status === 'fulfilled') expect(looked.value?.files).toBeDefined();
      else expect(storeProblem(looked.reason as Error)).toMatchObject({ code: 'busy' });
    await until('a page is partial', () => pages.partial > 0);
    await wholePages();
    await until('peers are whole again', async () => {
      const page = await store.peers(undefined, 99);
      return page.isPartial === undefined;
    });
    await primary.kill('SIGCONT');
    await wholePages();
    await expectAllThere();
  }, 180_000);

  test('a primary and its replica are killed: their part is missing, then empty, then made good', async () => {
    const [primary, replica] = await somePrimary();
    await wholePages();
    // The others take one back that they have taken for gone, but only after twice that time.
    await cluster.setPatience('short');
    await Promise.all([primary.kill('SIGKILL'), replica.kill('SIGKILL')]);
    await until('a page is partial', () => pages.partial > 0);
    const codes = new Set<string>();
    await until('those that are there answer, and those that are away do not', async () => {
      const answers = names.map(async (name) => code(await store.commit(peer(name), stateOf([], 1))));
      for (const answer of await Promise.all(answers)) codes.add(answer);
      return codes.has('busy') && codes.has('stale');
    });
    expect(counters.gauge('isServerLost')).toBe(1);
    expect((await store.cluster()).lost).toContain(`127.0.0.1:${primary.port}`);
    await Promise.all([primary.start(), replica.start()]);
    await wholePages();
    await store.beat();
    await expectAllThere();
  }, 180_000);

  test('slots move while peers write: each part goes on where it is', async () => {
    await somePrimary();
    await until('its servers agree', async () => (await check()).includes('All nodes agree'));
    const { primaries } = await cluster.roles();
    const [from = '', to = ''] = await Promise.all(
      primaries.map(async (server) => (await server.cli('cluster', 'myid')).trim()),
    );
    await wholePages();
    const reshard = ['--cluster-from', from, '--cluster-to', to, '--cluster-slots', '700', '--cluster-yes'];
    const moved = await manage('reshard', ...reshard);
    expect(moved).toContain('Moving slot');
    expect(moved).not.toContain('ERR');
    await wholePages();
    await expectAllThere();
    await until('its servers agree', async () => (await check()).includes('All nodes agree'));
    expect(await check()).toContain('All 16384 slots covered');
  }, 180_000);
});
