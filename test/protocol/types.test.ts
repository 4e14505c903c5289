import { expect, test } from '@jest/globals';
import type { PeerId } from '../../src/core/ids.ts';
import { bool, list, optional, record, u32 } from '../../src/protocol/fields.ts';
import { defineMessages, type MessageFrom, type MessageOf } from '../../src/protocol/table.ts';
import type { TrackerReply, TrackerRequest } from '../../src/protocol/tracker-messages.ts';
import type { Sendable } from '../../src/protocol/session-events.ts';

const table = defineMessages({
  ask: { code: 20, from: 'client', phases: ['ready'], maxBytes: 9, fields: { requestId: u32 } },
  tell: {
    code: 21,
    from: 'server',
    phases: ['ready'],
    maxBytes: 9,
    fields: { rows: list(record({ size: u32 }), 3), cursor: optional(u32), more: bool },
  },
});

type Equal<A, B> = [A, B] extends [B, A] ? true : 'these types differ';
const holds = <T extends true>(...proof: T[]): T[] => proof;

test('messages have the types that their table says, and misuse does not compile', () => {
  type Any = MessageOf<typeof table>;
  type Tell = Extract<Any, { type: 'tell' }>;
  expect(
    holds(
      true satisfies Equal<Any['type'], 'ask' | 'tell'>,
      true satisfies Equal<MessageFrom<typeof table, 'client'>['type'], 'ask'>,
      true satisfies Equal<Tell['rows'], readonly { readonly size: number }[]>,
      true satisfies Equal<Tell['cursor'], number | undefined>,
      true satisfies Equal<Extract<TrackerReply, { type: 'results' }>['more'], boolean>,
    ),
  ).toHaveLength(5);

  const messages: Sendable<TrackerRequest>[] = [
    // @ts-expect-error a field is missing
    { type: 'search', requestId: 1, query: 'x' },
    // @ts-expect-error a field has another type
    { type: 'search', requestId: '1', query: 'x', limit: 1 },
    // @ts-expect-error an id is not just any string
    { type: 'get-sources', requestId: 1, ids: ['x'], perId: 1 },
    // @ts-expect-error a peer's id is not a content's
    { type: 'get-sources', requestId: 1, ids: ['x' as PeerId], perId: 1 },
    // @ts-expect-error there is no such message
    { type: 'serach', requestId: 1, query: 'x', limit: 1 },
    // @ts-expect-error only a tracker says this
    { type: 'in-sync', requestId: 1 },
    // @ts-expect-error keep-alive is the session's own
    { type: 'ping', token: 1 },
  ];
  expect(messages).toHaveLength(7);
});
