/**
 * The messages by which a tracker brings peers together and leads them from one tracker to another; see
 * docs/protocol.md. They are part of the table in tracker-messages.ts.
 */
import * as limits from '../core/limits/wire.ts';
import { bool, contentIdField, list, optional, peerIdField, u16, u32, uint } from './fields.ts';
import { defineMessages } from './table.ts';
import { callToken, host, ready, small, source, swarm, trackers } from './tracker-rows.ts';

export const meetingMessages = defineMessages({
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
  /** What contents are called and who shares them: one result each at most, none of those that nobody shares now. */
  'find-contents': {
    code: 53,
    from: 'client',
    phases: ready,
    maxBytes: 4096,
    answers: ['results'],
    fields: { requestId: u32, ids: list(contentIdField, limits.maxIdsPerGetSources) },
  },
  /** Somebody calls: dial `caller` and show the token. */
  called: {
    code: 52,
    from: 'server',
    phases: ready,
    maxBytes: 1024,
    fields: { caller: source, token: callToken },
  },
});
