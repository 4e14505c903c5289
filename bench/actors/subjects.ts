/** The actors and messages that are measured, on whatever thread. */
import { actor, type ActorRef, type Asking } from '../../src/actors/runtime/index.ts';

/** A message as they are in Shoal: a few short fields and an id. */
export interface Announce {
  readonly type: 'announce';
  readonly number: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly peer: string;
}

/** Made beforehand, so that sending is measured and not making. */
const announcements = Array.from({ length: 1024 }, (_, number): Announce => ({
  type: 'announce',
  number,
  name: `file-${number}.txt`,
  sizeBytes: number * 1000,
  peer: 'abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst',
}));

export function announce(number: number): Announce {
  return announcements.at(number % announcements.length) as Announce;
}

/** The least a message can be. */
export interface Tick {
  readonly type: 'tick';
  readonly number: number;
}

export function tick(number: number): Tick {
  return { type: 'tick', number };
}

export type SinkMessage = Announce | Tick | ({ type: 'ping' } & Asking<number>);

/** Counts; tells `onEvery` after every `every` messages. */
export const sinkActor = actor<SinkMessage, { every: number; onEvery: ActorRef<number> }>(
  'sink',
  (_ctx, { every, onEvery }) => {
    let count = 0;
    return {
      receive(message) {
        if (message.type === 'ping') return message.replyTo.reply(count);
        count += 1;
        if (count % every === 0) onEvery.tell(every);
      },
    };
  },
  { module: import.meta.url, mailbox: { capacity: 4096 } },
);
