import { describe, expect, test } from '@jest/globals';
import { createCodec } from '../../src/protocol/codec.ts';
import { RemoteProtocolError } from '../../src/protocol/errors.ts';
import { peerMessages } from '../../src/protocol/peer-messages.ts';
import { trackerMessages } from '../../src/protocol/tracker-messages.ts';
import { type AnySession, hear, newPeer, peerPair, trackerPair } from './conversation.ts';
import { content, peerSamples, trackerSamples } from './samples.ts';
import * as fc from '../helpers/properties.ts';

/** Conversations in which as many kinds of messages as possible may come. */
const sessions: Readonly<Record<string, () => AnySession>> = {
  'tracker server': () => trackerPair().server,
  'tracker client': () => {
    const { client } = trackerPair();
    for (const type of ['sync', 'commit', 'search', 'get-sources', 'get-peers', 'find-peer', 'join'] as const)
      client.send(trackerSamples[type][0]);
    return client;
  },
  dialer: () => {
    const { dialer } = peerPair();
    dialer.send({ type: 'get-pieces', requestId: 2, id: content(1), firstPiece: 65_535, count: 1 });
    dialer.send({ type: 'get-manifest', requestId: 1, id: content(1) });
    dialer.send(peerSamples.list[0]);
    dialer.send(peerSamples.watch[0]);
    return dialer;
  },
  listener: () => peerPair().listener,
  'listener before hello': () => newPeer('listener'),
};

const trackers = createCodec(trackerMessages);
const peers = createCodec(peerMessages);
const frames = [
  ...Object.values(trackerSamples)
    .flat()
    .map((message) => trackers.encode(message)),
  ...Object.values(peerSamples)
    .flat()
    .map((message) => peers.encode(message)),
];

/** Only a RemoteProtocolError may come out, and afterwards only silence. */
function survives(session: AnySession, bytes: Uint8Array, size: number): void {
  try {
    hear(session, bytes, 0, size);
    session.takeOutput();
  } catch (error) {
    expect(error).toBeInstanceOf(RemoteProtocolError);
    expect(session.takeOutput()).toBeDefined();
    expect(session.next()).toBeUndefined();
    expect(hear(session, bytes)).toEqual([]);
  }
}

const sizes = fc.constantFrom(1, 3, 7, 64, Infinity);

function framed(body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + body.length);
  new DataView(frame.buffer).setUint32(0, body.length);
  frame.set(body, 4);
  return frame;
}

describe.each(Object.entries(sessions))('whatever comes, a %s only ever refuses it', (_, make) => {
  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), sizes, (bytes, size) => survives(make(), bytes, size)),
      { numRuns: 200 },
    );
  });

  test('random bodies of known types', () => {
    const body = fc
      .tuple(fc.constantFrom(1, 2, 3, 4, 5, 6, ...span(16, 24), ...span(32, 41), ...span(64, 72)), fc.nat(15))
      .chain(([code, count]) =>
        fc.uint8Array({ maxLength: 80 }).map((rest) => Uint8Array.from([0x90 + count, code, ...rest])),
      );
    fc.assert(
      fc.property(body, sizes, (bytes, size) => survives(make(), framed(bytes), size)),
      { numRuns: 200 },
    );
  });

  test('mutated messages', () => {
    const mutation = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }) });
    const mutated = fc
      .tuple(fc.constantFrom(...frames), fc.array(mutation, { maxLength: 4 }), fc.boolean())
      .map(([frame, mutations, keepsLength]) => {
        const copy = frame.slice();
        for (const { at, by } of mutations) {
          const index = keepsLength ? 4 + (at % (copy.length - 4)) : at % copy.length;
          copy[index] = (copy[index] ?? 0) ^ by;
        }
        return copy;
      });
    fc.assert(
      fc.property(fc.array(mutated, { minLength: 1, maxLength: 4 }), sizes, (list, size) => {
        survives(make(), new Uint8Array(Buffer.concat(list)), size);
      }),
      { numRuns: 500 },
    );
  });

  test('cut messages and junk between them', () => {
    const cut = fc
      .tuple(fc.constantFrom(...frames), fc.nat())
      .map(([frame, at]) => frame.subarray(0, at % frame.length));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(cut, fc.uint8Array({ maxLength: 9 })), { maxLength: 6 }),
        sizes,
        (list, size) => {
          survives(make(), new Uint8Array(Buffer.concat(list)), size);
        },
      ),
      { numRuns: 200 },
    );
  });
});

function span(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
