import { describe, expect, test } from '@jest/globals';
import { maxPeerRequests, peerPingMs, peerSilenceMs } from '../../src/core/limits/wire.ts';
import { blockHeaderBytes } from '../../src/protocol/block-header.ts';
import { createCodec } from '../../src/protocol/codec.ts';
import { LocalProtocolError } from '../../src/protocol/errors.ts';
import { peerMessages, type PeerMessage } from '../../src/protocol/peer-messages.ts';
import { PeerSession } from '../../src/protocol/peer-session.ts';
import { hear, join, newPeer, peerPair, refusal } from './conversation.ts';
import { content, peerSamples } from './samples.ts';
import * as fc from '../helpers/properties.ts';

const codec = createCodec(peerMessages);

const getPieces = (
  requestId: number,
  firstPiece: number,
  count: number,
): PeerMessage & { type: 'get-pieces' } => ({
  type: 'get-pieces',
  requestId,
  id: content(1),
  firstPiece,
  count,
});

const block = (
  requestId: number,
  piece: number,
  offset: number,
  dataLength: number,
  last = false,
): PeerMessage & { type: 'block' } => ({ type: 'block', requestId, piece, offset, dataLength, last });

const bytes = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, at) => from + at);
const cancelled = (requestId: number): PeerMessage & { type: 'error' } => ({
  type: 'error',
  requestId,
  code: 'cancelled',
  message: '',
  detail: '',
});

/** A dialler with one open request for pieces, and the listener that has it. */
function asking(firstPiece = 0, count = 2): { dialer: PeerSession; listener: PeerSession } {
  const pair = peerPair();
  hear(pair.listener, pair.dialer.send(getPieces(1, firstPiece, count)));
  return pair;
}

/** The frame of a block without its data. */
const blockFrame = (listener: PeerSession, piece: number, dataLength: number, last: boolean): Uint8Array => {
  const frame = new Uint8Array(blockHeaderBytes);
  listener.writeBlock(frame, 0, { requestId: 1, piece, offset: 0, dataLength, last });
  return frame;
};

describe('data that is read to where it belongs', () => {
  test('is counted without an event, and the frame behind it is read as ever', () => {
    const { dialer, listener } = asking();
    hear(dialer, blockFrame(listener, 0, 10, false));
    expect([dialer.rawRequestId, dialer.rawLeft]).toEqual([1, 10]);
    expect(dialer.tookRaw(4, 1)).toBe(false);
    expect(dialer.rawLeft).toBe(6);
    expect(dialer.tookRaw(6, 2)).toBe(true);
    expect(dialer.rawRequestId).toBeUndefined();
    expect(dialer.next()).toEqual({ type: 'data-end', requestId: 1 });
    expect(dialer.next()).toBeUndefined();
    expect(dialer.heardMs).toBe(2);
    const [header, data] = hear(dialer, join(blockFrame(listener, 1, 3, true), bytes(3)));
    expect([header?.type, data]).toEqual(['block', { type: 'data', requestId: 1, bytes: bytes(3) }]);
  });

  test('is never more than was announced, nor any that was not', () => {
    const { dialer, listener } = asking();
    expect(() => dialer.tookRaw(1, 0)).toThrow(LocalProtocolError);
    hear(dialer, blockFrame(listener, 0, 10, false));
    expect(() => dialer.tookRaw(11, 0)).toThrow(LocalProtocolError);
  });

  test('belongs nowhere once it was cancelled', () => {
    const { dialer, listener } = asking();
    hear(dialer, blockFrame(listener, 0, 10, false));
    dialer.send({ type: 'cancel', requestId: 1 });
    expect(dialer.rawRequestId).toBeUndefined();
    expect(hear(dialer, bytes(10))).toEqual([]);
  });
});

describe('greeting a peer', () => {
  test('both say hello at once, and either order will do', () => {
    const dialer = newPeer('dialer');
    const listener = newPeer('listener');
    expect(hear(dialer, listener.takeOutput())).toEqual([
      { type: 'hello', minVersion: 1, maxVersion: 1, features: 31, name: 'listener', agent: 'test' },
    ]);
    expect(dialer.canAsk).toBe(true);
    expect(listener.isReady).toBe(false);
    expect(hear(listener, dialer.takeOutput())).toHaveLength(1);
    expect(listener.isReady).toBe(true);
  });

  test('a request right behind the hello is heard', () => {
    const dialer = newPeer('dialer');
    const listener = newPeer('listener');
    hear(dialer, listener.takeOutput());
    const together = join(dialer.takeOutput() ?? bytes(0), dialer.send(getPieces(1, 0, 1)));
    expect(hear(listener, together).map(({ type }) => type)).toEqual(['hello', 'get-pieces']);
  });

  test('who was called dials and shows the token: then the listener asks, and the dialler answers', () => {
    const called = new PeerSession({ role: 'called', name: 'c', agent: 'test', nowMs: 0, token: bytes(16) });
    const caller = newPeer('listener');
    expect(hear(caller, called.takeOutput())).toMatchObject([{ type: 'hello', token: bytes(16) }]);
    hear(called, caller.takeOutput());
    const asked = hear(called, caller.send(getPieces(1, 0, 1)));
    expect(asked).toMatchObject([{ type: 'get-pieces' }]);
    expect(hear(caller, called.send({ type: 'queue', position: 3 }))).toHaveLength(1);
    expect(() => called.send(getPieces(2, 0, 1))).toThrow(LocalProtocolError);
    expect(refusal(caller, codec.encode(getPieces(1, 0, 1)))).toBe('unexpected');
    expect(refusal(called, codec.encode({ type: 'queue', position: 3 }))).toBe('unexpected');
  });

  test('the side that asks keeps alive a connection that was called for', () => {
    const called = new PeerSession({ role: 'called', name: 'c', agent: 'test', nowMs: 0, token: bytes(16) });
    const caller = newPeer('listener');
    hear(caller, called.takeOutput());
    hear(called, caller.takeOutput());
    caller.tick(peerPingMs);
    expect(hear(called, caller.takeOutput(), peerPingMs)).toEqual([]);
    expect(hear(caller, called.takeOutput(), peerPingMs)).toEqual([]);
    called.tick(2 * peerPingMs);
    expect(called.takeOutput()).toBeUndefined();
  });

  test('a token turns nobody round who has dialled', () => {
    const called = new PeerSession({ role: 'called', name: 'c', agent: 'test', nowMs: 0, token: bytes(16) });
    const token = codec.encode({ ...peerSamples.hello[0], token: bytes(16) });
    for (const session of [newPeer('dialer'), called]) {
      const { remote } = session;
      hear(session, token);
      expect(session.remote).toBe(remote);
    }
  });

  test('a peer of newer versions only is refused by both', () => {
    const hello = codec.encode({ ...peerSamples.hello[0], minVersion: 2, maxVersion: 3 });
    expect(refusal(newPeer('listener'), hello)).toBe('version');
    expect(refusal(newPeer('dialer'), hello)).toBe('version');
  });

  test('a second hello is refused', () => {
    expect(refusal(peerPair().listener, codec.encode(peerSamples.hello[0]))).toBe('unexpected');
  });

  test('the listener may ask for nothing, the dialler may deliver nothing', () => {
    const { dialer, listener } = peerPair();
    expect(() => listener.send(getPieces(1, 0, 1))).toThrow(LocalProtocolError);
    expect(() => dialer.send({ type: 'queue', position: 1 })).toThrow(LocalProtocolError);
    expect(refusal(listener, codec.encode(block(1, 0, 0, 5)))).toBe('unexpected');
    expect(refusal(dialer, codec.encode(getPieces(1, 0, 1)))).toBe('unexpected');
  });
});

describe('raw data', () => {
  test('a manifest comes with its leaves, at every split', () => {
    const pair = peerPair();
    hear(pair.listener, pair.dialer.send({ type: 'get-manifest', requestId: 1, id: content(1) }));
    const manifest = {
      type: 'manifest',
      requestId: 1,
      sizeBytes: 300_000,
      pieceLength: 262_144,
      dataLength: 64,
    } as const;
    const stream = join(
      pair.listener.send(manifest),
      bytes(64),
      pair.listener.send({ type: 'queue', position: 2 }),
    );
    for (let size = 1; size <= stream.length; size++) {
      const { dialer } = peerPair();
      dialer.send({ type: 'get-manifest', requestId: 1, id: content(1) });
      const events = hear(dialer, stream, 0, size);
      expect(events[0]).toEqual(manifest);
      expect(events.slice(-2)).toEqual([
        { type: 'data-end', requestId: 1 },
        { type: 'queue', position: 2 },
      ]);
      const data = events.flatMap((event) => (event.type === 'data' ? [event.bytes] : []));
      expect(join(...data)).toEqual(bytes(64));
      expect(dialer.askedCount).toBe(0);
    }
  });

  test('a manifest of an empty file ends at once', () => {
    const { dialer } = peerPair();
    dialer.send({ type: 'get-manifest', requestId: 1, id: content(1) });
    const [, manifest] = peerSamples.manifest;
    expect(hear(dialer, codec.encode(manifest ?? peerSamples.manifest[0]))).toEqual([
      manifest,
      { type: 'data-end', requestId: 1 },
    ]);
    expect(dialer.askedCount).toBe(0);
  });

  test('data is a view into the chunk', () => {
    const { dialer } = asking();
    const chunk = join(codec.encode(block(1, 0, 0, 5)), bytes(5));
    dialer.receive(chunk, 0);
    dialer.next();
    const event = dialer.next();
    expect(event).toMatchObject({ type: 'data', requestId: 1 });
    expect(event?.type === 'data' && event.bytes.buffer === chunk.buffer).toBe(true);
  });

  test('the request ends with its last block, and not before that is there', () => {
    const { dialer, listener } = asking(3, 2);
    const stream = join(
      listener.send(block(1, 3, 0, 4)),
      bytes(4),
      listener.send(block(1, 3, 4, 2)),
      bytes(2),
      listener.send(block(1, 4, 0, 3, true)),
      bytes(2),
    );
    expect(listener.owedCount).toBe(0);
    expect(hear(dialer, stream).map(({ type }) => type)).toEqual([
      'block',
      'data',
      'data-end',
      'block',
      'data',
      'data-end',
      'block',
      'data',
    ]);
    expect(dialer.askedCount).toBe(1);
    expect(hear(dialer, bytes(1))).toMatchObject([{ type: 'data' }, { type: 'data-end' }]);
    expect(dialer.askedCount).toBe(0);
  });

  test('answers to several requests may alternate between blocks', () => {
    const { dialer, listener } = peerPair();
    hear(listener, join(dialer.send(getPieces(1, 0, 2)), dialer.send(getPieces(2, 9, 1))));
    const stream = join(
      listener.send(block(1, 0, 0, 1)),
      bytes(1),
      listener.send(block(2, 9, 0, 1, true)),
      bytes(1),
      listener.send(block(1, 1, 0, 1, true)),
      bytes(1),
    );
    expect(hear(dialer, stream)).toHaveLength(9);
    expect(dialer.askedCount).toBe(0);
  });

  test.each<[string, PeerMessage]>([
    ['of a request that is not open', block(2, 0, 0, 5)],
    ['that does not begin with the first piece', block(1, 4, 0, 5)],
    ['that does not begin at the start', block(1, 3, 1, 5)],
    ['that is the last, but not of the last piece', block(1, 3, 0, 5, true)],
  ])('a block %s is refused', (_, message) => {
    const { dialer, listener } = asking(3, 2);
    expect(refusal(dialer, codec.encode(message))).toBe('unsolicited');
    expect(() => listener.send(message as never)).toThrow(LocalProtocolError);
  });

  test.each<[string, PeerMessage]>([
    ['leaves a gap', block(1, 3, 6, 5)],
    ['repeats', block(1, 3, 0, 5)],
    ['leaves a piece out', block(1, 5, 0, 5)],
    ['begins a piece in its middle', block(1, 4, 1, 5)],
    ['goes back', block(1, 2, 0, 5)],
  ])('a block that %s is refused', (_, message) => {
    const { dialer } = asking(3, 3);
    hear(dialer, join(codec.encode(block(1, 3, 0, 5)), bytes(5)));
    expect(refusal(dialer, codec.encode(message))).toBe('unsolicited');
  });

  test('more pieces than were asked for are refused', () => {
    const { dialer } = asking(3, 1);
    hear(dialer, join(codec.encode(block(1, 3, 0, 5)), bytes(5)));
    expect(refusal(dialer, codec.encode(block(1, 4, 0, 5)))).toBe('unsolicited');
  });

  test('an empty block, or one above 1 MiB, is refused', () => {
    const raw = Uint8Array.from([0, 0, 0, 7, 0x96, 67, 1, 0, 0, 0, 0xc2]);
    expect(refusal(asking().dialer, raw)).toBe('bad-field');
    const big = Uint8Array.from([0, 0, 0, 11, 0x96, 67, 1, 0, 0, 0xce, 0, 0x10, 0, 1, 0xc2]);
    expect(refusal(asking().dialer, big)).toBe('bad-field');
  });

  test('a manifest does not answer a request for pieces, nor data nothing at all', () => {
    expect(refusal(asking().dialer, codec.encode(peerSamples.manifest[0]))).toBe('unsolicited');
    expect(refusal(peerPair().dialer, codec.encode(block(1, 0, 0, 5)))).toBe('unsolicited');
  });

  test('a block header written in place reads the same and takes its fixed length', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 0xffff_ffff }),
        fc.nat(0xffff_fffe),
        fc.integer({ min: 1, max: 1_048_576 }),
        fc.boolean(),
        (requestId, piece, dataLength, last) => {
          const { dialer, listener } = peerPair();
          hear(listener, dialer.send(getPieces(requestId, piece, 1)));
          const target = new Uint8Array(blockHeaderBytes + 3);
          const header = { requestId, piece, offset: 0, dataLength, last };
          expect(listener.writeBlock(target, 3, header)).toBe(3 + blockHeaderBytes);
          expect(hear(dialer, target.subarray(3))).toEqual([{ type: 'block', ...header }]);
        },
      ),
    );
  });

  test('a block header that answers nothing is not written', () => {
    const { listener } = asking(0, 1);
    const target = new Uint8Array(blockHeaderBytes);
    const header = { requestId: 1, piece: 0, offset: 0, dataLength: 5, last: true };
    expect(() => listener.writeBlock(target, 0, { ...header, requestId: 2 })).toThrow(LocalProtocolError);
    expect(() => listener.writeBlock(target, 0, { ...header, piece: 1 })).toThrow(LocalProtocolError);
    listener.writeBlock(target, 0, header);
    expect(() => listener.writeBlock(target, 0, header)).toThrow(LocalProtocolError);
  });
});

describe('requests between peers', () => {
  test('a refused request is over', () => {
    const { dialer, listener } = asking();
    const error = { ...cancelled(1), code: 'not-shared', message: 'gone' } as const;
    expect(hear(dialer, listener.send(error))).toEqual([error]);
    expect([dialer.askedCount, listener.owedCount]).toEqual([0, 0]);
    expect(() => listener.send(error)).toThrow(LocalProtocolError);
  });

  test('nothing more is heard of a cancelled request, but it counts until its end', () => {
    const { dialer, listener } = asking(0, 2);
    const before = join(listener.send(block(1, 0, 0, 3)), bytes(2));
    expect(hear(dialer, before)).toHaveLength(2);
    const cancel = dialer.send({ type: 'cancel', requestId: 1 });
    expect(hear(dialer, bytes(1))).toEqual([]);
    expect(hear(listener, cancel)).toEqual([{ type: 'cancel', requestId: 1 }]);
    expect(dialer.askedCount).toBe(1);
    expect(hear(dialer, join(codec.encode(block(1, 1, 0, 2)), bytes(2)))).toEqual([]);
    expect(hear(dialer, listener.send(cancelled(1)))).toEqual([]);
    expect([dialer.askedCount, listener.owedCount]).toEqual([0, 0]);
  });

  test('a cancel that crosses with the end has no effect', () => {
    const { dialer, listener } = asking(0, 1);
    const cancel = dialer.send({ type: 'cancel', requestId: 1 });
    const end = join(listener.send(block(1, 0, 0, 3, true)), bytes(3));
    expect(hear(listener, cancel)).toEqual([]);
    expect(hear(dialer, end)).toEqual([]);
    expect([dialer.askedCount, listener.owedCount]).toEqual([0, 0]);
  });

  test('thousands of small files need no more than the allowed open requests', () => {
    const { dialer, listener } = peerPair();
    for (let id = 1; id <= maxPeerRequests; id++) hear(listener, dialer.send(getPieces(id, 0, 1)));
    expect(dialer.canAsk).toBe(false);
    expect(refusal(listener, codec.encode(getPieces(1000, 0, 1)))).toBe('too-many-requests');
  });

  test('list pages end with the one that answers', () => {
    const { dialer, listener } = peerPair();
    hear(listener, dialer.send(peerSamples.list[0]));
    const page = peerSamples['list-page'][0];
    expect(hear(dialer, listener.send(page))).toEqual([page]);
    expect(dialer.askedCount).toBe(0);
  });

  test('the dialler keeps the connection alive, the listener answers', () => {
    const { dialer, listener } = peerPair();
    expect(dialer.deadlineMs()).toBe(peerPingMs);
    expect(listener.deadlineMs()).toBe(peerSilenceMs);
    dialer.tick(peerPingMs);
    hear(listener, dialer.takeOutput(), peerPingMs);
    expect(listener.deadlineMs()).toBe(peerPingMs + peerSilenceMs);
    hear(dialer, listener.takeOutput(), peerPingMs);
    expect(dialer.heardMs).toBe(peerPingMs);
  });

  test('data counts as being heard', () => {
    const { dialer } = asking(0, 1);
    hear(dialer, join(codec.encode(block(1, 0, 0, 100)), bytes(50)), 1000);
    hear(dialer, bytes(20), 5000);
    expect(dialer.heardMs).toBe(5000);
  });
});

describe('watching a content', () => {
  const watch = { type: 'watch', requestId: 1, id: content(1) } as const;
  const have = { type: 'have', id: content(1), ranges: [{ first: 3, count: 2 }] } as const;

  test('gives its bitfield once, and then what comes', () => {
    const { dialer, listener } = peerPair();
    expect([dialer.isSwarming, listener.isSwarming]).toEqual([true, true]);
    expect(hear(listener, dialer.send(watch))).toEqual([watch]);
    const bitfield = { type: 'bitfield', requestId: 1, bitfield: bytes(9) } as const;
    const told = join(listener.send(bitfield), listener.send(have));
    expect(hear(dialer, told)).toEqual([bitfield, have]);
    expect(hear(listener, dialer.send({ type: 'unwatch', id: content(1) }))).toHaveLength(1);
    expect(hear(dialer, listener.send(have))).toEqual([have]);
  });

  test('is not spoken of by who knows nothing of it', () => {
    const listener = newPeer('listener');
    hear(listener, codec.encode(peerSamples.hello[0]));
    expect(listener.isSwarming).toBe(false);
  });

  test('is asked for: nobody tells of pieces before', () => {
    const { dialer, listener } = peerPair();
    expect(refusal(dialer, listener.send(have))).toBe('unsolicited');
    const { dialer: another } = peerPair();
    expect(refusal(another, codec.encode({ type: 'bitfield', requestId: 1, bitfield: undefined }))).toBe(
      'unsolicited',
    );
  });
});
