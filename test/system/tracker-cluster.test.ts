import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer, type Server } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { TrackerAddress } from '../../src/core/engine/engine-api.ts';
import { loadIdentity } from '../../src/identity/identity.ts';
import { tlsOptions } from '../../src/identity/tls.ts';
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
  const doors: Server[] = [];
  let made = 0;

  beforeAll(async () => {
    cluster = await RedisTestCluster.start(3, 0);
  }, 180_000);
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.stop()));
    for (const child of processes.splice(0)) child.kill('SIGKILL');
    for (const door of doors.splice(0)) door.close();
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
    // A server that this machine holds up is not waited for: then an answer is not the whole.
    await until('all is found', async () => (await guest.search('report', 200)).length === 200);
    await until('all are listed', async () => {
      const listed = await guest.ask({ type: 'peers' });
      return listed.ok && listed.value.peers.length === 40;
    });
  }, 180_000);

  test('one is told to stop: it sends its peers away, ends by itself, and no search misses any of them', async () => {
    const { stays, goes, guest, peers } = await pair(40);
    const ended = once(goes.child, 'exit');
    goes.child.kill('SIGTERM');
    await until('all have moved', async () => {
      const answer = await guest.ask({ type: 'search', query: '"report of 7"', limit: 200 });
      // A tracker or a server that this machine holds up says so, or is not waited for and the answer says that.
      const isWhole = answer.ok && answer.value.end.isPartial !== true;
      if (isWhole) expect([answer.value.results.length, answer.value.end]).toEqual([5, answer.value.end]);
      else if (!answer.ok) expect(answer.problem).toMatchObject({ code: 'busy' });
      return peers.every((link) => isAt(link, stays));
    });
    expect(await ended).toEqual([0, null]);
    await until('all are listed', async () => {
      const listed = await guest.ask({ type: 'peers' });
      return listed.ok && listed.value.peers.length === 40;
    });
  }, 180_000);

  /** Where a peer answers those who dial it, the trackers among them. */
  async function doorOf(home: string): Promise<number> {
    const identity = await loadIdentity(home);
    if (!identity.ok) throw new Error(identity.problem.message);
    const door = createServer(tlsOptions(identity.value, 'peer'), (socket) => {
      socket.on('error', () => undefined);
      socket.end();
    });
    doors.push(door);
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    return (door.address() as AddressInfo).port;
  }

  test('a peer at one of them is called by a peer at the other', async () => {
    const home = tempDir();
    made += 1;
    const url = cluster.url(`calling-${made}`);
    const [here, there] = [await startTracker(home, url, 'here'), await startTracker(home, url, 'there')];
    const port = await doorOf(path.join(home, 'caller'));
    const caller = await TestLink.start(home, [here.address], {
      name: 'caller',
      share: sharedFiles(1),
      port,
    });
    const called = await TestLink.start(home, [there.address], { name: 'called', share: sharedFiles(2) });
    links.push(caller, called);
    await Promise.all(links.map((link) => link.isRegistered()));
    const token = new Uint8Array(16).fill(7);
    const call = { type: 'call', peer: called.identity.id, token } as const;
    expect(await caller.ask(call)).toMatchObject({ ok: true });
    await until('it is called', () => called.calls.length > 0);
    expect(called.calls).toEqual([
      { caller: expect.objectContaining({ peer: caller.identity.id, host: '127.0.0.1', port }), token },
    ]);
    expect(caller.calls).toEqual([]);
  }, 180_000);
});

interface Process {
  readonly child: ChildProcess;
  readonly address: TrackerAddress;
}
