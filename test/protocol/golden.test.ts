import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { createCodec } from '../../src/protocol/codec.ts';
import { peerMessages } from '../../src/protocol/peer-messages.ts';
import { trackerMessages } from '../../src/protocol/tracker-messages.ts';
import { peerSamples, trackerSamples } from './samples.ts';

const vectors = (name: string): [string, string][] =>
  readFileSync(new URL(`./golden/${name}.hex`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' ') as [string, string]);

describe.each([
  { name: 'tracker', codec: createCodec(trackerMessages), samples: trackerSamples, table: trackerMessages },
  { name: 'peer', codec: createCodec(peerMessages), samples: peerSamples, table: peerMessages },
])('the $name protocol on the wire', ({ name, codec, samples, table }) => {
  const messages = Object.values(samples).flat();

  test('each message has its fixed bytes', () => {
    const encoded = messages.map((message) => [
      message.type,
      Buffer.from(codec.encode(message as never)).toString('hex'),
    ]);
    expect(encoded).toEqual(vectors(name));
  });

  test('the fixed bytes are read as the same messages', () => {
    const decoded = vectors(name).map(([, hex]) => {
      const frame = Buffer.from(hex, 'hex');
      return codec.decode(frame, 4, frame.length);
    });
    expect(decoded).toEqual(messages);
  });

  test('no message type is without a vector', () => {
    expect(new Set(vectors(name).map(([type]) => type))).toEqual(new Set(Object.keys(table)));
  });
});
