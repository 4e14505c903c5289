/**
 * One end of the connection between two threads: collects operations into frames, and knows the refs that went
 * to the other side (exports) and came from it (imports). Every ref has one number for as long as its actor
 * lives; the end of the actor takes it off both tables.
 */
import type { ActorPath, AskFailure, StopReason } from '../actor.ts';
import type { Reply } from '../ask.ts';
import { Envelope, QuestionEnvelope } from '../envelope.ts';
import { toError } from '../errors.ts';
import type { Handle } from '../handle.ts';
import type { Kernel } from '../kernel.ts';
import { frameBytes, frameMessages } from '../limits.ts';
import { Codec, type HandleTable } from './codec.ts';
import { Questions } from './questions.ts';
import { Relay } from './relay.ts';
import { RemoteRef, type Carrier } from './remote-ref.ts';
import { RemoteReply } from './remote-reply.ts';
import { op, type Control, type Op } from './wire.ts';

export interface LinkPort {
  postMessage(frame: ArrayBuffer, transfer: ArrayBuffer[]): void;
}

interface Export {
  readonly id: number;
  readonly handle: Handle<never>;
  readonly kept: boolean;
  readonly taken: () => void;
  /** Messages taken and not yet reported. */
  unreported: number;
}

/** Refs on the wire: one of the sender's, or one that the receiver gave it. */
type WrittenRef =
  | readonly [whose: 'mine', id: number, path: ActorPath, window: number]
  | readonly [whose: 'yours', id: number];
type WrittenReply = readonly [whose: 'mine' | 'yours', id: number];

const itemsPerOp = 3;

export class Link implements HandleTable, Carrier {
  readonly kernel: Kernel;
  readonly #port: LinkPort;
  readonly #path: ActorPath;
  readonly #control: (control: Control) => void;
  readonly #codec = new Codec(this);
  readonly #questions: Questions;
  readonly #exports = new Map<number, Export>();
  readonly #exportOf = new Map<Handle<never>, Export>();
  readonly #imports = new Map<number, RemoteRef>();
  readonly #aliases = new Map<number, Handle<never>>();
  readonly #unreported = new Set<Export>();
  #out: unknown[] = [];
  /** By operation: who sent it as what, in case it turns out to be unsendable. */
  #sources: (RemoteRef | undefined)[] = [];
  #entries: unknown[] = [];
  #armed = false;
  #open = true;
  #lastId = 0;
  #opsPerFrame = frameMessages;

  /** `path` is the placed actor's, for dead letters; `control` gets what concerns it. */
  constructor(kernel: Kernel, path: ActorPath, port: LinkPort, control: (control: Control) => void) {
    this.kernel = kernel;
    this.#path = path;
    this.#port = port;
    this.#control = control;
    this.#questions = new Questions(
      (operation, id, payload) => this.#push(operation, id, payload),
      (value) => kernel.deadLetters.add(path, value, 'late-reply'),
    );
  }

  /** Handles and questions on the tables; for tests of leaks. */
  get held(): { exports: number; imports: number; questions: number } {
    return { exports: this.#exports.size, imports: this.#imports.size, questions: this.#questions.open };
  }

  /** On the thread: the placed actor itself is number 0; the other side keeps what is in flight to it. */
  exportRoot(root: Handle<never>): void {
    this.#export(root, 0, true);
  }

  /** On the cell's side: number 0 is sent to by the ref that is returned, and is known as `alias` everywhere. */
  importRoot(alias: Handle<never>, window: number): RemoteRef {
    const ref = new RemoteRef(this, 0, alias.path, window);
    this.#imports.set(0, ref);
    this.#aliases.set(0, alias);
    return ref;
  }

  /** Throws when `value` cannot cross. */
  check(value: unknown): void {
    this.#codec.encode(value);
  }

  send(control: Control): void {
    this.#push(op.control, 0, control);
  }

  carry(ref: RemoteRef, entry: unknown): void {
    const asks = entry instanceof QuestionEnvelope || (entry instanceof Relay && entry.reply !== undefined);
    const message = entry instanceof QuestionEnvelope || entry instanceof Relay ? entry.message : entry;
    this.#push(asks ? op.ask : op.tell, ref.id, message, ref, entry);
  }

  /** Sends what has been collected. */
  flush(): void {
    this.#armed = false;
    if (!this.#open) return;
    for (const entry of this.#unreported) {
      this.#append(op.taken, entry.id, entry.unreported);
      entry.unreported = 0;
    }
    this.#unreported.clear();
    if (this.#out.length === 0) return;
    const out = this.#out;
    const frame = this.#encode(out);
    this.#opsPerFrame = opsPerFrame(frame.byteLength, out.length / itemsPerOp);
    this.#port.postMessage(frame, [frame]);
  }

  receive(frame: ArrayBuffer): void {
    const items = this.#codec.decode(frame) as unknown[];
    for (let at = 0; at < items.length; at += itemsPerOp)
      this.#operate(items[at] as Op, items[at + 1] as number, items[at + 2]);
  }

  /** Takes back what is in flight to a ref, questions included: they may be asked again elsewhere. */
  takeBack(ref: RemoteRef): unknown[] {
    const entries = ref.takeBack();
    const replies = entries.map((entry) =>
      entry instanceof QuestionEnvelope || entry instanceof Relay ? entry.reply : undefined,
    );
    this.#questions.withdraw(new Set(replies.filter((reply) => reply !== undefined)));
    return entries;
  }

  /** The other side is gone: its actors have ended, its questions are moot, ours will not be answered. */
  close(error: Error): void {
    if (!this.#open) return;
    this.#open = false;
    for (const ref of this.#imports.values()) ref.lost(error);
    this.#questions.close();
    this.#imports.clear();
    this.#exports.clear();
    this.#exportOf.clear();
    this.#out = [];
  }

  writeRef(ref: Handle<never>): WrittenRef {
    if (ref === this.#aliases.get(0)) return ['yours', 0];
    if (ref instanceof RemoteRef && ref.carrier === this) return ['yours', ref.id];
    const entry = this.#exportOf.get(ref) ?? this.#export(ref, this.#nextId(), false);
    return ['mine', entry.id, ref.path, ref.window];
  }

  readRef(written: unknown): Handle<never> {
    const [whose, id, path = this.#path, window = 1] = written as WrittenRef;
    if (whose === 'yours') return this.#exports.get(id)?.handle ?? this.#gone(id, this.#path);
    const known = this.#aliases.get(id) ?? this.#imports.get(id);
    if (known !== undefined) return known;
    const ref = new RemoteRef(this, id, path, window);
    this.#imports.set(id, ref);
    return ref;
  }

  writeReply(reply: Reply<never>): WrittenReply {
    if (reply instanceof RemoteReply && reply.link === this.#questions) return ['yours', reply.id];
    return ['mine', this.#questions.ask(reply)];
  }

  readReply(written: unknown): Reply<never> {
    const [whose, id] = written as WrittenReply;
    if (whose === 'mine') return this.#questions.toAnswer(id);
    const own = this.#questions.asked(id);
    if (own !== undefined) return own;
    const settled = new RemoteReply(this.#questions, id);
    settled.abandon();
    return settled;
  }

  #operate(operation: Op, id: number, payload: unknown): void {
    switch (operation) {
      case op.tell:
        return this.#relay(id, payload, undefined);
      case op.ask:
        return this.#relay(id, payload, (payload as { replyTo: Reply<never> }).replyTo);
      case op.taken:
        return this.#imports.get(id)?.taken(payload as number);
      case op.reply:
        return this.#questions.reply(id, payload);
      case op.unanswered:
        return this.#questions.fail(id, payload as AskFailure);
      case op.settled:
        return this.#questions.settled(id);
      case op.gone:
        return this.#ended(id, payload as StopReason);
      case op.forget:
        return this.#forget(id);
      case op.control:
        return this.#control(payload as Control);
    }
  }

  #relay(id: number, message: unknown, reply: Reply<never> | undefined): void {
    const entry = this.#exports.get(id);
    if (entry === undefined) return this.kernel.deadLetters.add(this.#path, message, 'stopped');
    entry.handle.relay(new Relay(message, reply, entry.taken, entry.kept));
  }

  #export(handle: Handle<never>, id: number, kept: boolean): Export {
    const taken = (): void => {
      entry.unreported += 1;
      if (entry.unreported > 1) return;
      this.#unreported.add(entry);
      this.#arm();
    };
    const entry: Export = { id, handle, kept, taken, unreported: 0 };
    this.#exports.set(id, entry);
    this.#exportOf.set(handle, entry);
    if (!kept) handle.whenEnded((reason) => this.#push(op.gone, id, reason));
    return entry;
  }

  #ended(id: number, reason: StopReason): void {
    this.#imports.get(id)?.end(reason);
    this.#imports.delete(id);
    this.#push(op.forget, id, 0);
  }

  #forget(id: number): void {
    const entry = this.#exports.get(id);
    if (entry === undefined) return;
    this.#exports.delete(id);
    this.#exportOf.delete(entry.handle);
  }

  #gone(id: number, path: ActorPath): RemoteRef {
    const ref = new RemoteRef(this, id, path, 0);
    ref.end({ kind: 'shutdown' });
    return ref;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #push(operation: Op, id: number, payload: unknown, source?: RemoteRef, entry?: unknown): void {
    if (!this.#open) return;
    this.#append(operation, id, payload, source, entry);
    if (this.#sources.length >= this.#opsPerFrame) this.flush();
    else this.#arm();
  }

  #append(operation: Op, id: number, payload: unknown, source?: RemoteRef, entry?: unknown): void {
    this.#out.push(operation, id, payload);
    this.#sources.push(source);
    this.#entries.push(entry);
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    queueMicrotask(this.#flushArmed);
  }

  readonly #flushArmed = (): void => {
    if (this.#armed) this.flush();
  };

  #encode(out: unknown[]): ArrayBuffer {
    const sources = this.#sources;
    const entries = this.#entries;
    this.#out = [];
    this.#sources = [];
    this.#entries = [];
    try {
      return this.#codec.encode(out);
    } catch {
      return this.#codec.encode(this.#sendable(out, sources, entries));
    }
  }

  /** The frame without what cannot cross; each such message is a dead letter. */
  #sendable(out: unknown[], sources: (RemoteRef | undefined)[], entries: unknown[]): unknown[] {
    return sources.flatMap((source, index) => {
      const operation = out.slice(index * itemsPerOp, (index + 1) * itemsPerOp);
      try {
        this.#codec.encode(operation);
        return operation;
      } catch (error) {
        return this.#unsendable(operation, source, entries[index], toError(error));
      }
    });
  }

  #unsendable(operation: unknown[], source: RemoteRef | undefined, entry: unknown, error: Error): unknown[] {
    const [kind, id, payload] = operation;
    if (source !== undefined) {
      source.unsent(entry);
      if (entry instanceof QuestionEnvelope || entry instanceof Relay) entry.reply?.fail('stopped');
      this.kernel.deadLetters.add(source.path, entry instanceof Envelope ? payload : entry, 'unsendable');
      return [];
    }
    if (kind === op.control) return [op.control, 0, describe(payload as Control, error)];
    this.kernel.deadLetters.add(this.#path, payload, 'unsendable');
    return [op.unanswered, id, 'stopped'];
  }
}

/** How many operations go into a frame, given what the last one came to. */
function opsPerFrame(bytes: number, ops: number): number {
  return Math.max(1, Math.min(frameMessages, Math.floor((frameBytes * ops) / bytes)));
}

/** A control message in words where its contents cannot cross. */
function describe(control: Control, error: Error): Control {
  if (control.type === 'dead-letter') return { ...control, message: String(control.message) };
  return { type: 'failure', path: '', error };
}
