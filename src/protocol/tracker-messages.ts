/** The messages between a peer (client) and a tracker (server); see docs/protocol.md. */
import * as limits from '../core/limits/wire.ts';
import { commonMessages } from './common-messages.ts';
import { bool, bytes, contentIdField, list, optional, str, u16, u32, u53, uint } from './fields.ts';
import { meetingMessages } from './meeting-messages.ts';
import { defineMessages, type MessageFrom, type MessageNamed, type MessageOf } from './table.ts';
import {
  cursor,
  digest,
  file,
  found,
  holders,
  holding,
  host,
  limit,
  name,
  path,
  peer,
  ready,
  rejection,
  small,
} from './tracker-rows.ts';

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
  /** What was acknowledged may be gone: compare it, at a moment of your own within `withinMs`. */
  compare: { code: 24, from: 'server', phases: ready, maxBytes: small, fields: { withinMs: u32 } },

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
  ...meetingMessages,
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
