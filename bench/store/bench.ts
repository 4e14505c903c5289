/**
 * How fast a catalogue takes and finds files: registering new and known ones, searches of several kinds, peers
 * that come back unchanged. `npm run bench -- store [--files N] [--store memory:|PATH]`.
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

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { files: { type: 'string', default: String(defaultFiles) }, store: { type: 'string' } },
  });
  const count = Number(values.files);
  if (!Number.isSafeInteger(count) || count < filesPerPeer)
    throw new RangeError(`Expected --files with at least ${filesPerPeer}, got ${values.files}`);
  const folder = mkdtempSync(join(tmpdir(), 'shoal-bench-'));
  try {
    const path = values.store ?? join(folder, 'catalogue.sqlite');
    const opened = await openStore(path);
    if (!opened.ok) throw new Error(opened.problem.message);
    console.log(
      `store ${values.store ?? 'SQLite'}, ${count} files of ${Math.ceil(count / filesPerPeer)} peers`,
    );
    await measure(opened.value, count);
    await opened.value.close();
    if (values.store === undefined)
      report('disk per file', `${Math.round(statSync(path).size / count)} bytes`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(store: CatalogStore, count: number): Promise<void> {
  const names = new Names(1, Math.ceil(count * 0.72));
  const samples: SharedFile[] = [];
  let spentMs = 0;
  let peers = 0;
  for (let left = count; left > 0; left -= filesPerPeer, peers++) {
    const files = names.share(Math.min(left, filesPerPeer));
    samples.push(...files.slice(0, 8));
    const startedMs = performance.now();
    await register(store, peers, files);
    spentMs += performance.now() - startedMs;
  }
  report('register new files', `${perSecond(count, spentMs)} files/s`);
  await measureKnown(store, count, peers);
  await measureReturn(store, peers);
  await measureSearches(store, samples, names);
}

/** Other peers that share what is known already. */
async function measureKnown(store: CatalogStore, count: number, peers: number): Promise<void> {
  const again = new Names(1, Math.ceil(count * 0.72));
  const shares = Array.from({ length: Math.min(peers, 50) }, () => again.share(filesPerPeer));
  const startedMs = performance.now();
  for (const [at, files] of shares.entries()) await register(store, peers + at, files);
  report(
    'register known files',
    `${perSecond(shares.length * filesPerPeer, performance.now() - startedMs)} files/s`,
  );
}

async function measureReturn(store: CatalogStore, peers: number): Promise<void> {
  const startedMs = performance.now();
  for (let at = 0; at < peers; at++) {
    await store.detach([peerOf(at)], 1);
    await attach(store, at);
  }
  report('leave and return unchanged', `${perSecond(peers, performance.now() - startedMs)} peers/s`);
}

async function measureSearches(
  store: CatalogStore,
  samples: readonly SharedFile[],
  names: Names,
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
  await time('search, two words of a name', () => search(store, `${two()} `));
  await time('search, last word unfinished', () => search(store, two().slice(0, -2)));
  await time('search, two words at random', () => search(store, `${names.word()} ${names.word()} `));
  await time('search, one word at random', () => search(store, `${names.word()} `));
  await time('search, beginning of 2 letters', () => search(store, names.word().slice(0, 2)));
  await time('search, word type: size:', () => search(store, `${names.word()} type:audio size:>5M`));
  await time('search, only type: and size:', () => search(store, 'type:video size:>500M'));
  await time('search, phrase', () => search(store, `"${two()}"`));
  await time('find by exact name', () => store.findName(baseName(sample().path), resultsWanted));
  await time('sources of one content', () => store.holders([sample().id], resultsWanted));
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
  if (query.ok) await store.search(query.value, resultsWanted);
}

async function time(what: string, ask: () => Promise<unknown>): Promise<void> {
  const spentMs: number[] = [];
  for (let at = 0; at < questions; at++) {
    const startedMs = performance.now();
    await ask();
    spentMs.push(performance.now() - startedMs);
  }
  spentMs.sort((a, b) => a - b);
  const at = (share: number): string => (spentMs[Math.floor(spentMs.length * share)] ?? 0).toFixed(2);
  report(what, `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(0.9999)} ms`);
}

function perSecond(count: number, ms: number): string {
  return Math.round((count * 1_000) / ms).toLocaleString('en');
}

function report(what: string, figure: string): void {
  console.log(`${what.padEnd(32)} ${figure}`);
}
