/**
 * The messages between two peers: the client downloads, and has dialled unless it called; the server uploads. `manifest`
 * and `block` are followed by `dataLength` raw bytes. See docs/protocol.md.
 */
import * as limits from '../core/limits/wire.ts';
import { callTokenBytes } from '../core/limits/reach.ts';
import { maxFilesDataBytes, maxFilesPerRequest, maxSmallFileBytes } from '../core/limits/trees.ts';
import { commonMessages } from './common-messages.ts';
import {
  bool,
  bytes,
  bytesUpTo,
  contentIdField,
  list,
  listEntry,
  optional,
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
const path = str(limits.maxPathBytes);
const cursor = optional(str(limits.maxCursorBytes));
/** Beside the requests of the same client for others; missing: 1. */
const requestWeight = uint(limits.maxRequestWeight, 1);
const pieceRange = record({ first: u32, count: uint(0xffff_ffff, 1) });

export const peerMessages = defineMessages({
  ...commonMessages,
  /**
   * The first message of both sides; neither waits for the other's. With a `token` who dialled was called: it is the
   * server, and the side that it dialled the client.
   */
  hello: {
    code: 1,
    from: 'both',
    phases: ['hello'],
    maxBytes: 1024,
    fields: {
      minVersion: u16,
      maxVersion: u16,
      features: u32,
      name: str(limits.maxNameBytes),
      agent: str(limits.maxAgentBytes),
      token: optional(bytes(callTokenBytes)),
    },
  },

  'get-manifest': {
    code: 64,
    from: 'client',
    phases: ready,
    maxBytes: small,
    answers: ['manifest'],
    fields: { requestId: u32, id: contentIdField },
  },
  /** The leaves follow raw, 32 bytes each. */
  manifest: {
    code: 65,
    from: 'server',
    phases: ready,
    maxBytes: small,
    raw: true,
    fields: {
      requestId: u32,
      sizeBytes: u53,
      pieceLength: u53,
      dataLength: uint(limits.maxManifestDataBytes),
    },
  },
  'get-pieces': {
    code: 66,
    from: 'client',
    phases: ready,
    maxBytes: small,
    answers: ['block'],
    fields: {
      requestId: u32,
      id: contentIdField,
      firstPiece: u32,
      count: uint(limits.maxPiecesPerRequest, 1),
      weight: optional(requestWeight),
    },
  },
  /**
   * The bytes follow raw. `offset` is within the piece. Blocks of one request come in order without a gap;
   * `last` is set on the final one.
   */
  block: {
    code: 67,
    from: 'server',
    phases: ready,
    maxBytes: small,
    finalWhen: ['last', true],
    raw: true,
    fields: {
      requestId: u32,
      piece: u32,
      offset: u32,
      dataLength: uint(limits.maxBlockBytes, 1),
      last: bool,
    },
  },
  /** The request still ends with its last block, or with error `cancelled`. Of no effect once it has. */
  cancel: { code: 68, from: 'client', phases: ready, maxBytes: small, fields: { requestId: u32 } },
  /** 0: an upload slot is yours; n: your place in the queue. */
  queue: { code: 69, from: 'server', phases: ready, maxBytes: small, fields: { position: u32 } },
  /** No `cursor` for the first page, then what the last page gave. */
  list: {
    code: 70,
    from: 'client',
    phases: ready,
    maxBytes: 4096,
    answers: ['list-page'],
    fields: {
      requestId: u32,
      path,
      recursive: bool,
      cursor,
      limit: uint(limits.maxEntriesPerPage),
    },
  },
  /** No `cursor` on the last page. */
  'list-page': {
    code: 71,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxAnswerFrameBytes,
    fields: {
      requestId: u32,
      entries: list(listEntry(limits.maxPathBytes), limits.maxEntriesPerPage),
      cursor,
    },
  },
  /** What of a content is there, and tell me what comes until I `unwatch`. */
  watch: {
    code: 72,
    from: 'client',
    phases: ready,
    maxBytes: small,
    answers: ['bitfield'],
    fields: { requestId: u32, id: contentIdField },
  },
  /** No `bitfield`: everything is there, and no `have` will follow. */
  bitfield: {
    code: 73,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxHaveFrameBytes,
    fields: { requestId: u32, bitfield: optional(bytesUpTo(limits.maxBitfieldBytes)) },
  },
  /** Pieces of a watched content that are there too by now. */
  have: {
    code: 74,
    from: 'server',
    phases: ready,
    maxBytes: limits.maxHaveFrameBytes,
    fields: { id: contentIdField, ranges: list(pieceRange, limits.maxRangesPerHave) },
  },
  /** Of no effect for what is not watched. */
  unwatch: { code: 75, from: 'client', phases: ready, maxBytes: small, fields: { id: contentIdField } },
  /** A piece that came was wrong: who sent it may look whether its file is still what it was. */
  spoiled: {
    code: 76,
    from: 'client',
    phases: ready,
    maxBytes: small,
    fields: { id: contentIdField, piece: u32 },
  },

  /** Whole files of at most `maxSmallFileBytes` each. */
  'get-files': {
    code: 80,
    from: 'client',
    phases: ready,
    maxBytes: 16_384,
    answers: ['files'],
    fields: {
      requestId: u32,
      ids: list(contentIdField, maxFilesPerRequest),
      weight: optional(requestWeight),
    },
  },
  /**
   * The next of the files asked for, in the order asked; the bytes of those without `code` follow raw, one file
   * behind the other. `last` is set when none is left.
   */
  files: {
    code: 81,
    from: 'server',
    phases: ready,
    maxBytes: 16_384,
    finalWhen: ['last', true],
    raw: true,
    fields: {
      requestId: u32,
      dataLength: uint(maxFilesDataBytes),
      last: bool,
      files: list(
        record({ sizeBytes: uint(maxSmallFileBytes), code: optional(str(32)) }),
        maxFilesPerRequest,
      ),
    },
  },
});

export type PeerTable = typeof peerMessages;
export type PeerMessage = MessageOf<PeerTable>;
export type PeerMessageNamed<Name extends keyof PeerTable> = MessageNamed<PeerTable, Name>;
/** What the dialling peer may send, and what the accepting one may. */
export type PeerRequest = MessageFrom<PeerTable, 'client'>;
export type PeerReply = MessageFrom<PeerTable, 'server'>;
