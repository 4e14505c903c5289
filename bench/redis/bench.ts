/**
 * A catalogue on a Redis Cluster of six servers on this machine: what registering and searching it cost, bytes for
 * each row, then what befalls a cluster (faults.ts) while it is searched.
 * `npm run bench -- redis [--files N] [--questions N] [--json]`.
 */
import { parseArgs } from 'node:util';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { openRedisStore } from '../../src/store/redis-engine.ts';
import type { RedisStore } from '../../src/store/redis-store.ts';
import { RedisTestCluster } from '../../test/helpers/redis-cluster.ts';
import { filesPerPeer, Names } from '../store/names.ts';
import { attach, forAll, peerOf, registerAll } from '../store/peers.ts';
import { askAll, casesOf } from '../store/questions.ts';
import { Stopwatch } from '../store/stopwatch.ts';
import { mendAll, measureFault, measureLoss, measureReshard, type Note, type Registered } from './faults.ts';

const defaultFiles = 200_000;
const knownShares = 80;

type Figures = Record<string, number>;

export async function run(args: readonly string[] = []): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: String(defaultFiles) },
      questions: { type: 'string', default: '400' },
      json: { type: 'boolean', default: false },
    },
  });
  const figures: Figures = {};
  const note = (name: string, value: number): void => {
    figures[name] = value;
    if (!values.json) console.log(`${name.padEnd(56)} ${value.toFixed(value < 100 ? 2 : 0)}`);
  };
  const cluster = await RedisTestCluster.start(3, 1);
  try {
    const opened = await openRedisStore(cluster.url('bench'));
    if (!opened.ok) throw new Error(opened.problem.message);
    const store = opened.value;
    const registered = await measure(cluster, store, Number(values.files), Number(values.questions), note);
    await measureFault(cluster, store, 'SIGKILL', note);
    await measureFault(cluster, store, 'SIGSTOP', note);
    await measureReshard(cluster, store, note);
    await measureLoss(cluster, store, registered, note);
    await store.close();
  } finally {
    await cluster.stop();
  }
  if (values.json) console.log(JSON.stringify(figures, undefined, 2));
  return figures;
}

async function measure(
  cluster: RedisTestCluster,
  store: RedisStore,
  files: number,
  questions: number,
  note: Note,
): Promise<() => Registered> {
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
  const registered = (): Registered => ({ peers, shareOf: sharesFrom(files) });
  note('files sent again, as servers lost them meanwhile', await mendAll(store, registered()));
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
  return registered;
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
