import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { SharedFile } from '../../src/core/catalogue.ts';
import type { TrackerAddress } from '../../src/core/engine/engine-api.ts';
import type { TrackerClient, TrackerConfig, TrackerEndpoint } from '../../src/core/tracker/tracker-api.ts';
import {
  isTrackerStats,
  type TrackerQuestion,
  type TrackerStats,
} from '../../src/core/tracker/tracker-stats.ts';
import { askTracker } from '../../src/engine/admin-client.ts';
import { launchTracker } from '../../src/engine/launch-tracker.ts';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { sharedFile, sharedFiles, TestLink } from '../helpers/trackers.ts';

/** A tracker as `shoal tracker` starts it. */
class Operated implements AsyncDisposable {
  readonly dataDir: string;
  readonly client: TrackerClient;
  readonly logFile: string;
  #endpoint: TrackerEndpoint | undefined;

  constructor(dataDir: string, changes: Partial<TrackerConfig> = {}) {
    this.dataDir = dataDir;
    this.logFile = path.join(dataDir, 'tracker.log');
    this.client = launchTracker({
      host: '127.0.0.1',
      port: 0,
      dataDir,
      store: 'sqlite',
      admin: { port: undefined },
      log: { level: 'info', file: this.logFile },
      limits: { listeners: 1, searchers: 1 },
      ...changes,
    });
  }

  static async start(settings: object = {}, dataDir = tempDir()): Promise<Operated> {
    const tracker = new Operated(dataDir);
    tracker.set(settings);
    await tracker.up();
    return tracker;
  }

  async up(): Promise<void> {
    const ready = await this.client.ready;
    if (!ready.ok) throw new Error(ready.problem.message);
    this.#endpoint = ready.value;
  }

  get address(): TrackerAddress {
    return { host: '127.0.0.1', port: this.#endpoint?.port ?? 0 };
  }

  set(settings: object): void {
    writeFileSync(path.join(this.dataDir, 'tracker.json'), JSON.stringify(settings));
  }

  ask(question: TrackerQuestion) {
    return askTracker(this.dataDir, question);
  }

  /** With what its catalogue says, for which a tracker does not wait long. */
  async stats(): Promise<TrackerStats> {
    const found: TrackerStats[] = [];
    await until('all of it answers', async () => {
      const answer = await this.ask({ type: 'stats' });
      if (answer.ok && isTrackerStats(answer.value) && answer.value.store !== null) found.push(answer.value);
      return found.length > 0;
    });
    return found[0]!;
  }

  async reload(settings: object): Promise<void> {
    this.set(settings);
    await until('the settings are taken', async () => {
      const answer = await this.ask({ type: 'reload' });
      if (!answer.ok && answer.problem.code !== 'busy') throw new Error(answer.problem.message);
      return answer.ok;
    });
  }

  get log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  peer(home: string, name: string, share: readonly SharedFile[]): Promise<TestLink> {
    return TestLink.start(home, [this.address], { name, share });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.stop();
    await this.client.ended;
  }
}

describe('a running tracker', () => {
  test('tells what it has done', async () => {
    await using tracker = await Operated.start({ limits: { heartbeatMs: 1_000 } });
    await using alice = await tracker.peer(tempDir(), 'alice', sharedFiles(50));
    await alice.isRegistered();
    expect(await alice.names('report 7')).toContain('report 7.txt');
    await until('it has been seen', async () => (await tracker.stats()).gauges.peers === 1);
    const {
      counters,
      kinds,
      durations,
      store,
      threads,
      actors,
      warnings,
      tracker: about,
    } = await tracker.stats();
    expect(counters).toMatchObject({ accepted: 1, filesAdded: 50, filesRemoved: 0 });
    expect(counters.receivedBytes).toBeGreaterThan(50 * 32);
    expect([kinds.requests['hello'], kinds.requests['search'], kinds.handshakes['full']]).toEqual([1, 1, 1]);
    expect(durations.search.counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(store).toMatchObject({ peersOnline: 1, peersKnown: 1, files: 50, shares: 50 });
    expect(store?.bytes).toBeGreaterThan(0);
    expect(threads.map(({ name }) => name)).toEqual(['tracker', 'registry', 'searcher-0', 'listener-0']);
    expect(actors.map(({ path: actor }) => actor)).toEqual(
      expect.arrayContaining(['/tracker', '/tracker/registry', '/tracker/gate', '/tracker/listener-0']),
    );
    expect(actors.some(({ path: actor }) => actor.includes('connection'))).toBe(false);
    expect(warnings.filter((warning) => !warning.includes('late'))).toEqual([]);
    expect(about).toMatchObject({ port: tracker.address.port, store: 'sqlite' });
    await until('it has been pinged', async () => (await tracker.stats()).counters.keepAlives > 0);
    await until('threads have been measured', async () =>
      (await tracker.stats()).threads.every(({ heapUsedBytes }) => heapUsedBytes > 0),
    );
  });

  test('is well, and tells its metrics at a port of this machine', async () => {
    await using tracker = new Operated(tempDir(), { admin: { port: 0 }, store: 'memory:' });
    await tracker.up();
    const { value: endpoint } = (await tracker.client.ready) as { readonly value: TrackerEndpoint };
    const authorization = `Bearer ${readFileSync(path.join(tracker.dataDir, 'admin.token'), 'utf8').trim()}`;
    const get = async (where: string): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${endpoint.admin}${where}`, {
        headers: { authorization },
      });
      return `${response.status} ${await response.text()}`;
    };
    // A part that does not answer at once is no reason not to be well soon.
    await until('it is well', async () => (await get('/healthz')) === '200 ok\n');
    await until('its store is up', async () => (await get('/metrics')).includes('\ntracker_store_up 1\n'));
    const metrics = await get('/metrics');
    for (const line of ['tracker_store_up 1', 'tracker_draining 0', 'tracker_elu{thread="listener-0"} '])
      expect(metrics).toContain(`\n${line}`);
    expect(
      await tracker.ask({ type: 'backup', path: path.join(tracker.dataDir, 'b'), force: false }),
    ).toMatchObject({
      problem: { code: 'bad-request' },
    });
  });

  test('turns away and lets go of whom it denies from now on, and tells them', async () => {
    await using tracker = await Operated.start();
    const home = tempDir();
    await using alice = await tracker.peer(home, 'alice', sharedFiles(3));
    await using bob = await tracker.peer(home, 'bob', sharedFiles(3, 'song'));
    await alice.isRegistered();
    await bob.isRegistered();
    await tracker.reload({ deny: { peers: [alice.identity.id] } });
    await until('alice has been told', () => alice.problem?.code === 'unauthorised');
    await until('she is not listed', async () => (await bob.names('report')).length === 0);
    expect(bob.states.at(-1)).toBe('registered');
    await until('it is counted', async () => (await tracker.stats()).kinds.ended['denied'] === 1);
    await tracker.reload({ deny: { addresses: ['127.0.0.0/8'] } });
    await until('bob has been told', () => bob.problem?.code === 'unauthorised');
    await using carol = await tracker.peer(home, 'carol', []);
    await until('nobody comes in', async () => (await tracker.stats()).kinds.rejected['denied'] !== 0);
    expect(carol.registered).toEqual([]);
  });

  test('hides what it denies at once, and refuses it when it is added', async () => {
    await using tracker = await Operated.start();
    const home = tempDir();
    const plain = sharedFile('holiday.mkv');
    const secret = sharedFile('holiday secret plan.mkv');
    const wrong = sharedFile('holiday in rome.mkv');
    await using alice = await tracker.peer(home, 'alice', [plain, secret, wrong]);
    await alice.isRegistered();
    await using guest = await TestLink.start(home, [tracker.address]);
    expect(await guest.names('holiday')).toHaveLength(3);
    await tracker.reload({ deny: { words: ['secret plan'], contents: [wrong.id] } });
    expect(await guest.names('holiday')).toEqual(['holiday.mkv']);
    expect(await guest.names('secret')).toEqual([]);
    const sources = await guest.ask({ type: 'sources', ids: [plain.id, wrong.id] });
    expect(JSON.stringify(sources)).toContain(plain.id);

    const another = sharedFile('another secret plan.txt');
    alice.change([another, sharedFile('holiday in oslo.mkv')]);
    await until('the other is there', async () => (await guest.names('oslo')).length === 1);
    await until(
      'it has been refused',
      async () => (await tracker.stats()).kinds.filesRejected['denied'] === 1,
    );
    expect(await guest.names('another')).toEqual([]);
    await tracker.reload({});
    expect(await guest.names('holiday')).toHaveLength(4);
    expect(await guest.names('another')).toEqual([]);
    expect(alice.states.at(-1)).toBe('registered');
  });

  test('shows what else a content is called whose newest path it denies, however one asks for it', async () => {
    await using tracker = await Operated.start();
    const home = tempDir();
    const tour = sharedFile('tour.mkv');
    const share = [tour, { ...tour, path: '/secret plan/tour.mkv' }];
    await using alice = await tracker.peer(home, 'alice', share);
    await alice.isRegistered();
    await tracker.reload({ deny: { words: ['secret plan'] } });
    await using guest = await TestLink.start(home, [tracker.address]);
    const answers = [
      await guest.ask({ type: 'find-name', name: 'tour.mkv' }),
      await guest.ask({ type: 'find-contents', ids: [tour.id] }),
      { ok: true, value: await guest.search('tour') },
    ];
    for (const answer of answers)
      expect(answer).toMatchObject({ ok: true, value: [{ name: 'tour.mkv', folder: '/docs/' }] });
  });

  test('brings nobody together who downloads what it denies', async () => {
    await using tracker = await Operated.start();
    const home = tempDir();
    const [plain, wrong] = [sharedFile('holiday.mkv'), sharedFile('holiday in rome.mkv')];
    await using alice = await tracker.peer(home, 'alice', []);
    await using bob = await tracker.peer(home, 'bob', []);
    await alice.isRegistered();
    await bob.isRegistered();
    await alice.swarm(wrong.id, true);
    await tracker.reload({ deny: { contents: [wrong.id] } });
    await alice.swarm(plain.id, true);
    await bob.swarm(wrong.id, true);
    await bob.swarm(plain.id, true);
    await until('alice hears of bob', () => alice.came.length > 0);
    expect(alice.came.map(({ id }) => id)).toEqual([plain.id]);
  });

  test('takes limits over at once, and keeps the old ones where the new do not fit', async () => {
    await using tracker = await Operated.start({ limits: { maxConnections: 100, heartbeatMs: 20_000 } });
    expect((await tracker.stats()).limits).toMatchObject({ maxConnections: 100, heartbeatMs: 20_000 });
    await using alice = await tracker.peer(tempDir(), 'alice', sharedFiles(1));
    await alice.isRegistered();
    await tracker.reload({ limits: { maxConnections: 1 } });
    await using bob = await tracker.peer(tempDir(), 'bob', sharedFiles(1));
    await until('bob finds it full', async () => (await tracker.stats()).kinds.rejected['full'] !== 0);
    expect(bob.registered).toEqual([]);
    for (const [limits, why] of [
      [{ maxConnections: 0 }, 'expected a whole number from 1'],
      [{ maxConnections: 151 }, 'more than 150 takes a restart'],
      [{ maxConnections: 1, heartbeatMs: 1_000, leaseMs: 39_999 }, 'less than 60000 takes a restart'],
    ] as const) {
      tracker.set({ limits });
      expect(await tracker.ask({ type: 'reload' })).toMatchObject({
        problem: { code: 'bad-request', message: expect.stringContaining(why) },
      });
    }
    expect((await tracker.stats()).limits.maxConnections).toBe(1);
  });

  test('reloads when its starter says so, and goes on in a new log file', async () => {
    await using tracker = await Operated.start();
    await until('it has begun to write', () => tracker.log.includes('listening'));
    copyFileSync(tracker.logFile, `${tracker.logFile}.old`);
    rmSync(tracker.logFile);
    tracker.set({ limits: { retainMs: 1_000 } });
    tracker.client.reload();
    await until('it has reloaded', async () => (await tracker.stats()).limits.retainMs === 1_000);
    await until('that is in the new file', () => tracker.log.includes('the settings were reloaded'));
    expect(tracker.log).not.toContain('listening');
  });

  test('does not start with settings that do not fit, and says where', async () => {
    const dataDir = tempDir();
    writeFileSync(path.join(dataDir, 'tracker.json'), '{"limits":{"leaseMs":5}}');
    const tracker = new Operated(dataDir);
    expect(await tracker.client.ready).toMatchObject({
      problem: { code: 'bad-request', message: expect.stringContaining('tracker.json: limits.leaseMs') },
    });
    await tracker.client.ended;
  });
});

describe('a backup', () => {
  test('made while a peer registers is a whole catalogue that a tracker starts with', async () => {
    await using tracker = await Operated.start();
    const home = tempDir();
    const share = sharedFiles(400);
    await using alice = await tracker.peer(home, 'alice', share);
    await alice.isRegistered();
    await using bob = await tracker.peer(home, 'bob', sharedFiles(2_000, 'song'));
    const file = path.join(tempDir(), 'backup.sqlite');
    const answer = await tracker.ask({ type: 'backup', path: file, force: false });
    expect(answer).toMatchObject({ ok: true, value: { path: file, sizeBytes: statSync(file).size } });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await bob.isRegistered();

    expect(await tracker.ask({ type: 'backup', path: file, force: false })).toMatchObject({
      problem: { code: 'bad-request', message: expect.stringContaining('--force') },
    });
    expect(await tracker.ask({ type: 'backup', path: file, force: true })).toMatchObject({ ok: true });
    await alice.stop();

    const restored = tempDir();
    mkdirSync(restored, { recursive: true, mode: 0o700 });
    copyFileSync(file, path.join(restored, 'catalogue.sqlite'));
    copyFileSync(path.join(tracker.dataDir, 'identity.pem'), path.join(restored, 'identity.pem'));
    await using again = await Operated.start({}, restored);
    expect((await again.stats()).store).toMatchObject({ peersOnline: 0, peersKnown: 2, files: 2_400 });
    await using back = await again.peer(home, 'alice', share);
    await back.isRegistered();
    // Nothing had to be sent again.
    expect((await again.stats()).counters.filesAdded).toBe(0);
    expect(await back.names('report 399')).toEqual(['report 399.txt']);
  });

  test('that cannot be written leaves nothing, and the tracker goes on', async () => {
    await using tracker = await Operated.start();
    const folder = tempDir();
    const live = path.join(tracker.dataDir, 'catalogue.sqlite');
    expect(await tracker.ask({ type: 'backup', path: live, force: true })).toMatchObject({
      ok: false,
      problem: { code: 'bad-request' },
    });
    expect(await tracker.ask({ type: 'backup', path: folder, force: true })).toMatchObject({
      problem: { message: expect.stringContaining('is a folder') },
    });
    expect(
      await tracker.ask({ type: 'backup', path: path.join(folder, 'none', 'b.sqlite'), force: false }),
    ).toMatchObject({
      problem: { code: 'io', message: expect.stringContaining('There is no folder') },
    });
    expect((await tracker.stats()).store).toMatchObject({ files: 0 });
  });

  test('of a tracker that does not run is told so', async () => {
    expect(await askTracker(tempDir(), { type: 'stats' })).toMatchObject({
      problem: { code: 'unreachable' },
    });
  });

  const onUnix = process.platform === 'win32' ? test.skip : test;
  onUnix('of a tracker in a folder that others get into is told what to do', async () => {
    const folder = tempDir();
    chmodSync(folder, 0o755);
    expect(await askTracker(folder, { type: 'stats' })).toMatchObject({
      problem: { code: 'unreachable', message: expect.stringContaining(`chmod 700 ${folder}`) },
    });
  });
});
