/**
 * An engine that plays a script, in a process of its own, behind the socket and the hub of the real one: thousands of
 * downloads of which some move ten times a second, and answers to what the screens ask. Its parent sets over the
 * channel how many move. Invariant: what it says is the same in each run.
 * Usage: node scripted-engine.ts <home> <transfers> <results>
 */
import { mkdirSync } from 'node:fs';
import { systemClock } from '../../src/actors/runtime/index.ts';
import { isRequest, refusalOf } from '../../src/core/engine/engine-answers.ts';
import {
  defaultLimits,
  unheardOf,
  type DownloadDetails,
  type DownloadView,
  type EngineCommand,
  type EngineSnapshot,
  type SourceView,
} from '../../src/core/engine/engine-api.ts';
import type { SearchResult } from '../../src/core/catalogue.ts';
import { encodeId, type ContentId, type PeerId } from '../../src/core/ids.ts';
import { viewIntervalMs } from '../../src/core/limits/engine.ts';
import { ok } from '../../src/core/result.ts';
import { agentName } from '../../src/engine/agent.ts';
import { openEngineSocket } from '../../src/engine/engine-socket.ts';
import { EventHub } from '../../src/engine/event-hub.ts';
import { madeUpName } from './names.ts';

export interface Order {
  /** How many downloads move. */
  readonly active: number;
}

const [home = '', transfers = '10000', results = '100000'] = process.argv.slice(2);
const startedMs = Date.now();
const peerId = (seed: number): PeerId => numbered(seed, 2) as PeerId;
const contentId = (seed: number): ContentId => numbered(seed, 1) as ContentId;

function numbered(seed: number, kind: number): string {
  const bytes = new Uint8Array(32).fill(kind);
  new DataView(bytes.buffer).setUint32(0, seed);
  return encodeId(bytes);
}

const views = Array.from({ length: Number(transfers) }, (_, at) => download(at));
let active = 0;

function download(at: number): DownloadView {
  const sizeBytes = 700_000_000 + ((at * 7_919) % 4_000) * 1_000_000;
  // A third is done, some have failed, the rest waits its turn.
  const state = at % 3 === 0 ? 'done' : at % 50 === 1 ? 'paused' : 'queued';
  const doneBytes = state === 'done' ? sizeBytes : (at * 104_729) % (sizeBytes / 2);
  return {
    transfer: at + 1,
    id: contentId(at),
    name: madeUpName(at),
    outDir: '/home/me/Downloads',
    state,
    priority: at % 17 === 0 ? 'high' : 'normal',
    order: 'rarest',
    queueIndex: state === 'done' ? undefined : at + 1,
    limitBytesPerSecond: 0,
    sizeBytes,
    doneBytes: Math.floor(doneBytes),
    arrivingBytes: 0,
    fetchedBytes: 0,
    wastedBytes: 0,
    sentBytes: 0,
    files: undefined,
    sources: 0,
    knownSources: 1 + (at % 9),
    usedSources: 0,
    availability: 1,
    queuePosition: undefined,
    path: state === 'done' ? `/home/me/Downloads/${madeUpName(at)}` : undefined,
    isCopy: false,
    uncheckedBytes: 0,
    problem: undefined,
    retry: undefined,
    attempts: 0,
    nextAttemptMs: undefined,
    addedMs: startedMs - at * 1_000,
    endedMs: state === 'done' ? startedMs - at * 500 : undefined,
  };
}

/** Sets which downloads move: the first ones of those that are not done. */
function move(count: number): void {
  active = 0;
  for (const [at, view] of views.entries()) {
    if (view.state === 'done') continue;
    const state = active < count ? 'downloading' : view.state === 'downloading' ? 'queued' : view.state;
    if (state === 'downloading') active += 1;
    if (state !== view.state)
      change(at, { state, sources: state === 'downloading' ? 1 + (at % 4) : 0, usedSources: 2 });
  }
}

function change(at: number, changes: Partial<DownloadView>): void {
  const view = views[at];
  if (view === undefined) return;
  const changed = { ...view, ...changes };
  views[at] = changed;
  hub.publish({ type: 'download', download: changed });
}

let turn = 0;
function tick(): void {
  turn += 1;
  for (const [at, view] of views.entries()) {
    if (view.state !== 'downloading') continue;
    // Between 200 kB/s and 20 MB/s, never steady: no two frames of a row are alike.
    const bytes = Math.floor((20_000 + ((at * 31) % 100) * 20_000) * (0.8 + ((turn * 37 + at) % 41) / 100));
    const sizeBytes = view.sizeBytes ?? 0;
    const doneBytes = view.doneBytes + bytes >= sizeBytes ? 0 : view.doneBytes + bytes;
    change(at, { doneBytes, fetchedBytes: view.fetchedBytes + bytes });
  }
}

const hub = new EventHub({
  clock: systemClock,
  defer: (callback) => void setImmediate(callback),
  deliver: obey,
});

function obey(command: EngineCommand): void {
  if (!isRequest(command)) return;
  const { requestId } = command;
  switch (command.type) {
    case 'snapshot':
      return hub.publish({ type: 'answer-snapshot', requestId, answer: ok(snapshot()) });
    case 'details':
      return hub.publish({ type: 'answer-details', requestId, answer: ok(details(command.transfer)) });
    case 'shared':
      return hub.publish({ type: 'answer-shared', requestId, answer: ok([]) });
    case 'search':
      return hub.publish({
        type: 'answer-search',
        requestId,
        answer: ok(Array.from({ length: Number(results) }, (_, at) => result(at))),
        last: true,
        trackers: { asked: 1, answered: 1 },
      });
    case 'find-name':
    case 'find-contents':
    case 'find-peer':
    case 'peers':
    case 'browse':
    case 'download':
    case 'share-entries':
    case 'add-share':
    case 'remove-share':
      return hub.publish(refusalOf(command, { code: 'not-found', message: 'Not in the script' }));
  }
}

function result(at: number): SearchResult {
  const name = madeUpName(at);
  return {
    id: contentId(1_000_000 + at),
    sizeBytes: 1_000 + at * 977,
    type: 'audio',
    name,
    names: [name],
    sources: [source(at)],
  };
}

const source = (at: number) => ({
  peer: peerId(at % 50),
  name: `peer-${at % 50}`,
  host: '192.0.2.1',
  port: 4001,
});

function details(transfer: number): DownloadDetails {
  const view = views[transfer - 1] ?? download(0);
  const pieces = 4_096;
  const havePieces = Math.floor((view.doneBytes / (view.sizeBytes ?? 1)) * pieces);
  const sources = Array.from({ length: view.sources }, (_, at): SourceView => ({
    ...source(at),
    state: 'delivering',
    havePieces: pieces,
    receivedBytes: Math.floor(view.fetchedBytes / view.sources),
    bytesPerSecond: 2_000_000 + turn * 1_000,
    queuePosition: undefined,
    problem: undefined,
    nextAttemptMs: undefined,
  })); // prettier-ignore
  return {
    download: view,
    pieceLength: 262_144,
    pieces,
    pieceMap: Uint8Array.from({ length: pieces }, (_, at) =>
      at < havePieces ? 2 : at < havePieces + 40 ? 1 : 18,
    ),
    sources,
    openFiles: [],
  };
}

function snapshot(): EngineSnapshot {
  return {
    peer: peerId(0),
    name: 'me',
    port: 4001,
    trackers: [{ ...unheardOf, host: '192.0.2.9', port: 5000, state: 'registered', id: peerId(99), peers: 50, latencyMs: 2 }],
    downloads: views,
    uploads: [],
    share: { files: 0, bytes: 0, hashing: { files: 0, bytes: 0 } },
    shares: [],
    limits: defaultLimits,
    blocked: [],
    disk: { folder: '/home/me/Downloads', freeBytes: 1e12 },
    log: [],
    startedMs,
    stopsWhenIdle: false,
    actors: [],
  };
} // prettier-ignore

mkdirSync(home, { recursive: true, mode: 0o700 });
const socket = await openEngineSocket({ home, hub, program: agentName(), halt: () => process.exit(0) });
if (!socket.ok) throw new Error(socket.problem.message);
process.on('message', ({ active: count }: Order) => {
  move(count);
  process.send?.({ active });
});
process.once('disconnect', () => process.exit(0));
setInterval(tick, viewIntervalMs);
process.send?.({ ready: true });
