/**
 * What a catalogue on a cluster costs: registering, coming back, searching, and memory for each row, without a tracker
 * or a network in between.
 */
import type { SharedFile } from '../../src/core/catalogue.ts';
import { ShareDigest } from '../../src/core/share/share-digest.ts';
import type { RedisStore } from '../../src/store/redis/redis-store.ts';
import { sha256 } from '../../src/store/share-hash.ts';
import type { RedisTestCluster } from '../../test/helpers/redis-cluster.ts';
import { filesPerPeer, Names } from '../store/names.ts';
import { attach, forAll, peerOf, peersAtOnce, register, registerAll } from '../store/peers.ts';
import { askAll, casesOf } from '../store/questions.ts';
import { Stopwatch } from '../store/stopwatch.ts';
import type { Note } from './note.ts';

/** Peers whose shares others have already. */
const knownShares = 80;

export async function measureCosts(
  cluster: RedisTestCluster,
  store: RedisStore,
  files: number,
  questions: number,
  note: Note,
): Promise<void> {
  const peers = Math.ceil(files / filesPerPeer);
  const names = new Names(1, Math.ceil(files * 0.72));
  const samples: SharedFile[] = [];
  const before = await usage(cluster);
  const spent = new Stopwatch();
  await registerAll(
    store,
    0,
    peers,
    (count) => {
      const share = names.share(count);
      samples.push(...share.slice(0, 4));
      return share;
    },
    spent,
  );
  const after = await usage(cluster);
  note('files sent again, as servers lost them meanwhile', await mendAll(store, peers, sharesFrom(files)));
  const { files: rows, shares, isPartial = false } = await store.stats();
  if (isPartial) note('parts of the catalogue did not answer', 1);
  note('rows', rows);
  note('register new files, per second', (shares * 1_000) / spent.ms);
  note('register new files, us of the tracker each', spent.processorUs / shares);
  note(
    'register new files, us of the servers each',
    (after.processorMs - before.processorMs) * (1_000 / shares),
  );
  note('memory of the primaries, bytes each row', ((await usage(cluster)).bytes - before.bytes) / rows);

  const again = new Names(1, Math.ceil(files * 0.72));
  const known = new Stopwatch();
  await registerAll(store, peers, peers + knownShares, (count) => again.share(count), known);
  note('register files known to others, per second', (knownShares * filesPerPeer * 1_000) / known.ms);

  const returning = new Stopwatch();
  await returning.during(() =>
    forAll(peers, async (at) => {
      await store.detach([peerOf(at)], 1);
      await attach(store, at);
    }),
  );
  note('leave and return unchanged, per second', (peers * 1_000) / returning.ms);

  const cases = casesOf(samples, names, questions);
  await askAll(
    store,
    cases.flatMap((each) => each.questions.slice(0, 10)),
  );
  for (const { name, questions: asked } of cases) {
    const served = await usage(cluster);
    const took = (await askAll(store, asked)).map(({ ms }) => ms).toSorted((a, b) => a - b);
    const share = (part: number): number =>
      took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0;
    note(`${name}, p50 ms`, share(0.5));
    note(`${name}, p99 ms`, share(0.99));
    const busyMs = (await usage(cluster)).processorMs - served.processorMs;
    note(`${name}, ms of the servers each`, busyMs / asked.length);
  }
}

/** The shares that were registered first, asked for in ascending order: made again, as kept they would fill memory. */
function sharesFrom(files: number): (at: number) => readonly SharedFile[] {
  const names = new Names(1, Math.ceil(files * 0.72));
  let next = 0;
  return (at) => {
    for (; next < at; next++) names.share(filesPerPeer);
    next += 1;
    return names.share(filesPerPeer);
  };
}

async function usage(cluster: RedisTestCluster): Promise<{ bytes: number; processorMs: number }> {
  const sum = { bytes: 0, processorMs: 0 };
  for (const server of (await cluster.roles()).primaries) {
    const info = await server.cli('info', 'everything');
    const fact = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
    sum.bytes += fact('used_memory_dataset') + fact('used_memory_overhead') - fact('mem_clients_normal');
    sum.processorMs += (fact('used_cpu_user') + fact('used_cpu_sys')) * 1_000;
  }
  return sum;
}

/** Has all peers compare their shares, as servers without a processor may have failed over; gives how many files were sent again. */
async function mendAll(
  store: RedisStore,
  peers: number,
  shareOf: (at: number) => readonly SharedFile[],
): Promise<number> {
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

/** Whether the share of a peer is all there; if not, it is sent again, as a peer does that compares. */
async function mend(store: RedisStore, at: number, files: readonly SharedFile[]): Promise<boolean> {
  const digest = new ShareDigest(sha256);
  for (const file of files) digest.add(file);
  const state = { generation: 1, count: digest.count, digest: digest.digest() };
  if ((await store.commit(peerOf(at), state)).ok) return true;
  await register(store, at, files);
  return false;
}
