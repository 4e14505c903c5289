/**
 * Comlink with a life: typed calls both ways over one port. By itself a Comlink call never settles once the
 * other thread is dead. Invariant: every call here settles, with `ChannelClosed` when the port has closed.
 */
import { expose, transfer, wrap, type Endpoint } from 'comlink';
import type { MessagePort } from 'node:worker_threads';

/** Whether it answers with a value or a promise of one, the other side sees a promise. */
export type Calls<Service> = {
  readonly [Name in keyof Service]: Service[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

/** The other side has gone, or this one has closed; a call may or may not have had its effect. */
export class ChannelClosed extends Error {
  constructor() {
    super('The channel is closed');
    this.name = 'ChannelClosed';
  }
}

/** An argument of a call, with what of it is handed over rather than copied: ports and memory. */
export function handOver<T extends object>(argument: T, handed: readonly (MessagePort | ArrayBuffer)[]): T {
  return transfer(argument, [...handed] as unknown as Parameters<typeof transfer>[1]);
}

export interface Channel<Remote> {
  readonly remote: Calls<Remote>;
  /** Resolves when either side has closed or its thread has died. */
  readonly closed: Promise<void>;
  /** Fails the calls under way on both sides. */
  close(): void;
}

/**
 * Offers `local` to the other side of the port and calls what that offers. What `local` throws reaches the
 * caller as a bare `Error` without its code: expected problems are returned, never thrown.
 */
export function openChannel<Remote>(port: MessagePort, local: object): Channel<Remote> {
  const endpoint = endpointOf(port);
  const proxy = wrap<Record<string, (...args: unknown[]) => unknown>>(endpoint);
  const waiting = new Set<(error: Error) => void>();
  let open = true;
  const closed = new Promise<void>((resolve) => {
    port.once('close', () => {
      open = false;
      for (const reject of waiting) reject(new ChannelClosed());
      waiting.clear();
      resolve();
    });
  });
  expose(local, endpoint);

  async function call(name: string, args: unknown[]): Promise<unknown> {
    if (!open) throw new ChannelClosed();
    return new Promise((resolve, reject) => {
      waiting.add(reject);
      const settle = (): boolean => waiting.delete(reject);
      const answer = Promise.resolve(proxy[name]?.(...args));
      answer.finally(settle).then(resolve, reject);
    });
  }

  const remote = new Proxy(Object.create(null) as Calls<Remote>, {
    // Not thenable: otherwise returning it from an async function would call `then` on the other side.
    get: (_target, name) =>
      typeof name === 'symbol' || name === 'then' ? undefined : (...args: unknown[]) => call(name, args),
  });
  return { remote, closed, close: () => port.close() };
}

/** The port as Comlink takes it, without its events: for their class Node loads its whole HTTP client in each thread. */
function endpointOf(port: MessagePort): Endpoint {
  const hearers = new Map<unknown, (data: unknown) => void>();
  return {
    postMessage: (message: unknown, handed?: unknown) =>
      port.postMessage(message, handed as Parameters<MessagePort['postMessage']>[1]),
    addEventListener(_type, listener) {
      const hear = (data: unknown): void => {
        const event = { data } as MessageEvent;
        if (typeof listener === 'function') listener(event);
        else listener.handleEvent(event);
      };
      hearers.set(listener, hear);
      port.on('message', hear);
    },
    removeEventListener(_type, listener) {
      const hear = hearers.get(listener);
      hearers.delete(listener);
      if (hear) port.off('message', hear);
    },
  };
}
