/**
 * What strangers send who know the protocol and mean harm, or do not know it at all: drawn from a seed, so that what
 * went wrong can be had again.
 */
import { createCodec } from '../../src/protocol/codec.ts';
import { peerMessages } from '../../src/protocol/peer-messages.ts';
import { trackerMessages } from '../../src/protocol/tracker-messages.ts';
import { peerSamples, trackerSamples } from '../protocol/samples.ts';
import type { Seeded } from './seeded.ts';

const trackers = createCodec(trackerMessages);
const peers = createCodec(peerMessages);

/** Every message of a protocol, whoever it is for. */
export const frames = {
  tracker: Object.values(trackerSamples)
    .flat()
    .map((message) => trackers.encode(message)),
  peer: Object.values(peerSamples)
    .flat()
    .map((message) => peers.encode(message)),
} as const;

/** The first word of each side, which lets it say more. */
export const greetings = {
  tracker: {
    dials: trackers.encode(trackerSamples.hello[0]),
    answers: trackers.encode(trackerSamples.welcome[0]),
  },
  peer: { dials: peers.encode(peerSamples.hello[0]), answers: peers.encode(peerSamples.hello[0]) },
} as const;

export type Protocol = keyof typeof frames;

/** Bytes of one visit, as they are written one after the other. */
export function hostileBytes(seeded: Seeded, protocol: Protocol): Uint8Array[] {
  return seeded.times(seeded.between(1, 6), () => chunk(seeded, protocol));
}

function chunk(seeded: Seeded, protocol: Protocol): Uint8Array {
  const frame = Uint8Array.from(seeded.pick(frames[protocol]));
  const below = (bound: number): number => seeded.between(0, bound - 1);
  switch (below(9)) {
    case 0:
      return frame;
    case 1: {
      for (let flips = 1 + below(8); flips > 0; flips--) frame[below(frame.length)] = below(256);
      return frame;
    }
    case 2:
      return frame.subarray(0, below(frame.length));
    case 3:
      return Buffer.concat([frame, seeded.pick(frames[protocol]).subarray(below(8))]);
    case 4:
      return withLength(seeded.pick([0, 1, 2 ** 16, 2 ** 20, 2 ** 31, 2 ** 32 - 1]), frame.subarray(4));
    case 5:
      return nested(seeded.pick([0x91, 0x81, 0xdc, 0xdd]), 1 + below(4_000));
    case 6:
      return framed(badText(frame.subarray(4), seeded));
    case 7:
      return Buffer.concat(Array.from({ length: 20 }, () => frame));
    default:
      return noise(seeded, 1 + below(3_000));
  }
}

/** As many arbitrary bytes. */
export function noise(seeded: Seeded, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => seeded.between(0, 255));
}

function framed(body: Uint8Array): Uint8Array {
  return withLength(body.length, body);
}

function withLength(length: number, body: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4 + body.length);
  bytes.writeUInt32BE(length);
  bytes.set(body, 4);
  return bytes;
}

/** Arrays or maps that hold one another. */
function nested(head: number, depth: number): Uint8Array {
  return framed(Buffer.concat([Buffer.from([0x92, 0x20]), Buffer.alloc(depth, head)]));
}

/** Text that is none: bytes that no UTF-8 has, halves of pairs, and an end in the middle of a character. */
function badText(body: Uint8Array, seeded: Seeded): Uint8Array {
  const bytes = Uint8Array.from(body);
  const wrong = seeded.pick([
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
  ]);
  const at = seeded.between(0, Math.max(0, bytes.length - wrong.length - 1));
  bytes.set(wrong.slice(0, bytes.length - at), at);
  return bytes;
}
