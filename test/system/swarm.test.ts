/**
 * A swarm as people make it: one slow source, several guests that download its file at the same time by way of a
 * tracker, and help each other without being listed anywhere.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type {
  DownloadView,
  EngineConfig,
  EngineEvent,
  EngineLimits,
} from '../../src/core/engine/engine-api.ts';
import type { ContentId } from '../../src/core/ids.ts';
import type { Result } from '../../src/core/result.ts';
import { createLog } from '../../src/engine/log.ts';
import { startPeer } from '../../src/engine/peer-system.ts';
import type { PeerSystem } from '../../src/engine/peer-system.ts';
import { startTracker } from '../../src/engine/tracker-system.ts';
import type { RunningTracker } from '../../src/engine/tracker-system.ts';
import { until } from '../helpers/poll.ts';

const MiB = 1024 * 1024;
const limitMs = 180_000;
const logTo = { level: 'silent', file: undefined } as const;
const log = createLog('test', logTo);

interface Watched {
  readonly peer: PeerSystem;
  readonly folder: string;
  readonly events: EngineEvent[];
}

let root: string;
let tracker: RunningTracker;
let watched: Watched[];

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'shoal-swarm-'));
  watched = [];
  const dataDir = path.join(root, 'tracker');
  tracker = must(
    await startTracker({ host: '127.0.0.1', port: 0, dataDir, store: 'memory:', log: logTo }, log),
  );
});

afterEach(async () => {
  for (const { peer } of watched) await peer.close();
  await tracker.system.stop();
  await rm(root, { recursive: true, force: true });
});

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

async function start(
  name: string,
  role: 'share' | 'guest',
  limits: Partial<EngineLimits>,
  file?: Buffer,
): Promise<Watched> {
  const folder = await mkdtemp(path.join(root, `${name}-`));
  if (file) await writeFile(path.join(folder, 'file.bin'), file);
  const config: EngineConfig = {
    name,
    role,
    home: path.join(root, `${name}.home`),
    shares: role === 'share' ? [folder] : [],
    downloads: folder,
    host: '127.0.0.1',
    port: 0,
    trackers: [tracker.endpoint],
    limits,
    insecure: false,
    log: logTo,
  };
  const events: EngineEvent[] = [];
  const observe = (event: EngineEvent): void => void events.push(event);
  const life = { startedMs: 0, stopsWhenIdle: false, log: [] };
  const peer = must(await startPeer({ config, agent: 'test', log, life, observe }));
  const one = { peer, folder, events };
  watched.push(one);
  await peer.root.ready;
  return one;
}

const latest = ({ events }: Watched): DownloadView | undefined =>
  events.findLast((event) => event.type === 'download')?.download;

function download({ peer, folder }: Watched, id: ContentId): void {
  const target = { kind: 'content', id, name: 'copy.bin', folders: [], sources: [] } as const;
  peer.root.ref.tell({ type: 'download', requestId: 1, target, outDir: folder, bytesPerSecond: 0 });
}

test(
  'guests that download the same from one slow source help each other, and nobody else sees them',
  async () => {
    const bytes = randomBytes(12 * MiB);
    const slow = { uploadBytesPerSecond: MiB, limitsLan: true };
    const alice = await start('alice', 'share', slow, bytes);
    await until('alice is registered', () =>
      alice.events.some((event) => event.type === 'registered' && event.files === 1),
    );
    const shared = alice.events.find((event) => event.type === 'shared');
    const file = shared?.type === 'shared' ? shared.files[0] : undefined;
    if (!file) throw new Error('Nothing is shared');
    const guests = [await start('bob', 'guest', {}), await start('carol', 'guest', {})];
    for (const guest of guests) download(guest, file.id);
    await until('some is there', () => guests.every((guest) => (latest(guest)?.doneBytes ?? 0) > 0));
    alice.peer.root.ref.tell({ type: 'peers', requestId: 2 });
    await until('alice knows who is online', () =>
      alice.events.some((event) => event.type === 'answer-peers'),
    );
    const online = alice.events.find((event) => event.type === 'answer-peers');
    expect(online).toMatchObject({ answer: { ok: true, value: [{ name: 'alice' }] } });
    await until('they help each other', () => guests.every((guest) => latest(guest)?.usedSources === 2));
    const quicker = { uploadBytesPerSecond: 4 * MiB };
    alice.peer.root.ref.tell({ type: 'set-limits', limits: quicker });
    await until('both have it', () => guests.every((guest) => latest(guest)?.state === 'done'));
    for (const guest of guests) {
      expect((await readFile(path.join(guest.folder, 'copy.bin'))).equals(bytes)).toBe(true);
      expect(latest(guest)).toMatchObject({ usedSources: 2, problem: undefined });
    }
    const uploads = alice.events.flatMap((event) => (event.type === 'upload' ? [event.upload] : []));
    const sent = new Map(uploads.map(({ upload, sentBytes }) => [upload, sentBytes]));
    const copies = [...sent.values()].reduce((sum, one) => sum + one, 0) / bytes.length;
    expect(copies).toBeLessThan(1.9);
  },
  limitMs,
);
