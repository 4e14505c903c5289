import { describe, expect, test } from '@jest/globals';
import { PendingAsk, Reply } from '../../../src/actors/runtime/ask.ts';
import { Codec, type HandleTable } from '../../../src/actors/runtime/bridge/codec.ts';
import type { Handle } from '../../../src/actors/runtime/handle.ts';
import { ActorSystem, actor } from '../../../src/actors/runtime/index.ts';
import { ManualClock } from '../../../src/actors/runtime/testing.ts';
import * as fc from '../../helpers/properties.ts';

const system = new ActorSystem();
const { ref } = system.start(
  actor<string>('any', () => ({ receive() {} })),
  undefined,
);
const reply: Reply<string> = new PendingAsk(
  new ManualClock(),
  1000,
  () => {},
  () => {},
);

/** A table of one ref and one reply, written as nested data with strings in it. */
const table: HandleTable = {
  writeRef: (written) => ['mine', 1, written.path, 10],
  readRef: (written) => {
    expect(written).toEqual(['mine', 1, '/any', 10]);
    return ref as unknown as Handle<never>;
  },
  writeReply: () => 7,
  readReply: (written) => {
    expect(written).toBe(7);
    return reply;
  },
};

const message = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string({ unit: 'grapheme', maxLength: 300 }),
    fc.double().map((value) => (value === 0 ? 0 : value)), // msgpack has no -0
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.boolean(),
    fc.constantFrom(null, undefined, ref, reply),
    fc.uint8Array({ maxLength: 50 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string({ maxLength: 20 }).filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5 },
    ),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => new Set(values)),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
  ),
})).value;

describe('frames between threads', () => {
  test('bring every plain message as it was, with its refs and replies, frame after frame', () => {
    const [near, far] = [new Codec(table), new Codec(table)];
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
        expect(far.decode(near.encode(messages))).toEqual(messages);
      }),
      { numRuns: 500 },
    );
  });

  test('are still right after one that could not be made', () => {
    const [near, far] = [new Codec(table), new Codec(table)];
    fc.assert(
      fc.property(message, message, (before, after) => {
        expect(() => near.encode([before, 'text', { before, f: () => {} }])).toThrow(TypeError);
        expect(far.decode(near.encode([after]))).toEqual([after]);
      }),
    );
  });
});
