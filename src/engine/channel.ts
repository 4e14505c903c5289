/**
 * Typed messages over a message port, as msgpack: all that is sent within one turn of the event loop travels
 * in one transferred buffer. Both ends are ours, so nothing is checked. Order is kept.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import { Packr } from 'msgpackr/pack';
import { channelBatch } from '../core/limits/engine.ts';

export interface Channel<Out> {
  readonly send: (message: Out) => void;
  /** Sends what waits at once: before the thread ends. */
  readonly flush: () => void;
}

/** Sends `Out` through `port` and calls `receive` for each `In` that comes. */
export function openChannel<Out, In>(
  port: MessagePort | Worker,
  receive: (message: In) => void,
): Channel<Out> {
  const packr = new Packr({ useRecords: false, moreTypes: true, encodeUndefinedAsNil: false });
  let waiting: Out[] = [];
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    if (waiting.length === 0) return;
    const batch = waiting;
    waiting = [];
    // A copy of its own: the packer's buffer is shared between messages and cannot be given away.
    const bytes = Uint8Array.from(packr.pack(batch));
    port.postMessage(bytes, [bytes.buffer]);
  }

  port.on('message', (bytes: Uint8Array) => {
    for (const message of packr.unpack(bytes) as In[]) receive(message);
  });

  return {
    send(message) {
      waiting.push(message);
      if (waiting.length >= channelBatch) flush();
      else if (!scheduled) {
        scheduled = true;
        setImmediate(flush);
      }
    },
    flush,
  };
}
