import { MessageChannel } from 'node:worker_threads';
import { expect, test } from '@jest/globals';
import { openChannel } from '../../src/engine/channel.ts';
import { channelBatch } from '../../src/core/limits/engine.ts';

interface Note {
  readonly number: number;
  readonly nothing?: undefined;
  readonly text?: string;
}

/** Both ends of a channel; `received` resolves once the second end got `count` messages. */
function pair(count: number): {
  send: (note: Note) => void;
  received: Promise<readonly Note[]>;
  close: () => void;
} {
  const { port1, port2 } = new MessageChannel();
  const got: Note[] = [];
  const received = new Promise<readonly Note[]>((resolve) => {
    openChannel<never, Note>(port2, (note) => {
      got.push(note);
      if (got.length === count) resolve(got);
    });
  });
  const { send } = openChannel<Note, never>(port1, () => {});
  return { send, received, close: () => port1.close() };
}

test('messages arrive in order, however many are sent in one turn', async () => {
  const count = channelBatch * 2 + 3;
  const { send, received, close } = pair(count);
  for (let number = 0; number < count; number += 1) send({ number });
  expect((await received).map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, n) => n));
  close();
});

test('undefined stays undefined and text stays text', async () => {
  const { send, received, close } = pair(1);
  send({ number: 1, nothing: undefined, text: 'naïve 東京' });
  expect(await received).toStrictEqual([{ number: 1, nothing: undefined, text: 'naïve 東京' }]);
  close();
});
