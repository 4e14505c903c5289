/** The messages between a peer (client) and a tracker (server); see docs/protocol.md. */
import * as limits from '../core/limits.ts';
import { commonMessages } from './common-messages.ts';
import {
  bool,
  bytes,
  contentIdField,
  list,
  optional,
  peerIdField,
  record,
  str,
  u16,
  u32,
  u53,
  uint,
} from './fields.ts';
import { defineMessages, type MessageFrom, type MessageNamed, type MessageOf } from './table.ts';

const ready = ['ready'] as const;
const small = limits.maxSmallFrameBytes;
const name = str(limits.maxNameBytes);
const path = str(limits.maxPathBytes);
const host = str(limits.maxHostBytes);
const limit = uint(limits.maxSearchResults);
const digest = bytes(16);
const callToken = bytes(limits.callTokenBytes);
const cursor = optional(str(limits.maxCursorBytes));

const file = record({ id: contentIdField, sizeBytes: u53, path });
const holding = record({ id: contentIdField, path });
/** `reachable`: the tracker got through to the address; nothing when it has not tried. */
const source = record({ peer: peerIdField, name, host, port: u16, reachable: optional(bool) });
const sources = list(source, limits.maxSourcesPerContent);
const peer = record({
  peer: peerIdField,
  name,
  host,
  port: u16,
  files: u53,
  bytes: u53,
  reachable: optional(bool),
});
const rejection = record({ path, code: str(32) });
const found = record({
  id: contentIdField,
  sizeBytes: u53,
  /** Best match first. */
  names: list(path, limits.maxNamesPerResult),
  sources,
});
const holders = record({ id: contentIdField, sizeBytes: u53, sources });
/** Another tracker of the same catalogue, and its key. */
const trackers = list(record({ host, port: u16, id: peerIdField }), limits.maxToldTrackers);
/** `sources` share it whole, `partial` are downloading it. */
const swarm = record({ id: contentIdField, sizeBytes: u53, sources, partial: sources });

export const trackerMessages = defineMessages({
  ...commonMessages,
  /** The client's first. A guest has no name and no port, and is listed nowhere. */
  hello: {
    code: 1,
    from: 'client',
    phases: ['hello'],
    maxBytes: 1024,
    fields: {
      minVersion: u16,
      maxVersion: u16,
      features: u32,
      name,
      port: u16,
      agent: str(limits.maxAgentBytes),
    },
  },
  /** The server's first: what it knows of this peer's share, and its terms. */
  welcome: {
    code: 2,
    from: 'server',
    phases: ['hello'],
    maxBytes: 1024,
    fields: {
      version: u16,
      features: u32,
      name,
      generation: u53,
      count: u32,
      digest,
      heartbeatMs: u32,
      leaseMs: u32,
      observedHost: host,
      maxFiles: u32,
      maxResults: u32,
      /** Files that it would rather have of one peer at most; it takes more, up to `maxFiles`. */
      usualFiles: optional(u32),
    },
  },

  sync: {
    code: 16,
    from: 'client',
    phases: ready,
    maxBytes: small,
    answers: ['in-sync', 'buckets'],
    fields: { requestId: u32, generation: u53, count: u32, digest },
  },
  'in-sync': { code: 17, from: 'server', phases: ready, maxBytes: small, fields: { requestId: u32 } },
  buckets: {
    code: 18,
    from: 'server',
    phases: ready,
    maxBytes: 4096,
    fields: { requestId: u32, digests: bytes(256 * 8) },
  },
  'drop-buckets': { code: 19, from: 'client', phases: ready, maxBytes: small, fields: { bitmap: bytes(32) } },
  add: {
    code: 20,
    from: 'client',
    phases: ready,
    maxBytes: limits.maxShareFrameBytes,
    fields: { files: list(file, limits.maxFilesPerAdd) },
  },
  remove: {
    code: 21,
    from: 'client',
    phases: ready,
    maxBytes: limits.maxShareFrameBytes,
    fields: { files: list(holding, limits.maxFilesPerRemove) },
  },
  commit: {
    code: 22,
    from: 'client',
    phases: ready,
    maxBytes: small,
    answers: ['committed'],
    fields: { requestId: u32, generation: u53, count: u32, digest },
  },
  committed: {
    code: 23,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxShareFrameBytes,
    fields: {
      requestId: u32,
      generation: u53,
      count: u32,
      rejected: list(rejection, limits.maxRejectedPerCommit),
    },
  },

  search: {
    code: 32,
    from: 'client',
    phases: ready,
    maxBytes: 2048,
    answers: ['results'],
    fields: { requestId: u32, query: str(limits.maxQueryBytes), limit, cursor },
  },
  'find-name': {
    code: 33,
    from: 'client',
    phases: ready,
    maxBytes: 2048,
    answers: ['results'],
    fields: { requestId: u32, name: path, limit },
  },
  /**
   * One part of an answer; with `more`, another one follows. The last says how to go on: `cursor` asks for the next
   * page, `isPartial` that a part of the catalogue did not answer, `suggestion` what to search for instead of nothing.
   */
  results: {
    code: 34,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxAnswerFrameBytes,
    finalWhen: ['more', false],
    fields: {
      requestId: u32,
      more: bool,
      results: list(found, limits.maxSearchResults),
      cursor,
      isPartial: optional(bool),
      suggestion: optional(str(limits.maxQueryBytes)),
    },
  },
  'get-sources': {
    code: 35,
    from: 'client',
    phases: ready,
    maxBytes: 4096,
    answers: ['sources'],
    fields: {
      requestId: u32,
      ids: list(contentIdField, limits.maxIdsPerGetSources),
      perId: uint(limits.maxSourcesPerContent),
    },
  },
  /** `isPartial` here and below: a part of the catalogue did not answer. */
  sources: {
    code: 36,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxAnswerFrameBytes,
    fields: {
      requestId: u32,
      contents: list(holders, limits.maxIdsPerGetSources),
      isPartial: optional(bool),
    },
  },
  /** No `cursor` for the first page, then what the last page gave. */
  'get-peers': {
    code: 37,
    from: 'client',
    phases: ready,
    maxBytes: 2048,
    answers: ['peers'],
    fields: { requestId: u32, cursor, limit: uint(limits.maxPeersPerPage) },
  },
  /** No `cursor` on the last page. */
  peers: {
    code: 38,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxAnswerFrameBytes,
    fields: {
      requestId: u32,
      peers: list(peer, limits.maxPeersPerPage),
      cursor,
      isPartial: optional(bool),
    },
  },
  /** `peer` is a name or the text of an id. */
  'find-peer': {
    code: 39,
    from: 'client',
    phases: ready,
    maxBytes: 1024,
    answers: ['found-peer'],
    fields: { requestId: u32, peer: name },
  },
  'found-peer': {
    code: 40,
    from: 'server',
    phases: ready,
    maxBytes: 1024,
    fields: { requestId: u32, peers: list(peer, 1) },
  },
  /**
   * Downloads these contents and gives what it has of them at `port` (0: cannot be reached): `joined` says who else
   * does, `newcomers` who comes later, until `leave`. Lapses unless it is said again.
   */
  join: {
    code: 41,
    from: 'client',
    phases: ready,
    maxBytes: 4096,
    answers: ['joined'],
    fields: {
      requestId: u32,
      ids: list(contentIdField, limits.maxIdsPerGetSources),
      port: u16,
      perId: uint(limits.maxSourcesPerContent),
    },
  },
  joined: {
    code: 42,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxAnswerFrameBytes,
    fields: {
      requestId: u32,
      contents: list(swarm, limits.maxIdsPerGetSources),
      isPartial: optional(bool),
    },
  },
  leave: {
    code: 43,
    from: 'client',
    phases: ready,
    maxBytes: 4096,
    fields: { ids: list(contentIdField, limits.maxIdsPerGetSources) },
  },
  newcomers: {
    code: 44,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxShareFrameBytes,
    fields: { contents: list(swarm, limits.maxIdsPerGetSources) },
  },
  /** How many peers are online. */
  'count-peers': {
    code: 45,
    from: 'client',
    phases: ready,
    maxBytes: small,
    answers: ['peer-count'],
    fields: { requestId: u32 },
  },
  'peer-count': {
    code: 46,
    from: 'server',
    phases: ready,
    maxBytes: small,
    fields: { requestId: u32, online: u32 },
  },
  /** Whom else to turn to when this tracker is gone, sent whenever that changes. */
  trackers: {
    code: 47,
    from: 'server',
    phases: ready,
    maxBytes: 4096,
    fields: { trackers },
  },
  /** Leave within `withinMs`, at a moment of your own, for one of these, or for this one again when there are none. */
  redirect: {
    code: 48,
    from: 'server',
    phases: ready,
    maxBytes: 4096,
    fields: { trackers, withinMs: u32 },
  },
  /** Whether the tracker got through to the address that it gives to others. */
  reach: {
    code: 49,
    from: 'server',
    phases: ready,
    maxBytes: 1024,
    fields: { isReachable: bool, host, port: u16 },
  },
  /**
   * Asks a peer that cannot be reached to dial us, at `port`, and to show `token` there, which serves once. Refused
   * with `not-found` (not online) or `unreachable` (neither can be reached).
   */
  call: {
    code: 50,
    from: 'client',
    phases: ready,
    maxBytes: small,
    answers: ['calling'],
    fields: { requestId: u32, peer: peerIdField, port: u16, token: callToken },
  },
  calling: { code: 51, from: 'server', phases: ready, maxBytes: small, fields: { requestId: u32 } },
  /** Somebody calls: dial `caller` and show the token. */
  called: {
    code: 52,
    from: 'server',
    phases: ready,
    maxBytes: 1024,
    fields: { caller: source, token: callToken },
  },
});

export type TrackerTable = typeof trackerMessages;
export type TrackerMessage = MessageOf<TrackerTable>;
export type TrackerMessageNamed<Name extends keyof TrackerTable> = MessageNamed<TrackerTable, Name>;
/** What a peer may send to a tracker, and a tracker to a peer. */
export type TrackerRequest = MessageFrom<TrackerTable, 'client'>;
export type TrackerReply = MessageFrom<TrackerTable, 'server'>;
/** One row of `results`: what a tracker knows of a content. */
export type FoundContent = TrackerMessageNamed<'results'>['results'][number];
/** One row of `joined` and `newcomers`. */
export type Swarm = TrackerMessageNamed<'joined'>['contents'][number];
/** One row of `sources`. */
export type ContentSources = TrackerMessageNamed<'sources'>['contents'][number];
