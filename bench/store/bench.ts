/**
 * How fast a catalogue takes and finds files: registering new and known ones, a restart, peers that come back
 * unchanged, then searches of several kinds on a thread of their own while files are being registered.
 * `npm run bench -- store [--files N] [--writes N] [--questions N] [--store memory:|PATH] [--json]`.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { compileQuery } from '../../src/core/search/query.ts';
import type { CatalogStore } from '../../src/store/catalog-store.ts';
import { hasReaders, openStore } from '../../src/store/open-store.ts';
import { filesPerPeer, Names } from './names.ts';
import { attach, forAll, peerOf, register, registerAll } from './peers.ts';
import { askAll, casesOf, type Question, type Took } from './questions.ts';
import { Stopwatch } from './stopwatch.ts';

const defaultFiles = 200_000;
/** Peers that bring what others have. */
const knownShares = 160;
/** Questions before those that count: pages and code are warm then. */
const warmUp = 200;

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'per second' | 'ms' | 'bytes' | 'us of processor';
}

export interface StoreReport {
  readonly store: string;
  readonly files: number;
  readonly peers: number;
  readonly figures: readonly Figure[];
}

type Note = (name: string, value: number, unit: Figure['unit']) => void;

export async function run(args: readonly string[] = []): Promise<StoreReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: String(defaultFiles) },
      /** Files registered a second while questions are asked. */
      writes: { type: 'string', default: '5000' },
      questions: { type: 'string', default: '2000' },
      store: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const files = Number(values.files);
  if (!Number.isSafeInteger(files) || files < filesPerPeer)
    throw new RangeError(`Expected --files with at least ${filesPerPeer}, got ${values.files}`);
  const folder = mkdtempSync(join(tmpdir(), 'shoal-bench-'));
  const figures: Figure[] = [];
  const note: Note = (name, value, unit) => {
    figures.push({ name, value, unit });
    if (!values.json) console.log(`${name.padEnd(44)} ${shown(value)} ${unit}`);
  };
  const peers = Math.ceil(files / filesPerPeer);
  try {
    const url = values.store ?? join(folder, 'catalogue.sqlite');
    const names = new Names(1, Math.ceil(files * 0.72));
    let store = await open(url);
    const samples = await measureRegistering(store, peers, names, note);
    await measureKnown(store, peers, Math.ceil(files * 0.72), note);
    if (hasReaders(url)) {
      await store.close();
      note('disk, each file', statSync(url).size / files, 'bytes');
      store = await measureRestart(url, note);
    }
    await measureReturn(store, peers, note);
    const cases = casesOf(samples, names, Number(values.questions));
    await using asker = hasReaders(url) ? new AskingThread(url) : undefined;
    const writing = new AbortController();
    const written = write(store, peers + knownShares, names, Number(values.writes), writing.signal);
    const all = (questions: readonly Question[]) => asker?.ask(questions) ?? askAll(store, questions);
    await all(cases.flatMap(({ questions }) => questions.slice(0, warmUp / cases.length)));
    for (const { name, questions } of cases) noteTimes(name, await all(questions), note);
    writing.abort();
    note('registered meanwhile', await written, 'per second');
    await store.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
  const report = { store: values.store ?? 'SQLite', files, peers, figures };
  if (values.json) console.log(JSON.stringify(report, undefined, 2));
  return report;
}

async function open(url: string): Promise<CatalogStore> {
  const opened = await openStore(url);
  if (!opened.ok) throw new Error(opened.problem.message);
  return opened.value;
}

/** In ten parts, because what matters is how it goes on. Gives some of the files. */
async function measureRegistering(
  store: CatalogStore,
  peers: number,
  names: Names,
  note: Note,
): Promise<readonly SharedFile[]> {
  const samples: SharedFile[] = [];
  const share = (count: number): SharedFile[] => {
    const files = names.share(count);
    samples.push(...files.slice(0, 4));
    return files;
  };
  const whole = new Stopwatch();
  let slowest = Infinity;
  for (let part = 0; part < 10; part++) {
    const [from, to] = [part, part + 1].map((at) => Math.floor((peers * at) / 10)) as [number, number];
    const before = whole.ms;
    await registerAll(store, from, to, share, whole);
    slowest = Math.min(slowest, ((to - from) * filesPerPeer * 1_000) / (whole.ms - before));
  }
  note('register new files', (peers * filesPerPeer * 1_000) / whole.ms, 'per second');
  note('register new files, slowest tenth', slowest, 'per second');
  note('register new files, each', whole.processorUs / (peers * filesPerPeer), 'us of processor');
  return samples;
}

/** Other peers that share what is known already. */
async function measureKnown(store: CatalogStore, peers: number, words: number, note: Note): Promise<void> {
  const again = new Names(1, words);
  const spent = new Stopwatch();
  await registerAll(store, peers, peers + knownShares, (count) => again.share(count), spent);
  note('register known files', (knownShares * filesPerPeer * 1_000) / spent.ms, 'per second');
  note('register known files, each', spent.processorUs / (knownShares * filesPerPeer), 'us of processor');
}

async function measureRestart(url: string, note: Note): Promise<CatalogStore> {
  const spent = new Stopwatch();
  let store: CatalogStore | undefined;
  await spent.during(async () => {
    store = await open(url);
    const query = compileQuery('anything at all ');
    if (query.ok) await store.search(query.value, { limit: 50 });
  });
  note('restart until it can be searched', spent.ms, 'ms');
  if (store === undefined) throw new Error('It is not open');
  return store;
}

async function measureReturn(store: CatalogStore, peers: number, note: Note): Promise<void> {
  await forAll(peers + knownShares, (at) => attach(store, at));
  const spent = new Stopwatch();
  await spent.during(() =>
    forAll(peers, async (at) => {
      await store.detach([peerOf(at)], 1);
      await attach(store, at);
    }),
  );
  note('leave and return unchanged', (peers * 1_000) / spent.ms, 'per second');
}

/** Registers shares at a rate until it is stopped; gives the rate that it was. */
async function write(
  store: CatalogStore,
  from: number,
  names: Names,
  perSecond: number,
  signal: AbortSignal,
): Promise<number> {
  const startedMs = performance.now();
  let files = 0;
  let at = from;
  if (perSecond === 0) return 0;
  while (!signal.aborted) {
    await register(store, at++, names.share(filesPerPeer));
    files += filesPerPeer;
    const dueMs = startedMs + (files / perSecond) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
  }
  return (files * 1_000) / (performance.now() - startedMs);
}

/** Reads the catalogue beside the one who writes. */
class AskingThread implements AsyncDisposable {
  readonly #worker: Worker;

  constructor(url: string) {
    this.#worker = new Worker(new URL('asker.ts', import.meta.url), { workerData: url });
  }

  async ask(questions: readonly Question[]): Promise<readonly Took[]> {
    this.#worker.postMessage(questions);
    const [took] = (await once(this.#worker, 'message')) as [readonly Took[]];
    return took;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

function noteTimes(name: string, took: readonly Took[], note: Note): void {
  const at = (share: number, times: readonly number[]): number =>
    times.toSorted((a, b) => a - b)[Math.floor(times.length * share)] ?? 0;
  const clock = took.map(({ ms }) => ms);
  const processor = took.map(({ processorMs }) => processorMs);
  note(`${name}, p50`, at(0.5, clock), 'ms');
  note(`${name}, p99`, at(0.99, clock), 'ms');
  note(`${name}, p99 of the processor`, at(0.99, processor), 'ms');
}

function shown(value: number): string {
  return value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString('en');
}
