import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { TrackerAddress } from '../../src/core/engine-api.ts';
import { until } from '../helpers/poll.ts';
import { RedisTestCluster } from '../helpers/redis-cluster.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { sharedFiles, TestLink } from '../helpers/trackers.ts';
import { describeWithRedis } from '../helpers/with-redis.ts';

/** Trackers as processes, of one catalogue on a real cluster. */
await describeWithRedis('of two trackers on one cluster', () => {
  let cluster: RedisTestCluster;
  const processes: ChildProcess[] = [];
  const links: TestLink[] = [];
  let made = 0;

  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 0);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.stop()));
    for (const child of processes.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await cluster.stop();
  });

  async function startTracker(home: string, url: string, name: string): Promise<Process> {
    const script = fileURLToPath(new URL('../helpers/tracker-process.ts', import.meta.url));
    const config = {
      host: '127.0.0.1',
      port: 0,
      dataDir: path.join(home, name),
      store: url,
      log: { level: 'warn', file: undefined },
      limits: { listeners: 1, searchers: 1, searchBurst: 10_000, maxConnectionsPerHost: 5_000 },
    };
    const child = spawn(process.execPath, [script, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
    if (child.stdout === null) throw new Error('It has no output');
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const ready = JSON.parse(String(line)) as { ok: boolean; value: TrackerAddress };
    if (!ready.ok) throw new Error(String(line));
    return { child, address: { host: ready.value.host, port: ready.value.port } };
  }

  async function pair(peers: number) {
    const home = tempDir();
    made += 1;
    const url = cluster.url(`moving-${made}`);
    const stays = await startTracker(home, url, 'stays');
    const goes = await startTracker(home, url, 'goes');
    const joining = Array.from({ length: peers }, (_, number) =>
      TestLink.start(home, [goes.address], {
        name: `peer-${number}`,
        share: sharedFiles(5, `report of ${number},`),
        port: 5_000 + number,
      }),
    );
    links.push(...(await Promise.all(joining)));
    await Promise.all(links.map((link) => link.isRegistered()));
    await until('all have been told of the other', async () => {
      const known = await Promise.all(links.map((link) => link.knows()));
      return known.every(({ length }) => length === 1);
    });
    const guest = await TestLink.start(home, [stays.address]);
    links.push(guest);
    return { stays, goes, guest, peers: links.slice(0, peers) };
  }

  const isAt = (link: TestLink, { address }: Process): boolean =>
    link.views.some(({ state, via }) => state === 'registered' && via?.port === address.port);

  test('one is killed: all its peers are at the other, which answers all the while', async () => {
    const { stays, goes, guest, peers } = await pair(40);
    goes.child.kill('SIGKILL');
    let searches = 0;
    await until('all have moved', async () => {
      await guest.search('report');
      searches += 1;
      return peers.every((link) => isAt(link, stays));
    });
    expect(searches).toBeGreaterThan(0);
    expect(await guest.search('report', 200)).toHaveLength(200);
    const listed = await guest.ask({ type: 'peers' });
    expect(listed).toMatchObject({ ok: true, value: { length: 40 } });
  }, 90_000);

  test('one is told to stop: it sends its peers away, ends by itself, and no search misses any of them', async () => {
    const { stays, goes, guest, peers } = await pair(40);
    const ended = once(goes.child, 'exit');
    goes.child.kill('SIGTERM');
    await until('all have moved', async () => {
      expect(await guest.search('"report of 7"', 200)).toHaveLength(5);
      return peers.every((link) => isAt(link, stays));
    });
    expect(await ended).toEqual([0, null]);
    expect(await guest.ask({ type: 'peers' })).toMatchObject({ ok: true, value: { length: 40 } });
  }, 90_000);
});

interface Process {
  readonly child: ChildProcess;
  readonly address: TrackerAddress;
}
