/**
 * How fast a catalogue takes and finds files: registering new and known ones, searches of several kinds, peers
 * that come back unchanged. `npm run bench -- store [--files N] [--store memory:|PATH] [--json]`.
 *
 * Beside the time by the clock stands the time of the processor, which says more on a machine that others use.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { SharedFile } from '../../src/core/catalogue.ts';
import { baseName } from '../../src/core/file-type.ts';
import { peerId, type PeerId } from '../../src/core/ids.ts';
import { maxFilesPerAdd } from '../../src/core/limits.ts';
import { compileQuery } from '../../src/core/query.ts';
import type { CatalogStore } from '../../src/store/catalog-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { filesPerPeer, Names, randomOf } from './names.ts';

const defaultFiles = 200_000;
const questions = 2_000;
const resultsWanted = 50;

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

export async function run(args: readonly string[] = []): Promise<StoreReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      files: { type: 'string', default: String(defaultFiles) },
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
    if (!values.json) console.log(`${name.padEnd(38)} ${shown(value)} ${unit}`);
  };
  try {
    const path = values.store ?? join(folder, 'catalogue.sqlite');
    const opened = await openStore(path);
    if (!opened.ok) throw new Error(opened.problem.message);
    await measure(opened.value, files, note);
    await opened.value.close();
    if (values.store === undefined) note('disk, each file', statSync(path).size / files, 'bytes');
  } finally {
    rmSync(folder, { recursive: true });
  }
  const report = { store: values.store ?? 'SQLite', files, peers: Math.ceil(files / filesPerPeer), figures };
  if (values.json) console.log(JSON.stringify(report, undefined, 2));
  return report;
}

type Note = (name: string, value: number, unit: Figure['unit']) => void;

async function measure(store: CatalogStore, count: number, note: Note): Promise<void> {
  const names = new Names(1, Math.ceil(count * 0.72));
  const samples: SharedFile[] = [];
  const spent = new Stopwatch();
  let peers = 0;
  for (let left = count; left > 0; left -= filesPerPeer, peers++) {
    const files = names.share(Math.min(left, filesPerPeer));
    samples.push(...files.slice(0, 8));
    await spent.during(() => register(store, peers, files));
  }
  note('register new files', (count * 1_000) / spent.ms, 'per second');
  note('register new files, each', spent.processorUs / count, 'us of processor');
  await measureKnown(store, count, peers, note);
  await measureReturn(store, peers, note);
  await measureSearches(store, samples, names, note);
}

/** Other peers that share what is known already. */
async function measureKnown(store: CatalogStore, count: number, peers: number, note: Note): Promise<void> {
  const again = new Names(1, Math.ceil(count * 0.72));
  const shares = Array.from({ length: Math.min(peers, 50) }, () => again.share(filesPerPeer));
  const spent = new Stopwatch();
  for (const [at, files] of shares.entries()) await spent.during(() => register(store, peers + at, files));
  note('register known files', (shares.length * filesPerPeer * 1_000) / spent.ms, 'per second');
}

async function measureReturn(store: CatalogStore, peers: number, note: Note): Promise<void> {
  const spent = new Stopwatch();
  await spent.during(async () => {
    for (let at = 0; at < peers; at++) {
      await store.detach([peerOf(at)], 1);
      await attach(store, at);
    }
  });
  note('leave and return unchanged', (peers * 1_000) / spent.ms, 'per second');
}

async function measureSearches(
  store: CatalogStore,
  samples: readonly SharedFile[],
  names: Names,
  note: Note,
): Promise<void> {
  const random = randomOf(2);
  const sample = (): SharedFile => {
    const file = samples[Math.floor(random() * samples.length)];
    if (file === undefined) throw new Error('No files');
    return file;
  };
  const wordsOf = (file: SharedFile): string[] =>
    baseName(file.path)
      .split(/[ ._]+/)
      .filter((word) => /^[A-Z]/.test(word));
  const two = (): string => wordsOf(sample()).slice(0, 2).join(' ');
  const any = (): string => names.word();
  const cases: readonly (readonly [name: string, ask: () => Promise<unknown>])[] = [
    ['search, two words of a name', () => search(store, `${two()} `)],
    ['search, last word unfinished', () => search(store, two().slice(0, -2))],
    ['search, two words at random', () => search(store, `${any()} ${any()} `)],
    ['search, one word at random', () => search(store, `${any()} `)],
    ['search, two letters', () => search(store, any().slice(0, 2))],
    ['search, word, type: and size:', () => search(store, `${any()} type:audio size:>5M`)],
    ['search, only type: and size:', () => search(store, 'type:video size:>500M')],
    ['search, phrase', () => search(store, `"${two()}"`)],
    ['find by exact name', () => store.findName(baseName(sample().path), resultsWanted)],
    ['sources of one content', () => store.holders([sample().id], resultsWanted)],
  ];
  for (const [name, ask] of cases) await time(name, ask, note);
}

async function register(store: CatalogStore, at: number, files: readonly SharedFile[]): Promise<void> {
  await attach(store, at);
  for (let from = 0; from < files.length; from += maxFilesPerAdd)
    await store.apply(peerOf(at), { adds: files.slice(from, from + maxFilesPerAdd), removes: [] });
}

async function attach(store: CatalogStore, at: number): Promise<void> {
  await store.attach({ peer: peerOf(at), name: `peer${at}`, host: '192.0.2.1', port: 4_000 }, 0);
}

function peerOf(at: number): PeerId {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, at);
  return peerId(bytes);
}

async function search(store: CatalogStore, text: string): Promise<void> {
  const query = compileQuery(text);
  if (query.ok) await store.search(query.value, { limit: resultsWanted });
}

async function time(name: string, ask: () => Promise<unknown>, note: Note): Promise<void> {
  const spent: Stopwatch[] = [];
  for (let at = 0; at < questions; at++) {
    const watch = new Stopwatch();
    await watch.during(ask);
    spent.push(watch);
  }
  const at = (share: number, of: (watch: Stopwatch) => number): number =>
    spent.map(of).sort((a, b) => a - b)[Math.floor(questions * share)] ?? 0;
  note(
    `${name}, p50`,
    at(0.5, ({ ms }) => ms),
    'ms',
  );
  note(
    `${name}, p99`,
    at(0.99, ({ ms }) => ms),
    'ms',
  );
  note(
    `${name}, p99`,
    at(0.99, ({ processorUs }) => processorUs),
    'us of processor',
  );
}

class Stopwatch {
  #ms = 0;
  #processorUs = 0;

  get ms(): number {
    return this.#ms;
  }

  get processorUs(): number {
    return this.#processorUs;
  }

  async during(work: () => Promise<unknown>): Promise<void> {
    const processor = process.cpuUsage();
    const startedMs = performance.now();
    await work();
    this.#ms += performance.now() - startedMs;
    const { user, system } = process.cpuUsage(processor);
    this.#processorUs += user + system;
  }
}

function shown(value: number): string {
  return value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString('en');
}
