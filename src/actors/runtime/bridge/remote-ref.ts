/**
 * The ref of an actor on another thread. What it has sent stays in flight until the other side says that it was
 * taken from the mailbox; when too much is, it is full. So a full mailbox is felt here, by the sender.
 */
import type { ActorPath, StopReason } from '../actor.ts';
import type { Reply } from '../ask.ts';
import { Envelope, nothing, QuestionEnvelope } from '../envelope.ts';
import { Handle } from '../handle.ts';
import type { Kernel } from '../kernel.ts';
import { Mailbox } from '../mailbox.ts';
import { Relay } from './relay.ts';
import type { Control } from './wire.ts';

function isWrapped(entry: unknown): entry is Relay | QuestionEnvelope {
  return entry instanceof Relay || entry instanceof QuestionEnvelope;
}

/** What a remote ref needs of its link. */
export interface Carrier {
  readonly kernel: Kernel;
  carry(ref: RemoteRef, entry: unknown): void;
  send(control: Control): void;
}

export class RemoteRef extends Handle<unknown> {
  readonly path: ActorPath;
  readonly window: number;
  /** The number by which the other side knows its actor. */
  readonly id: number;
  readonly carrier: Carrier;
  readonly #inFlight = new Mailbox(Number.MAX_SAFE_INTEGER, 'reject');
  readonly #watchers = new Set<(reason: StopReason) => void>();
  /** Told how many messages the other side has taken. */
  onTaken: ((count: number) => void) | undefined;
  #ended: StopReason | undefined;

  constructor(carrier: Carrier, id: number, path: ActorPath, window: number) {
    super();
    this.carrier = carrier;
    this.id = id;
    this.path = path;
    this.window = window;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** How much more may be sent now. */
  get room(): number {
    return this.#ended === undefined ? this.window - this.#inFlight.size : 0;
  }

  tell(message: unknown): void {
    if (!this.offer(message)) this.carrier.kernel.deadLetters.add(this.path, message, this.#refusal);
  }

  offer(entry: unknown): boolean {
    if (this.room <= 0) return false;
    this.#inFlight.force(entry);
    this.carrier.carry(this, entry);
    return true;
  }

  question(message: unknown, reply: Reply<never>): void {
    if (this.offer(new QuestionEnvelope(message, reply))) return;
    const why = this.#refusal;
    queueMicrotask(() => reply.fail(why));
  }

  relay(relay: Relay): void {
    this.resend(relay);
  }

  /** Sends what was on another way to the same actor. */
  resend(entry: unknown): void {
    if (!this.offer(entry)) this.#lose(entry, this.#refusal);
  }

  whenEnded(callback: (reason: StopReason) => void): () => void {
    const reason = this.#ended;
    if (reason === undefined) {
      this.#watchers.add(callback);
      return () => this.#watchers.delete(callback);
    }
    let wanted = true;
    queueMicrotask(() => wanted && callback(reason));
    return () => {
      wanted = false;
    };
  }

  /** The other side has taken so many more messages. */
  taken(count: number): void {
    for (let left = Math.min(count, this.#inFlight.size); left > 0; left -= 1) {
      const entry = this.#inFlight.take();
      if (entry instanceof Relay) entry.taken();
    }
    this.onTaken?.(count);
  }

  /** This message could not be sent after all. */
  unsent(message: unknown): void {
    const entries = this.takeBack();
    const [entry] = entries.splice(
      entries.findIndex((other) => other === message || (isWrapped(other) && other.message === message)),
      1,
    );
    this.#inFlight.putBack(entries);
    if (!isWrapped(entry)) return;
    entry.reply?.fail('stopped');
    if (entry instanceof Relay) entry.taken();
  }

  /** What is in flight, which the caller takes over. */
  takeBack(): unknown[] {
    return Array.from({ length: this.#inFlight.size }, () => this.#inFlight.take());
  }

  /** The actor has ended, and the other side deals with what is in flight. */
  end(reason: StopReason): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    for (const entry of this.takeBack()) if (entry instanceof Relay) entry.taken();
    for (const watcher of this.#watchers) watcher(reason);
    this.#watchers.clear();
  }

  /** The actor's thread is gone, and what is in flight with it. */
  lost(error: Error): void {
    for (const entry of this.takeBack()) this.#lose(entry, 'crashed');
    this.end({ kind: 'failed', error });
  }

  get #refusal(): 'stopped' | 'full' {
    return this.#ended === undefined ? 'full' : 'stopped';
  }

  #lose(entry: unknown, why: 'stopped' | 'full' | 'crashed'): void {
    const message = entry instanceof Envelope ? entry.discard(why === 'full' ? 'full' : 'stopped') : entry;
    if (message !== nothing) this.carrier.kernel.deadLetters.add(this.path, message, why);
  }
}
