/**
 * The ref of an actor on another thread by a direct way, a link over two ports of which the other one is sent to where
 * the actor runs. Invariant: while that link is not up everything goes by way of the ordinary ref, and what the actor had
 * not taken when it ended goes that way again.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { ActorPath, StopReason } from '../actor.ts';
import type { Reply } from '../ask.ts';
import { Handle } from '../handle.ts';
import type { Kernel } from '../kernel.ts';
import { directRetryMs } from '../limits.ts';
import type { Frame } from './codec.ts';
import { connect } from './connect.ts';
import { Link } from './link.ts';
import type { Relay } from './relay.ts';
import type { RemoteRef } from './remote-ref.ts';

export class DirectRef extends Handle<unknown> {
  readonly #kernel: Kernel;
  readonly #ordinary: RemoteRef;
  #direct: RemoteRef | undefined;
  #port: MessagePort;
  #isClosed = false;
  #stopRetry: (() => void) | undefined;

  constructor(kernel: Kernel, ordinary: RemoteRef) {
    super();
    this.#kernel = kernel;
    this.#ordinary = ordinary;
    this.#port = this.#open();
  }

  get path(): ActorPath {
    return this.#ordinary.path;
  }

  get window(): number {
    return this.#ordinary.window;
  }

  tell(message: unknown): void {
    this.#way.tell(message);
  }

  offer(message: unknown): boolean {
    return this.#way.offer(message);
  }

  question(message: unknown, reply: Reply<never>): void {
    this.#way.question(message, reply);
  }

  relay(relay: Relay): void {
    this.#way.relay(relay);
  }

  whenEnded(callback: (reason: StopReason) => void): () => void {
    return this.#ordinary.whenEnded(callback);
  }

  /** From now on it is an ordinary ref. */
  close(): void {
    this.#isClosed = true;
    this.#stopRetry?.();
    this.#port.close();
  }

  get #way(): RemoteRef {
    return this.#direct ?? this.#ordinary;
  }

  #open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    const link: Link = new Link(this.#kernel, this.path, port1, ({ type }) => {
      this.#direct = type === 'up' ? ref : undefined;
      if (type !== 'ended') return;
      for (const entry of link.takeBack(ref)) this.#ordinary.resend(entry);
      port1.close();
    });
    const ref = link.refs.importRoot(this, this.window);
    port1.on('message', (frame: Frame) => link.receive(frame));
    port1.once('close', () => {
      this.#direct = undefined;
      link.close(new Error(`The thread of ${this.path} has ended`));
      if (!this.#isClosed && !this.#ordinary.hasEnded)
        this.#stopRetry = this.#kernel.clock.after(directRetryMs, () => (this.#port = this.#open()));
    });
    connect(this.#ordinary, port2);
    return port1;
  }
}
