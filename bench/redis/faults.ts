/**
 * What befalls a cluster while it is searched: a primary killed or stopped, slots moved while peers write, a primary
 * lost together with its replica. Reports what a person would have noticed.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { compileQuery } from '../../src/core/query.ts';
import { ShareDigest } from '../../src/core/share-digest.ts';
import type { RedisStore } from '../../src/store/redis-store.ts';
import { sha256 } from '../../src/store/share-hash.ts';
import type { RedisServer, RedisTestCluster } from '../../test/helpers/redis-cluster.ts';
import { attach, peerOf, peersAtOnce, register } from '../store/peers.ts';

const stoppedMs = 10_000;
const giveUpMs = 30_000;
const movedSlots = 700;
/** Peers that add files while slots move. */
const writers = 8;
const writerNumber = 3_000_000;

export type Note = (name: string, value: number) => void;

/** What a catalogue was filled with: `shareOf` gives the shares again, asked for in ascending order. */
export interface Registered {
  readonly peers: number;
  readonly shareOf: (at: number) => readonly SharedFile[];
}

interface Searched {
  slowestMs: number;
  partial: number;
  lastPartialMs: number;
}

/** Searches until told to stop. `lastPartialMs`: 0 where all pages were whole. */
async function searchWhile(store: RedisStore, goesOn: (searched: Searched) => boolean): Promise<Searched> {
  const query = compileQuery('type:audio ');
  if (!query.ok) throw new Error(query.problem.message);
  const searched = { slowestMs: 0, partial: 0, lastPartialMs: 0 };
  while (goesOn(searched)) {
    const askedMs = performance.now();
    const page = await store.search(query.value, { limit: 50 });
    searched.slowestMs = Math.max(searched.slowestMs, performance.now() - askedMs);
    if (page.isPartial === true) {
      searched.partial += 1;
      searched.lastPartialMs = performance.now();
    }
  }
  return searched;
}

/** Until a second has passed without a page that lacks a part, once there was one. */
function untilWhole(startedMs: number, limitMs = giveUpMs): (searched: Searched) => boolean {
  return ({ lastPartialMs }) => {
    const nowMs = performance.now();
    return nowMs - startedMs < limitMs && (lastPartialMs === 0 || nowMs - lastPartialMs < 1_000);
  };
}

export async function measureFault(
  cluster: RedisTestCluster,
  store: RedisStore,
  signal: 'SIGKILL' | 'SIGSTOP',
  note: Note,
): Promise<void> {
  const [primary] = await replicated(cluster);
  await cluster.setPatience('short');
  const startedMs = performance.now();
  await primary.kill(signal);
  const { slowestMs, partial, lastPartialMs } = await searchWhile(store, untilWhole(startedMs));
  note(`${signal} of a primary: slowest search, ms`, slowestMs);
  note(`${signal} of a primary: searches flagged as partial`, partial);
  note(`${signal} of a primary: until all was served again, ms`, Math.max(0, lastPartialMs - startedMs));
  if (signal === 'SIGKILL') await primary.start();
  else {
    await sleep(Math.max(0, stoppedMs - (performance.now() - startedMs)));
    await primary.kill('SIGCONT');
  }
  await cluster.setPatience('long');
}

/** Moves slots from one primary to another while peers add files. */
export async function measureReshard(
  cluster: RedisTestCluster,
  store: RedisStore,
  note: Note,
): Promise<void> {
  await replicated(cluster);
  const { primaries } = await cluster.roles();
  const [from = '', to = ''] = await Promise.all(
    primaries.map(async (server) => (await server.cli('cluster', 'myid')).trim()),
  );
  const load = { isOn: true, refused: 0, slowestMs: 0 };
  const writing = Promise.all(
    Array.from({ length: writers }, (_, at) => writeWhile(store, writerNumber + at, load)),
  );
  const startedMs = performance.now();
  const moving = promisify(execFile)('redis-cli', [
    ...['--cluster', 'reshard', `127.0.0.1:${primaries[0]?.port}`, '--cluster-from', from],
    ...['--cluster-to', to, '--cluster-slots', String(movedSlots), '--cluster-yes'],
  ]).finally(() => (load.isOn = false));
  const { slowestMs, partial } = await searchWhile(store, () => load.isOn);
  await moving;
  note(`moving ${movedSlots} slots while peers write, ms`, performance.now() - startedMs);
  note('moving slots: slowest search, ms', slowestMs);
  note('moving slots: searches flagged as partial', partial);
  const files = await writing;
  note('moving slots: files added meanwhile', files.flat().length);
  note('moving slots: changes that had to be put again', load.refused);
  note('moving slots: slowest change, ms', load.slowestMs);
  const whole = await Promise.all(files.map((each, at) => isWhole(store, writerNumber + at, each)));
  note('moving slots: shares that lack a file', whole.filter((isIt) => !isIt).length);
}

async function writeWhile(
  store: RedisStore,
  at: number,
  load: { isOn: boolean; refused: number; slowestMs: number },
): Promise<readonly SharedFile[]> {
  await attach(store, at);
  const files: SharedFile[] = [];
  while (load.isOn) {
    const path = `/moved/${at}/file ${files.length}.txt`;
    const file = {
      id: peerOf(files.length * 100 + (at % 100)) as string as SharedFile['id'],
      path,
      sizeBytes: 1,
    };
    const startedMs = performance.now();
    const change = await store.apply(peerOf(at), { adds: [file], removes: [] });
    load.slowestMs = Math.max(load.slowestMs, performance.now() - startedMs);
    if (change.ok) files.push(file);
    else load.refused += 1;
  }
  return files;
}

/** Loses a third of the catalogue, gets the servers back empty, and lets the peers send what is missing. */
export async function measureLoss(
  cluster: RedisTestCluster,
  store: RedisStore,
  registered: () => Registered,
  note: Note,
): Promise<void> {
  const [primary, replica] = await replicated(cluster);
  const startedMs = performance.now();
  await Promise.all([primary.kill('SIGKILL'), replica.kill('SIGKILL')]);
  const missing = await searchWhile(
    store,
    ({ partial }) => partial < 20 && performance.now() - startedMs < giveUpMs,
  );
  note('a primary and its replica killed: slowest search, ms', missing.slowestMs);
  const backMs = performance.now();
  await Promise.all([primary.start(), replica.start()]);
  const { lastPartialMs } = await searchWhile(store, untilWhole(backMs));
  note('both started again: until no part was missing, ms', Math.max(0, lastPartialMs - backMs));
  await store.beat();
  const sent = await mendAll(store, registered());
  note('both started again: files that peers sent anew', sent);
  note('both started again: until all of them were there, ms', performance.now() - backMs);
}

/** Whether the share of a peer is all there; if not, it is sent again, as a peer does that compares. */
async function mend(store: RedisStore, at: number, files: readonly SharedFile[]): Promise<boolean> {
  if (await isWhole(store, at, files)) return true;
  await register(store, at, files);
  return false;
}

/** Has all peers compare their shares; gives how many files were sent again. */
export async function mendAll(store: RedisStore, { peers, shareOf }: Registered): Promise<number> {
  let sent = 0;
  for (let from = 0; from < peers; from += peersAtOnce) {
    const some = Array.from({ length: Math.min(peersAtOnce, peers - from) }, (_, place) =>
      shareOf(from + place),
    );
    const whole = await Promise.all(some.map((files, place) => mend(store, from + place, files)));
    sent += some.flatMap((files, place) => (whole[place] ? [] : files)).length;
  }
  return sent;
}

async function isWhole(store: RedisStore, at: number, files: readonly SharedFile[]): Promise<boolean> {
  const digest = new ShareDigest(sha256);
  for (const file of files) digest.add(file);
  const state = { generation: 1, count: digest.count, digest: digest.digest() };
  return (await store.commit(peerOf(at), state)).ok;
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
    await sleep(100);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
