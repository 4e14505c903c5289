import { describe, expect, jest, test } from '@jest/globals';
import { RemoteProtocolError } from '../../src/protocol/errors.ts';
import { type FrameGate, FrameReader } from '../../src/protocol/frames.ts';
import * as fc from '../helpers/properties.ts';

const maxBytes = 300;

/** Refuses above `maxBytes`, and code 9 above 10; notes what it was asked. */
function gate(): FrameGate & { readonly seen: string[] } {
  const seen: string[] = [];
  const refuse = (): never => {
    throw new RemoteProtocolError('frame-length', 'refused');
  };
  return {
    seen,
    admitLength(length) {
      seen.push(`${length}`);
      if (length === 0 || length > maxBytes) refuse();
    },
    admitMessage(code, length) {
      seen.push(`${code}:${length}`);
      if (code === 9 && length > 10) refuse();
    },
  };
}

/** A body of this many bytes; the frame around it. */
function frame(code: number, length: number): Uint8Array {
  const bytes = new Uint8Array(4 + length).fill(0xc0);
  new DataView(bytes.buffer).setUint32(0, length);
  bytes.set([0x91 + Math.min(length - 2, 14), code], 4);
  return bytes;
}

const join = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function bodies(reader: FrameReader): Uint8Array[] {
  const found: Uint8Array[] = [];
  while (reader.next()) found.push(reader.source.slice(reader.start, reader.end));
  return found;
}

describe('frame reader', () => {
  test('reads whole frames where they lie', () => {
    const reader = new FrameReader(gate());
    const chunk = join(frame(1, 5), frame(2, 7));
    reader.push(chunk);
    expect(reader.next()).toBe(true);
    expect(reader.source).toBe(chunk);
    expect([reader.start, reader.end]).toEqual([4, 9]);
    expect(reader.next()).toBe(true);
    expect([reader.source, reader.start, reader.end]).toEqual([chunk, 13, 20]);
    expect(reader.next()).toBe(false);
    expect(reader.isPartial).toBe(false);
  });

  test('finds the same frames however the stream is cut', () => {
    const frames = fc.array(
      fc.tuple(fc.nat(8), fc.integer({ min: 2, max: maxBytes })).map(([code, length]) => frame(code, length)),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }), (all, sizes) => {
        const reader = new FrameReader(gate());
        const stream = join(...all);
        const found: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          // The same buffer again and again, as sockets do it.
          const chunk = stream.slice(at, at + size);
          reader.push(chunk);
          found.push(...bodies(reader));
          chunk.fill(0xff);
          at += size;
        }
        expect(found).toEqual(all.map((each) => each.subarray(4)));
        expect(reader.isPartial).toBe(false);
      }),
    );
  });

  test.each([0, maxBytes + 1, 2 ** 31, 2 ** 32 - 1])(
    'refuses a length of %d as soon as it is read',
    (length) => {
      const prefix = new Uint8Array(4);
      new DataView(prefix.buffer).setUint32(0, length);
      const whole = new FrameReader(gate());
      whole.push(prefix);
      expect(() => whole.next()).toThrow(RemoteProtocolError);
      const split = new FrameReader(gate());
      split.push(prefix.subarray(0, 3));
      expect(split.next()).toBe(false);
      split.push(prefix.subarray(3));
      expect(() => split.next()).toThrow(RemoteProtocolError);
    },
  );

  test('refuses a type above its own limit before the body has come', () => {
    const start = frame(9, 11).subarray(0, 8);
    const whole = new FrameReader(gate());
    whole.push(start);
    expect(() => whole.next()).toThrow(RemoteProtocolError);
    const split = new FrameReader(gate());
    for (const byte of start.subarray(0, 7)) {
      split.push(Uint8Array.of(byte));
      expect(split.next()).toBe(false);
    }
    split.push(start.subarray(7));
    expect(() => split.next()).toThrow(RemoteProtocolError);
  });

  test('asks about the type with the header of a long array, too', () => {
    const long = Uint8Array.from([0, 0, 0, 20, 0xdc, 0, 16, 9]);
    const reader = new FrameReader(gate());
    reader.push(long);
    expect(() => reader.next()).toThrow(RemoteProtocolError);
  });

  test('a body that begins with anything but a code is refused at its first bytes', () => {
    const reader = new FrameReader(gate());
    reader.push(Uint8Array.from([0, 0, 0, 200, 0x82, 1, 1, 1]));
    expect(() => reader.next()).toThrow(/does not begin with a code/);
  });

  test('raw data is given as views into the chunk, and frames go on behind it', () => {
    const reader = new FrameReader(gate());
    const chunk = join(frame(1, 5), Uint8Array.from([1, 2, 3]), frame(2, 5));
    reader.push(chunk);
    expect(reader.next()).toBe(true);
    const raw = reader.takeRaw(3);
    expect(raw).toEqual(Uint8Array.from([1, 2, 3]));
    expect(raw?.buffer).toBe(chunk.buffer);
    expect(reader.next()).toBe(true);
    expect(reader.takeRaw(3)).toBeUndefined();
  });

  test('a large frame in small pieces costs a time in proportion', () => {
    const length = 1 << 20;
    const big = new Uint8Array(4 + length);
    new DataView(big.buffer).setUint32(0, length);
    big.set([0x91, 1], 4);
    const reader = new FrameReader({ admitLength: () => undefined, admitMessage: () => undefined });
    // Each body byte is copied once, and once more for each of the few times that the buffer grows.
    const copies = jest.spyOn(Uint8Array.prototype, 'set');
    try {
      for (let at = 0; at < big.length; at += 100) {
        reader.push(big.subarray(at, at + 100));
        expect(reader.next()).toBe(at + 100 >= big.length);
      }
      const copied = copies.mock.calls.reduce((sum, [from]) => sum + from.length, 0);
      expect(copied).toBeLessThan(4 * length);
    } finally {
      copies.mockRestore();
    }
    expect(reader.end - reader.start).toBe(length);
  });

  test('holds no more than came, whatever was promised', () => {
    const reader = new FrameReader({ admitLength: () => undefined, admitMessage: () => undefined });
    reader.push(Uint8Array.from([0x7f, 0xff, 0xff, 0xff, 0x91, 1, 0xc0]));
    expect(reader.next()).toBe(false);
    expect(reader.isPartial).toBe(true);
  });
});
