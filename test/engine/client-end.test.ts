import { describe, expect, test } from '@jest/globals';
import { ClientEnd } from '../../src/engine/client-end.ts';
import { readTrusted, type LinkFrame } from '../../src/engine/link-frames.ts';
import { until } from '../helpers/poll.ts';

const stopping = { kind: 'events', events: [{ type: 'stops-when-idle', stopsWhenIdle: true }] } as const;

function linked(): { readonly end: ClientEnd; readonly tookBytes: () => number } {
  const sent: LinkFrame[] = [];
  const end = new ClientEnd((body) => {
    const frame = readTrusted(body);
    if (frame !== undefined) sent.push(frame);
  });
  return {
    end,
    tookBytes: () => sent.reduce((sum, frame) => sum + (frame.kind === 'took' ? frame.bytes : 0), 0),
  };
}

describe('a frame', () => {
  test('is acknowledged when all listeners have returned', () => {
    const { end, tookBytes } = linked();
    end.subscribe(() => 'anything');
    end.receive(stopping, 10);
    end.flush();
    expect(tookBytes()).toBe(10);
  });

  test('is acknowledged only when what a listener waits for has come, whatever became of it', async () => {
    const { end, tookBytes } = linked();
    const waits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    let heard = 0;
    end.subscribe(() => waits[heard++ % 2]?.promise);
    end.receive(stopping, 10);
    end.receive(stopping, 5);
    end.flush();
    expect(tookBytes()).toBe(0);
    waits[1].reject(new Error('lost'));
    await until('the second is acknowledged', () => {
      end.flush();
      return tookBytes() === 5;
    });
    waits[0].resolve();
    await until('the first is too', () => {
      end.flush();
      return tookBytes() === 15;
    });
  });

  test('waits for nobody once the engine has been told to stop, and is acknowledged once', async () => {
    const { end, tookBytes } = linked();
    const wait = Promise.withResolvers<void>();
    end.subscribe(() => wait.promise);
    end.receive(stopping, 10);
    end.send({ type: 'stop', when: 'now' });
    end.receive(stopping, 5);
    end.flush();
    expect(tookBytes()).toBe(15);
    wait.resolve();
    await wait.promise;
    await Promise.resolve();
    end.flush();
    expect(tookBytes()).toBe(15);
  });
});
