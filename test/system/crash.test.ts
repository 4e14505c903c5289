/**
 * Every actor of both trees and every kind of worker thread is killed in the middle of a transfer: the tree
 * heals, the transfer ends with the right bytes, and nothing is left behind.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ActorSystem } from '../../src/actors/runtime/index.ts';
import { defaultLimits } from '../../src/core/engine/engine-api.ts';
import type { DownloadView, EngineConfig, EngineEvent } from '../../src/core/engine/engine-api.ts';
import type { ContentId } from '../../src/core/ids.ts';
import { createLog } from '../../src/engine/log.ts';
import { startPeer } from '../../src/engine/peer-system.ts';
import type { PeerSystem } from '../../src/engine/peer-system.ts';
import { startTracker } from '../../src/engine/tracker-system.ts';
import type { RunningTracker } from '../../src/engine/tracker-system.ts';
import type { Result } from '../../src/core/result.ts';
import { openSocketsOf } from '../helpers/open-handles.ts';
import { until } from '../helpers/poll.ts';

const MiB = 1024 * 1024;
const limitMs = 180_000;
const log = createLog('test', { level: 'silent', file: undefined });
const bytes = randomBytes(8 * MiB);
/** So slow that it is not over before something has happened to it, however late that is; then it is let go. */
const bytesPerSecond = MiB / 2;

/** A peer under observation. */
interface Watched {
  readonly peer: PeerSystem;
  readonly folder: string;
  readonly events: EngineEvent[];
}

let root: string;
let tracker: RunningTracker;
/** All that run. */
const watched = new Set<Watched>();
/** Of those that have ended. */
const ports = new Set<number>();

async function open(): Promise<void> {
  root = await mkdtemp(path.join(tmpdir(), 'shoal-crash-'));
  const started = await startTracker(
    {
      host: '127.0.0.1',
      port: 0,
      dataDir: path.join(root, 'tracker'),
      store: 'sqlite',
      log: { level: 'silent', file: undefined },
    },
    log,
  );
  tracker = must(started);
  ports.add(tracker.endpoint.port);
}

async function end(peers: readonly Watched[]): Promise<void> {
  for (const one of peers) {
    watched.delete(one);
    await one.peer.close();
    expect([...one.peer.transfers.threadIds(), ...one.peer.hashing.threadIds()]).toEqual([]);
    for (const port of portsOf(one.events)) ports.add(port);
  }
}

/** Ends everything, and sees that nothing is left of it. */
async function close(): Promise<void> {
  await end([...watched]);
  await tracker.system.stop();
  // By their ports, so that what one test leaves open is not held against the next.
  await until('no socket and no server is left', () => openSocketsOf(ports) === 0);
  ports.clear();
  await rm(root, { recursive: true, force: true });
}

function portsOf(events: readonly EngineEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'listening' ? [event.port] : []));
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

let started = 0;

/** Starts a peer with a share of its own, `file` in it if given. */
async function start(who: string, file?: Buffer): Promise<Watched> {
  started += 1;
  const name = `${who}-${started}`;
  const folder = await mkdtemp(path.join(root, `${name}-`));
  if (file) await writeFile(path.join(folder, 'file.bin'), file);
  const config: EngineConfig = {
    name,
    role: 'share',
    home: path.join(root, `${name}.home`),
    shares: [folder],
    downloads: folder,
    ...{
      host: '127.0.0.1',
      port: 0,
      trackers: [tracker.endpoint],
    },
    limits: { ...defaultLimits, uploadSlots: 8, downloadsAtOnce: 8 },
    insecure: false,
    log: {
      level: 'silent',
      file: undefined,
    },
  };
  const events: EngineEvent[] = [];
  const life = { startedMs: 0, stopsWhenIdle: false, log: [] };
  const peer = must(
    await startPeer({ config, agent: 'test', log, life, observe: (event) => void events.push(event) }),
  );
  const one = { peer, folder, events };
  watched.add(one);
  await peer.root.ready;
  const files = file ? 1 : 0;
  await until(`${name} is registered`, () =>
    events.some((event) => event.type === 'registered' && event.files === files),
  );
  return one;
}

function latest({ events }: Watched): DownloadView | undefined {
  const views = events.filter((event) => event.type === 'download');
  return views.at(-1)?.download;
}

/** Two peers that share one file. */
function startSources(): Promise<Watched[]> {
  return Promise.all(['alice', 'bob'].map((name) => start(name, bytes)));
}

/** Another peer that is downloading their file, and has some of it. */
async function downloading(sources: readonly Watched[]): Promise<Watched> {
  const downloader = await start('carol');
  const shared = sources[0]?.events.find((event) => event.type === 'shared');
  const file = shared?.type === 'shared' ? shared.files[0] : undefined;
  if (!file) throw new Error('Nothing is shared');
  download(downloader, file.id);
  await until('the transfer is under way', () => (latest(downloader)?.doneBytes ?? 0) > 0);
  return downloader;
}

async function transferring(): Promise<{ sources: readonly Watched[]; downloader: Watched }> {
  const sources = await startSources();
  return { sources, downloader: await downloading(sources) };
}

function download({ peer, folder }: Watched, id: ContentId): void {
  const target = { kind: 'content', id, name: 'copy.bin', folders: [], sources: [] } as const;
  peer.root.ref.tell({ type: 'download', requestId: 1, target, outDir: folder, bytesPerSecond });
}

async function arrives(downloader: Watched): Promise<void> {
  const transfers = [latest(downloader)?.transfer ?? 0];
  // What it is told while it starts again may be lost with the failure.
  await until('the limit is lifted', () => {
    downloader.peer.root.ref.tell({ type: 'limit', transfers, bytesPerSecond: 0 });
    const { state, limitBytesPerSecond } = latest(downloader) ?? {};
    return state === 'done' || limitBytesPerSecond === 0;
  });
  await until('the download ends', () => ['done', 'failed'].includes(latest(downloader)?.state ?? ''));
  expect(latest(downloader)).toMatchObject({ state: 'done', doneBytes: bytes.length, problem: undefined });
  expect((await readFile(path.join(downloader.folder, 'copy.bin'))).equals(bytes)).toBe(true);
  expect(await readdir(downloader.folder)).toEqual(['copy.bin']);
}

function paths(system: ActorSystem, wanted: RegExp): string[] {
  return system
    .snapshot()
    .map(({ path: at }) => at)
    .filter((at) => wanted.test(at));
}

/** Everything that should be up is. */
async function healed(system: ActorSystem, permanent: readonly string[]): Promise<void> {
  await until('the tree is whole again', () => {
    const up = new Set(
      system
        .snapshot()
        .filter(({ status }) => status === 'running')
        .map(({ path: at }) => at),
    );
    return permanent.every((at) => up.has(at));
  });
}

const peerActors = ['library', 'upload-pool', 'download-pool', 'reaper', 'trackers', 'listener', 'desk'];
const permanentPeer = peerActors.map((name) => `/peer/${name}`);
const trackerActors = ['registry', 'reaper', 'swarms', 'directory', 'listener-0', 'gate'];
const permanentTracker = trackerActors.map((name) => `/tracker/${name}`);

describe('an actor of a peer crashes during a transfer', () => {
  /** They stay, as the tracker does: each test has a downloader of its own, or sources. */
  let lasting: Watched[];
  beforeAll(async () => {
    await open();
    lasting = await startSources();
  }, limitMs);
  afterEach(() => end([...watched].filter((one) => !lasting.includes(one))), limitMs);
  afterAll(close, limitMs);

  const inDownloader = [
    ...permanentPeer.map((at) => [at, new RegExp(`^${at}$`)] as const),
    ['a download', /^\/peer\/download-pool\/download-\d+$/] as const,
    ['a session', /^\/peer\/download-pool\/session/] as const,
    ['a tracker link', /^\/peer\/trackers\/[^/]+$/] as const,
  ];
  test.each(inDownloader)(
    'in the downloader: %s',
    async (_, which) => {
      const downloader = await downloading(lasting);
      const { system } = downloader.peer;
      const crashed = paths(system, which);
      expect(crashed.length).toBeGreaterThan(0);
      for (const at of crashed) expect(system.crash(at)).toBe(true);
      await arrives(downloader);
      await healed(system, permanentPeer);
    },
    limitMs,
  );

  const inSource = [
    ...permanentPeer.map((at) => [at, new RegExp(`^${at}$`)] as const),
    ['an upload', /^\/peer\/upload-pool\/upload-\d+$/] as const,
    ['a tracker link', /^\/peer\/trackers\/[^/]+$/] as const,
  ];
  test.each(inSource)(
    'in both sources: %s',
    async (_, which) => {
      await end([...watched]);
      const { sources, downloader } = await transferring();
      // The connection to the second source waits for a thread of its own.
      await until('both have it', () => sources.every(({ peer }) => paths(peer.system, which).length > 0));
      for (const { peer } of sources) {
        const crashed = paths(peer.system, which);
        expect(crashed.length).toBeGreaterThan(0);
        for (const at of crashed) expect(peer.system.crash(at)).toBe(true);
      }
      await arrives(downloader);
      for (const { peer } of sources) await healed(peer.system, permanentPeer);
    },
    limitMs,
  );
});

describe('an actor of the tracker crashes during a transfer', () => {
  beforeEach(open, limitMs);
  afterEach(close, limitMs);

  test.each(permanentTracker.map((at) => [at, new RegExp(`^${at}$`)] as const))(
    '%s',
    async (_, which) => {
      const { sources, downloader } = await transferring();
      const crashed = paths(tracker.system, which);
      expect(crashed.length).toBeGreaterThan(0);
      for (const at of crashed) expect(tracker.system.crash(at)).toBe(true);
      await arrives(downloader);
      await healed(tracker.system, permanentTracker);
      await registeredAgain([...sources, downloader]);
    },
    limitMs,
  );
});

/** Whatever happened to the tracker, in the end it knows everybody and what they share. */
async function registeredAgain(peers: readonly Watched[]): Promise<void> {
  for (const { peer, events } of peers) {
    let requestId = 1000;
    const isRight = (event: EngineEvent): boolean =>
      event.type === 'answer-peers' && event.answer.ok && event.answer.value.length === peers.length;
    await until('all are online', () => {
      if (events.some(isRight)) return true;
      const last = events.findLast((event) => event.type === 'answer-peers');
      if (requestId === 1000 || (last?.type === 'answer-peers' && last.requestId === requestId))
        peer.root.ref.tell({ type: 'peers', requestId: (requestId += 1) });
      return false;
    });
  }
}

describe('a thread dies during a transfer', () => {
  beforeEach(open, limitMs);
  afterEach(close, limitMs);

  async function killAll(pool: PeerSystem['transfers']): Promise<void> {
    expect(pool.threadIds().length).toBeGreaterThan(0);
    for (const thread of pool.threadIds()) await pool.killThread(thread);
  }

  test(
    'each transfer thread of the downloader',
    async () => {
      const { downloader } = await transferring();
      await killAll(downloader.peer.transfers);
      await arrives(downloader);
    },
    limitMs,
  );

  test(
    'each transfer thread of both sources',
    async () => {
      const { sources, downloader } = await transferring();
      for (const { peer } of sources) await killAll(peer.transfers);
      await arrives(downloader);
    },
    limitMs,
  );

  test(
    "the thread of the tracker's registry",
    async () => {
      const { sources, downloader } = await transferring();
      expect(tracker.system.kill('/tracker/registry')).toBe(true);
      await arrives(downloader);
      await healed(tracker.system, permanentTracker);
      await registeredAgain([...sources, downloader]);
    },
    limitMs,
  );

  test(
    'a hash thread while it hashes',
    async () => {
      const { peer, folder, events } = await start('alice');
      await writeFile(path.join(folder, 'late.bin'), randomBytes(64 * MiB));
      await until('a hash thread is at work', () => peer.hashing.threadIds().length > 0);
      for (const thread of peer.hashing.threadIds()) await peer.hashing.killThread(thread);
      await until('the file is shared', () => events.some((event) => event.type === 'shared'));
    },
    limitMs,
  );
});

describe('a part that fails again and again', () => {
  beforeEach(open, limitMs);
  afterEach(close, limitMs);

  test(
    'ends the engine with its reason, not the process',
    async () => {
      const { peer } = await start('alice');
      let isOver = false;
      void peer.root.done.then(() => {
        isOver = true;
      });
      await until('the supervisor gives up', () => {
        if (!isOver) peer.system.crash('/peer/desk', new Error('broken for good'));
        return isOver;
      });
      expect(await peer.root.done).toMatchObject({ kind: 'failed' });
    },
    limitMs,
  );
});
