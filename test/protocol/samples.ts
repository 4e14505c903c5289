/** Every message of both protocols, at its smallest, at its largest, or in between: for whatever must hold for all. */
import { type ContentId, contentId, type PeerId, peerId } from '../../src/core/ids.ts';
import type { PeerMessageNamed, PeerTable } from '../../src/protocol/peer-messages.ts';
import type { TrackerMessageNamed, TrackerTable } from '../../src/protocol/tracker-messages.ts';

export const content = (fill: number): ContentId => contentId(new Uint8Array(32).fill(fill));
export const peer = (fill: number): PeerId => peerId(new Uint8Array(32).fill(fill));

const u32 = 0xffff_ffff;
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7) & 0xff);
const source = { peer: peer(3), name: 'anna', host: '192.0.2.7', port: 40_001 };
const summary = { ...source, files: 12_000, bytes: 2 ** 40 + 1 };

const common = {
  error: [
    { type: 'error', requestId: 0, code: 'version', message: 'Versions 1 to 1 are spoken here', detail: '' },
    { type: 'error', requestId: u32, code: 'name-taken', message: 'taken', detail: 'anna-2' },
    { type: 'error', requestId: 1, code: 'busy', message: 'Later', detail: '', retryAfterMs: 1_500 },
  ],
  ping: [{ type: 'ping', token: 1 }],
  pong: [{ type: 'pong', token: u32 }],
  bye: [{ type: 'bye', reason: 'stopped' }],
} as const;

type Samples<Table, Named extends { [Name in keyof Table]: unknown }> = {
  readonly [Name in keyof Table]: readonly [Named[Name], ...Named[Name][]];
};

export const trackerSamples: Samples<
  TrackerTable,
  { [Name in keyof TrackerTable]: TrackerMessageNamed<Name> }
> = {
  ...common,
  hello: [
    {
      type: 'hello',
      minVersion: 1,
      maxVersion: 1,
      features: 0,
      name: 'anna',
      port: 40_001,
      agent: 'shoal/0.1.0',
    },
    { type: 'hello', minVersion: 1, maxVersion: 9, features: u32, name: '', port: 0, agent: '' },
  ],
  welcome: [
    {
      type: 'welcome',
      version: 1,
      features: 0,
      name: 'anna',
      generation: 2 ** 33,
      count: 12_000,
      digest: bytes(16),
      heartbeatMs: 30_000,
      leaseMs: 90_000,
      observedHost: '2001:db8::1',
      maxFiles: 100_000,
      maxResults: 200,
    },
    {
      type: 'welcome',
      version: 1,
      features: 7,
      name: '',
      generation: 0,
      count: 0,
      digest: new Uint8Array(16),
      heartbeatMs: 30_000,
      leaseMs: 90_000,
      observedHost: '192.0.2.7',
      maxFiles: 100_000,
      maxResults: 200,
      usualFiles: 50_000,
    },
  ],
  sync: [{ type: 'sync', requestId: 1, generation: 0, count: 0, digest: new Uint8Array(16) }],
  'in-sync': [{ type: 'in-sync', requestId: 1 }],
  buckets: [{ type: 'buckets', requestId: 1, digests: bytes(2048) }],
  'drop-buckets': [{ type: 'drop-buckets', bitmap: bytes(32) }],
  add: [
    { type: 'add', files: [] },
    {
      type: 'add',
      files: [
        { id: content(1), sizeBytes: 0, path: '/music/a.flac' },
        { id: content(2), sizeBytes: Number.MAX_SAFE_INTEGER, path: '/музыка/日本/🎵.ogg' },
      ],
    },
  ],
  remove: [{ type: 'remove', files: [{ id: content(1), path: '/music/a.flac' }] }],
  commit: [{ type: 'commit', requestId: 2, generation: 7, count: 2, digest: bytes(16) }],
  committed: [
    {
      type: 'committed',
      requestId: 2,
      generation: 7,
      count: 1,
      rejected: [{ path: '/a', code: 'bad-name' }],
    },
  ],
  compare: [{ type: 'compare', withinMs: 10_000 }],
  search: [
    { type: 'search', requestId: 3, query: 'flac "live in" -remix size:>10M', limit: 200 },
    { type: 'search', requestId: 3, query: 'flac', limit: 200, cursor: '812.50' },
  ],
  'find-name': [{ type: 'find-name', requestId: 4, name: 'a.flac', limit: 0 }],
  results: [
    { type: 'results', requestId: 3, more: false, results: [] },
    {
      type: 'results',
      requestId: 3,
      more: false,
      results: [],
      cursor: '9.1',
      isPartial: true,
      suggestion: 'song',
    },
    {
      type: 'results',
      requestId: 3,
      more: true,
      results: [
        { id: content(1), sizeBytes: 65_536, names: ['/music/a.flac', '/b.flac'], sources: [source] },
        { id: content(2), sizeBytes: 1, names: ['a.flac'], sources: [], folder: '/music/live/' },
      ],
    },
  ],
  'get-sources': [{ type: 'get-sources', requestId: 5, ids: [content(1), content(2)], perId: 50 }],
  sources: [
    { type: 'sources', requestId: 5, contents: [{ id: content(1), sizeBytes: 65_536, sources: [source] }] },
  ],
  'get-peers': [
    { type: 'get-peers', requestId: 6, cursor: undefined, limit: 500 },
    { type: 'get-peers', requestId: 7, cursor: 'anna', limit: 1 },
  ],
  peers: [
    { type: 'peers', requestId: 6, peers: [summary], cursor: 'anna' },
    { type: 'peers', requestId: 7, peers: [], cursor: undefined },
    { type: 'peers', requestId: 8, peers: [], cursor: undefined, isPartial: true },
  ],
  'find-peer': [{ type: 'find-peer', requestId: 8, peer: peer(3) }],
  'found-peer': [
    { type: 'found-peer', requestId: 8, peers: [summary] },
    { type: 'found-peer', requestId: 8, peers: [] },
  ],
  join: [
    { type: 'join', requestId: 9, ids: [content(1), content(2)], port: 40_001, perId: 50 },
    { type: 'join', requestId: 10, ids: [], port: 0, perId: 0 },
  ],
  joined: [
    {
      type: 'joined',
      requestId: 9,
      contents: [
        { id: content(1), sizeBytes: 65_536, sources: [source], partial: [{ ...source, name: '' }] },
        { id: content(2), sizeBytes: 0, sources: [], partial: [] },
      ],
    },
  ],
  leave: [{ type: 'leave', ids: [content(1)] }],
  newcomers: [
    { type: 'newcomers', contents: [{ id: content(1), sizeBytes: 0, sources: [], partial: [source] }] },
  ],
  'count-peers': [{ type: 'count-peers', requestId: 11 }],
  'peer-count': [{ type: 'peer-count', requestId: 11, online: 3 }],
  trackers: [{ type: 'trackers', trackers: [{ host: '192.0.2.9', port: 5_000, id: peer(4) }] }],
  redirect: [
    { type: 'redirect', trackers: [{ host: '2001:db8::9', port: 65_535, id: peer(4) }], withinMs: 10_000 },
    { type: 'redirect', trackers: [], withinMs: 0 },
  ],
  reach: [{ type: 'reach', isReachable: false, host: '192.0.2.7', port: 40_001 }],
  call: [{ type: 'call', requestId: 12, peer: peer(5), port: 40_001, token: bytes(16) }],
  calling: [{ type: 'calling', requestId: 12 }],
  'find-contents': [{ type: 'find-contents', requestId: 14, ids: [content(1), content(2)] }],
  called: [{ type: 'called', caller: { ...source, reachable: true }, token: bytes(16) }],
};

export const peerSamples: Samples<PeerTable, { [Name in keyof PeerTable]: PeerMessageNamed<Name> }> = {
  ...common,
  hello: [
    { type: 'hello', minVersion: 1, maxVersion: 1, features: 0, name: 'bert', agent: 'shoal/0.1.0' },
    { type: 'hello', minVersion: 1, maxVersion: 1, features: 7, name: 'b', agent: '', token: bytes(16) },
  ],
  'get-manifest': [{ type: 'get-manifest', requestId: 1, id: content(1) }],
  manifest: [
    { type: 'manifest', requestId: 1, sizeBytes: 2 ** 34, pieceLength: 262_144, dataLength: 2_097_152 },
    { type: 'manifest', requestId: 1, sizeBytes: 0, pieceLength: 262_144, dataLength: 0 },
  ],
  'get-pieces': [
    { type: 'get-pieces', requestId: 2, id: content(1), firstPiece: 65_535, count: 1 },
    { type: 'get-pieces', requestId: 2, id: content(1), firstPiece: 0, count: 256, weight: 9_000 },
  ],
  block: [
    { type: 'block', requestId: 2, piece: 65_535, offset: 0, dataLength: 1, last: true },
    { type: 'block', requestId: 2, piece: 0, offset: 1_048_576, dataLength: 1_048_576, last: false },
  ],
  cancel: [{ type: 'cancel', requestId: 2 }],
  queue: [{ type: 'queue', position: 0 }],
  list: [
    { type: 'list', requestId: 3, path: '/', recursive: false, cursor: undefined, limit: 500 },
    { type: 'list', requestId: 3, path: '/music/', recursive: true, cursor: '/music/a', limit: 1 },
  ],
  'list-page': [
    {
      type: 'list-page',
      requestId: 3,
      entries: [
        { kind: 'folder', path: '/music/', sizeBytes: 2 ** 40, files: 12_000 },
        { kind: 'file', path: '/a.txt', sizeBytes: 3, id: content(1) },
      ],
      cursor: '/a.txt',
    },
    { type: 'list-page', requestId: 3, entries: [], cursor: undefined },
  ],
  watch: [{ type: 'watch', requestId: 5, id: content(1) }],
  bitfield: [
    { type: 'bitfield', requestId: 5, bitfield: bytes(8192) },
    { type: 'bitfield', requestId: 5, bitfield: undefined },
  ],
  have: [
    {
      type: 'have',
      id: content(1),
      ranges: [
        { first: 0, count: 1 },
        { first: 300, count: u32 },
      ],
    },
  ],
  unwatch: [{ type: 'unwatch', id: content(1) }],
  spoiled: [{ type: 'spoiled', id: content(1), piece: 7 }],
  'get-files': [
    { type: 'get-files', requestId: 4, ids: [content(1), content(2)] },
    { type: 'get-files', requestId: 4, ids: [content(1)], weight: 1 },
  ],
  files: [
    {
      type: 'files',
      requestId: 4,
      dataLength: 4096,
      last: false,
      files: [{ sizeBytes: 4096, code: undefined }],
    },
    {
      type: 'files',
      requestId: 4,
      dataLength: 0,
      last: true,
      files: [
        { sizeBytes: 0, code: undefined },
        { sizeBytes: 524_288, code: 'not-shared' },
      ],
    },
  ],
};
