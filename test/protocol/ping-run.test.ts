import { describe, expect, test } from '@jest/globals';
import { createCodec } from '../../src/protocol/codec.ts';
import { answerPings } from '../../src/protocol/ping-run.ts';
import { trackerMessages, type TrackerMessage } from '../../src/protocol/tracker-messages.ts';
import * as fc from '../helpers/properties.ts';

const codec = createCodec(trackerMessages);
const token = fc.oneof(fc.nat(200), fc.nat(70_000), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const frames = (messages: readonly TrackerMessage[]): Uint8Array =>
  Buffer.concat(messages.map((message) => codec.encode(message)));

function answered(bytes: Uint8Array): { count: number; end: number; bytes: Uint8Array } {
  const run = { count: -1, end: -1 };
  const chunk = Uint8Array.from(bytes);
  answerPings(chunk, run);
  return { ...run, bytes: chunk };
}

describe('a run of pings', () => {
  test('becomes the pongs that a session would give, up to the first that is cut off', () => {
    fc.assert(
      fc.property(fc.array(token, { maxLength: 20 }), fc.nat(30), (tokens, cutOff) => {
        const pings = frames(tokens.map((each) => ({ type: 'ping', token: each })));
        const pongs = frames(tokens.map((each) => ({ type: 'pong', token: each })));
        const there = pings.subarray(0, Math.max(0, pings.length - cutOff));
        const { count, end, bytes } = answered(there);
        expect(end).toBe(
          frames(tokens.slice(0, count).map((each) => ({ type: 'ping', token: each }))).length,
        );
        expect(there.length - end).toBeLessThan(11);
        expect(bytes.subarray(0, end)).toEqual(new Uint8Array(pongs.subarray(0, end)));
        expect(bytes.subarray(end)).toEqual(new Uint8Array(there.subarray(end)));
      }),
    );
  });

  test('ends before any other message, which is left as it is', () => {
    const others: TrackerMessage[] = [
      { type: 'pong', token: 1 },
      { type: 'bye', reason: '' },
      { type: 'count-peers', requestId: 1 },
    ];
    for (const other of others) {
      const { count, end, bytes } = answered(frames([{ type: 'ping', token: 5 }, other]));
      expect(count).toBe(1);
      expect(bytes.subarray(end)).toEqual(new Uint8Array(frames([other])));
    }
  });

  test('takes whatever bytes come for what they are: nothing that the codec does not read as a ping', () => {
    const near = fc.array(
      fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 0x92, 0x93, 0x91, 0xcc, 0xcd, 0xce, 0xcf, 0xff),
    );
    fc.assert(
      fc.property(near, (numbers) => {
        const chunk = Uint8Array.from([0, 0, 0, ...numbers]);
        const { count, end } = answered(chunk);
        let at = 0;
        for (let read = 0; read < count; read += 1) {
          const length = new DataView(chunk.buffer).getUint32(at);
          expect(codec.decode(chunk, at + 4, at + 4 + length)).toMatchObject({ type: 'ping' });
          at += 4 + length;
        }
        expect(end).toBe(at);
      }),
      { numRuns: 2_000 },
    );
  });
});
