/**
 * What befalls a cluster under a tracker that is searched and written to all the while: a primary killed or stopped,
 * slots moved, a primary lost together with its replica. Reports what people would have noticed, and how long it takes
 * until everything that real peers share is there again.
 */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CatalogReader } from '../../src/store/catalog-store.ts';
import { openRedisShards, redisPlaceOf } from '../../src/store/redis/redis-open.ts';
import { RedisReader } from '../../src/store/redis/redis-reader.ts';
import type { RedisServer, RedisTestCluster } from '../../test/helpers/redis-cluster.ts';
import type { Scene } from '../harness/scene.ts';
import { filesPerPeer } from '../store/names.ts';
import { Crowd, Shares } from '../tracker/crowd.ts';
import { TrackerProcess } from '../tracker/tracker-process.ts';
import { RedisLoad, type Seen } from './load.ts';
import type { Note } from './note.ts';
import { Sharers } from './sharers.ts';

const stoppedMs = 10_000;
/** No fault is waited for longer than this to be noticed, or to be over. */
const giveUpMs = 30_000;
const allThereWithinMs = 400_000;
/** So long without a page that lacks a part, and all is served again. */
const wholeMs = 1_000;
const lookMs = 100;
const countedWithinMs = 5_000;
const movedSlots = 700;
const writers = 8;
const searchers = 4;
const manyConnections = 20_000;

/** All of it, while nothing is said of what it is measured with. */
interface Stage {
  readonly cluster: RedisTestCluster;
  readonly load: RedisLoad;
  /** Reads the catalogue beside the tracker. */
  readonly reader: CatalogReader;
  /** What those share whose shares do not grow. */
  readonly files: number;
  readonly note: Note;
}

/** Fills a catalogue with so many files of real peers, and does to its servers what can befall them. */
export async function measureFaults(
  scene: Scene,
  cluster: RedisTestCluster,
  files: number,
  note: Note,
): Promise<void> {
  const store = cluster.url('faults');
  const limits = {
    maxConnections: manyConnections,
    maxConnectionsPerNetwork: manyConnections,
    ...{ searchesPerSecond: 1e6, searchBurst: 1e6 },
  };
  const dataDir = scene.makeFolder('tracker');
  const { child, port } = await TrackerProcess.start(scene, { dataDir, store, limits });
  const peers = Math.ceil(files / filesPerPeer);
  const shares = new Shares(peers);
  const at = { folder: scene.makeFolder('peers'), port };
  const startedMs = performance.now();
  await using sharers = await Sharers.of(peers, () => shares.next(), { ...at, name: 'peer' });
  note('real peers registered, by way of the network, files per second', perSecond(peers, startedMs));
  await using growing = await Sharers.of(writers, () => [], { ...at, name: 'writer' });
  const askers = await Crowd.of(searchers, 'asker');
  await askers.enter(port, 'guest');
  const reader = await openReader(store);
  const load = new RedisLoad(askers, growing.links, () => shares.words(2));
  const stage: Stage = { cluster, load, reader, files: peers * filesPerPeer, note };
  try {
    await measureQuiet(stage);
    await measureFault(stage, 'SIGKILL');
    await measureFault(stage, 'SIGSTOP');
    await measureReshard(stage);
    await measureLoss(stage);
    await load.stop();
    note('at the end: peers of whom a file is missing', await lacking(reader, [sharers, growing]));
  } finally {
    askers.leave();
    await reader.close();
    child.kill();
  }
}

/** One that remembers no answers, and waits for parts that are late: to be counted they need only be there. */
async function openReader(url: string): Promise<CatalogReader> {
  const place = redisPlaceOf(url);
  if (!place.ok) throw new Error(place.problem.message);
  const shards = await openRedisShards(place.value, countedWithinMs);
  if (!shards.ok) throw new Error(shards.problem.message);
  return new RedisReader(shards.value);
}

const perSecond = (peers: number, startedMs: number): number =>
  (peers * filesPerPeer * 1_000) / (performance.now() - startedMs);

/** With nothing amiss, to compare with. */
async function measureQuiet(stage: Stage): Promise<void> {
  await replicated(stage.cluster);
  const seen = stage.load.look();
  await sleep(stoppedMs);
  noteSeen(stage, 'nothing amiss', seen);
}

async function measureFault(stage: Stage, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  const { cluster, load, note } = stage;
  const [primary] = await replicated(cluster);
  await cluster.setPatience('short');
  const seen = load.look();
  const startedMs = performance.now();
  await primary.kill(signal);
  await served(seen, startedMs);
  const what = `${signal} of a primary`;
  noteSeen(stage, what, seen);
  note(`${what}: until all was served again, ms`, Math.max(0, seen.lastPartialMs - startedMs));
  if (signal === 'SIGKILL') await primary.start();
  else {
    await sleep(Math.max(0, stoppedMs - (performance.now() - startedMs)));
    await primary.kill('SIGCONT');
  }
  note(`${what}: until every share was there, ms`, await allThere(stage, startedMs));
  await cluster.setPatience('long');
}

/** Moves slots from one primary to another. */
async function measureReshard(stage: Stage): Promise<void> {
  const { cluster, load, note } = stage;
  await replicated(cluster);
  const { primaries } = await cluster.roles();
  const [from = '', to = ''] = await Promise.all(
    primaries.map(async (server) => (await server.cli('cluster', 'myid')).trim()),
  );
  const seen = load.look();
  const startedMs = performance.now();
  const at = `127.0.0.1:${primaries[0]?.port}`;
  const between = ['--cluster-from', from, '--cluster-to', to, '--cluster-slots', String(movedSlots)];
  const reason = await failureOf('reshard', at, ...between, '--cluster-yes');
  if (reason !== undefined) {
    // On a machine that holds servers up it gives a slot up half-way, and has it put right like this.
    process.stderr.write(`Not all slots were moved: ${reason}\n`);
    await failureOf('fix', at, '--cluster-yes');
  }
  note(`moving ${movedSlots} slots, ms`, performance.now() - startedMs);
  noteSeen(stage, 'moving slots', seen);
  note('moving slots: until every share was there, ms', await allThere(stage, performance.now()));
}

/** Loses a third of the catalogue and gets the servers back empty: peers send what is missing, once they know. */
async function measureLoss(stage: Stage): Promise<void> {
  const { cluster, load, reader, note } = stage;
  const [primary, replica] = await replicated(cluster);
  const seen = load.look();
  const startedMs = performance.now();
  await Promise.all([primary.kill('SIGKILL'), replica.kill('SIGKILL')]);
  while (seen.partial < 20 && performance.now() - startedMs < giveUpMs) await sleep(lookMs);
  noteSeen(stage, 'a primary and its replica killed', seen);
  const again = load.look();
  const backMs = performance.now();
  await Promise.all([primary.start(), replica.start()]);
  await served(again, backMs);
  note('both back and empty: until no part was missing, ms', Math.max(0, again.lastPartialMs - backMs));
  note('both back and empty: files that were lost', stage.files + load.writtenFiles - (await kept(reader)));
  note('both back and empty: until every share was there, ms', await allThere(stage, backMs));
  noteSeen(stage, 'both back and empty', again);
}

/** Why redis-cli gave up what it was to do with a cluster; undefined: it did not. */
async function failureOf(...args: readonly string[]): Promise<string | undefined> {
  try {
    await promisify(execFile)('redis-cli', ['--cluster', ...args], { maxBuffer: 2 ** 24 });
    return undefined;
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    return stdout?.trim().split('\n').at(-1) ?? String(error);
  }
}

function noteSeen({ note }: Stage, what: string, { searches, changes, partial, refused }: Seen): void {
  const [searched, changed] = [searches.summary(), changes.summary()];
  note(`${what}: searches`, searches.count);
  note(`${what}: search p50, ms`, searched.p50);
  note(`${what}: slowest search, ms`, searched.worst);
  note(`${what}: searches flagged as partial`, partial);
  note(`${what}: searches refused`, refused);
  note(`${what}: changes acknowledged`, changes.count);
  note(`${what}: slowest change, ms`, changed.worst);
}

/** Until a second has passed without a page that lacks a part. */
async function served(seen: Seen, startedMs: number): Promise<void> {
  const isWhole = (nowMs: number): boolean => nowMs - Math.max(seen.lastPartialMs, startedMs) > wholeMs;
  for (let nowMs = startedMs; nowMs - startedMs < giveUpMs && !isWhole(nowMs); nowMs = performance.now())
    await sleep(lookMs);
}

/** How long after a moment all is in the catalogue that was ever acknowledged. */
async function allThere({ reader, load, files }: Stage, sinceMs: number): Promise<number> {
  for (;;) {
    const acknowledgedFiles = files + load.writtenFiles;
    if ((await kept(reader)) >= acknowledgedFiles) return performance.now() - sinceMs;
    if (performance.now() - sinceMs > allThereWithinMs) return Infinity;
    await sleep(lookMs);
  }
}

/** Files in the catalogue, each counted for every peer that has it; those of parts that do not answer are not. */
async function kept(reader: CatalogReader): Promise<number> {
  return (await reader.stats()).shares;
}

/** Peers that are not listed with as many files as they share. */
async function lacking(reader: CatalogReader, sharers: readonly Sharers[]): Promise<number> {
  const listed = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page = await reader.peers(cursor, 500);
    for (const { peer, files } of page.peers) listed.set(peer, files);
    ({ cursor } = page);
  } while (cursor !== undefined);
  const links = sharers.flatMap((each) => each.links);
  return links.filter(({ identity, acknowledgedFiles }) => listed.get(identity.id) !== acknowledgedFiles)
    .length;
}

/** A primary and its replica, once that has all it has. */
async function replicated(
  cluster: RedisTestCluster,
): Promise<readonly [primary: RedisServer, replica: RedisServer]> {
  for (;;) {
    const { primaries, replicasOf } = await cluster.roles();
    for (const primary of primaries) {
      const [replica] = replicasOf.get(primary) ?? [];
      const link = await replica?.cli('info', 'replication').catch(() => '');
      if (replica !== undefined && link !== undefined && /master_link_status:up/.test(link))
        return [primary, replica];
    }
    await sleep(lookMs);
  }
}
