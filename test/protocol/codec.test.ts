import { describe, expect, test } from '@jest/globals';
import { Packr } from 'msgpackr';
import { createCodec } from '../../src/protocol/codec.ts';
import { LocalProtocolError, RemoteProtocolError } from '../../src/protocol/errors.ts';
import { peerMessages } from '../../src/protocol/peer-messages.ts';
import { trackerMessages } from '../../src/protocol/tracker-messages.ts';
import { content, peer, peerSamples, trackerSamples } from './samples.ts';

const trackers = createCodec(trackerMessages);
const peers = createCodec(peerMessages);
const packr = new Packr({ useRecords: false });

const body = (...values: unknown[]): Uint8Array => new Uint8Array(packr.pack(values));
const decode = (codec: typeof trackers | typeof peers, bytes: Uint8Array): unknown =>
  codec.decode(bytes, 0, bytes.length);
const bodyOf = (frame: Uint8Array): Uint8Array => frame.subarray(4);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RemoteProtocolError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('codec', () => {
  test.each(Object.values(trackerSamples).flat())(
    'a tracker message comes back as it was sent: %j',
    (message) => {
      const frame = trackers.encode(message);
      expect(new DataView(frame.buffer).getUint32(0)).toBe(frame.length - 4);
      expect(decode(trackers, bodyOf(frame))).toEqual(message);
    },
  );

  test.each(Object.values(peerSamples).flat())('a peer message comes back as it was sent: %j', (message) => {
    expect(decode(peers, bodyOf(peers.encode(message)))).toEqual(message);
  });

  test('nothing decoded refers to the buffer it came from', () => {
    const frame = trackers.encode(trackerSamples.welcome[0]);
    const message = decode(trackers, bodyOf(frame));
    frame.fill(0);
    expect(message).toEqual(trackerSamples.welcome[0]);
  });

  test('fields of newer versions at the end are ignored', () => {
    expect(decode(trackers, body(33, 4, 'x', 5, 'new', [1, [2]], null))).toEqual({
      type: 'find-name',
      requestId: 4,
      name: 'x',
      limit: 5,
    });
    const file = [new Uint8Array(32).fill(1), 5, '/a', 'new'];
    expect(decode(trackers, body(20, [file]))).toEqual({
      type: 'add',
      files: [{ id: content(1), sizeBytes: 5, path: '/a' }],
    });
  });

  test('an optional field may be nil or missing at the end', () => {
    const page = { type: 'list-page', requestId: 1, entries: [], cursor: undefined };
    expect(decode(peers, body(71, 1, []))).toEqual(page);
    expect(decode(peers, body(71, 1, [], null))).toEqual(page);
  });

  test('a code that is in no table is no message', () => {
    const unknown = body(99, 7, 'x');
    expect(decode(trackers, unknown)).toBeUndefined();
    expect(trackers.peek(unknown, 0, unknown.length)).toEqual({ code: 99, requestId: 7 });
    const strange = body(99, 'x');
    expect(trackers.peek(strange, 0, strange.length)).toEqual({ code: 99, requestId: 0 });
  });

  test('whole numbers may be packed as any integer, or as a float with no fraction', () => {
    const asU64 = Uint8Array.from([0x92, 17, 0xcf, 0, 0, 0, 0, 0, 0, 0, 5]);
    expect(decode(trackers, asU64)).toEqual({ type: 'in-sync', requestId: 5 });
    const asFloat = Uint8Array.from([0x92, 17, 0xcb, 0x40, 0x14, 0, 0, 0, 0, 0, 0]);
    expect(decode(trackers, asFloat)).toEqual({ type: 'in-sync', requestId: 5 });
  });

  test.each<[string, Uint8Array]>([
    ['missing field', body(33, 4, 'x')],
    ['negative number', body(17, -1)],
    ['fraction', body(17, 1.5)],
    ['not a number', body(17, Number.NaN)],
    ['infinite', body(17, Infinity)],
    ['above 32 bits', body(17, 2 ** 32)],
    ['above 53 bits', body(20, [[new Uint8Array(32), 2 ** 53, '/a']])],
    ['2^64 - 1', Uint8Array.from([0x92, 17, 0xcf, 255, 255, 255, 255, 255, 255, 255, 255])],
    ['string for a number', body(17, '1')],
    ['number for a string', body(33, 4, 5, 5)],
    ['bytes for a string', body(33, 4, new Uint8Array(3), 5)],
    ['string too long', body(33, 4, 'é'.repeat(513), 5)],
    [
      'list too long',
      body(
        35,
        1,
        Array.from({ length: 65 }, () => new Uint8Array(32)),
        1,
      ),
    ],
    ['id too short', body(35, 1, [new Uint8Array(31)], 1)],
    ['row too short', body(20, [[new Uint8Array(32), 5]])],
    ['row that is no array', body(20, ['x'])],
    ['limit above the maximum', body(33, 4, 'x', 201)],
    ['nil for a field', body(33, 4, null, 5)],
    ['digest too long', body(16, 1, 1, 1, new Uint8Array(17))],
    ['number for a boolean', body(34, 1, 0, [])],
  ])('a wrong field is refused: %s', (_, bytes) => {
    expect(codeOf(() => decode(trackers, bytes))).toBe('bad-field');
  });

  test('a listed file without an id, or of an unknown kind, is refused', () => {
    expect(codeOf(() => decode(peers, body(71, 1, [[1, '/a', 5, null, 1]])))).toBe('bad-field');
    expect(codeOf(() => decode(peers, body(71, 1, [[2, '/a', 5, null, 1]])))).toBe('bad-field');
  });

  test('messages without lists fit their limit with everything at its longest', () => {
    const text = (length: number): string => 'x'.repeat(length);
    const most = 0xffff_ffff;
    const error = { requestId: most, code: text(32), message: text(512), detail: text(1024) };
    const hello = { minVersion: 1, maxVersion: 0xffff, features: most, name: text(64), agent: text(64) };
    const search = { requestId: most, limit: 200 };
    for (const message of [
      { type: 'error', ...error },
      { type: 'bye', reason: text(512) },
      { type: 'hello', port: 0xffff, ...hello },
      { ...trackerSamples.welcome[0], name: text(64), observedHost: text(255) },
      { type: 'search', query: text(1024), ...search },
      { type: 'find-name', name: text(1024), ...search },
      { type: 'get-peers', requestId: most, cursor: text(1200), limit: 500 },
      { type: 'find-peer', requestId: most, peer: text(64) },
    ] as const)
      expect(() => trackers.encode(message)).not.toThrow();
    const list = { requestId: most, path: text(1024), recursive: true, cursor: text(1200), limit: 500 };
    expect(() => peers.encode({ type: 'list', ...list })).not.toThrow();
    expect(() => peers.encode({ type: 'hello', ...hello })).not.toThrow();
  });

  test('whole answers fit their limit with long names', () => {
    const path = `/${'x'.repeat(1023)}`;
    const host = 'x'.repeat(64);
    const summary = { peer: peer(1), name: host, host, port: 1, files: 2 ** 50, bytes: 2 ** 50 };
    const entry = { kind: 'file', path, sizeBytes: 2 ** 50, id: content(1) } as const;
    const many = <T>(length: number, value: T): T[] => Array.from({ length }, () => value);
    const rejected = many(64, { path, code: 'x'.repeat(32) });
    const sources = many(50, { peer: peer(1), name: host, host, port: 1 });
    trackers.encode({ type: 'peers', requestId: 1, peers: many(500, summary), cursor: path });
    trackers.encode({ type: 'committed', requestId: 1, generation: 1, count: 1, rejected });
    trackers.encode({
      type: 'sources',
      requestId: 1,
      contents: many(64, { id: content(1), sizeBytes: 1, sources }),
    });
    peers.encode({ type: 'list-page', requestId: 1, entries: many(500, entry), cursor: path });
  });

  test('what does not fit is not sent', () => {
    const search = trackerSamples.search[0];
    for (const wrong of [
      { ...search, limit: 201 },
      { ...search, limit: -1 },
      { ...search, query: 'x'.repeat(1025) },
      { ...search, query: '\ud800' },
      { ...search, requestId: 2 ** 32 },
    ])
      expect(() => trackers.encode(wrong)).toThrow(LocalProtocolError);
    const path = `/${'x'.repeat(1000)}`;
    const files = Array.from({ length: 300 }, () => ({ id: content(1), sizeBytes: 1, path }));
    expect(() => trackers.encode({ type: 'add', files })).toThrow(/takes 3\d+ bytes/);
  });
});
