/**
 * The refs that went to the other side of a link (exports) and came from it (imports). Each has one number for
 * as long as its actor lives; the actor's end takes it off both tables.
 */
import type { ActorPath, StopReason } from '../actor.ts';
import type { Handle } from '../handle.ts';
import { takenReportedMs, takenShareReported } from '../limits.ts';
import type { Outbox } from './outbox.ts';
import { RemoteRef, type Carrier } from './remote-ref.ts';
import { op } from './wire.ts';

/** A ref on the wire: one of the sender's, or (`yours`) one that it had from the receiver. */
export type WrittenRef =
  | readonly [whose: 'mine', id: number, path: ActorPath, window: number]
  | readonly [whose: 'yours', id: number];

export interface Export {
  readonly id: number;
  readonly handle: Handle<never>;
  /** The sender keeps what is in flight, and wants it back when the actor ends. */
  readonly kept: boolean;
  readonly taken: () => void;
  unwatch: (() => void) | undefined;
  /** Messages taken and not yet reported. */
  unreported: number;
}

export class Refs {
  readonly #carrier: Carrier;
  readonly #outbox: Outbox;
  readonly #exports = new Map<number, Export>();
  readonly #exportOf = new Map<Handle<never>, Export>();
  readonly #imports = new Map<number, RemoteRef>();
  readonly #unreported = new Set<Export>();
  #root: Handle<never> | undefined;
  #reporting: NodeJS.Timeout | undefined;
  #lastId = 0;

  constructor(carrier: Carrier, outbox: Outbox) {
    this.#carrier = carrier;
    this.#outbox = outbox;
  }

  get held(): { exports: number; imports: number } {
    return { exports: this.#exports.size, imports: this.#imports.size };
  }

  /** On the thread: the placed actor itself is number 0. */
  exportRoot(root: Handle<never>): void {
    this.#export(root, 0, true);
  }

  /** On the cell's side: number 0 is sent to by the ref that is returned, and is known as `root` everywhere. */
  importRoot(root: Handle<never>, window: number): RemoteRef {
    const ref = new RemoteRef(this.#carrier, 0, root.path, window);
    this.#imports.set(0, ref);
    this.#root = root;
    return ref;
  }

  exported(id: number): Export | undefined {
    return this.#exports.get(id);
  }

  imported(id: number): RemoteRef | undefined {
    return this.#imports.get(id);
  }

  write(ref: Handle<never>): WrittenRef {
    if (ref === this.#root) return ['yours', 0];
    if (ref instanceof RemoteRef && ref.carrier === this.#carrier) return ['yours', ref.id];
    const entry = this.#exportOf.get(ref) ?? this.#export(ref, this.#nextId(), false);
    return ['mine', entry.id, ref.path, ref.window];
  }

  read(written: WrittenRef): Handle<never> {
    const [whose, id, path = '(gone)', window = 0] = written;
    if (whose === 'yours') return this.#exports.get(id)?.handle ?? this.#gone(id, path);
    const known = id === 0 ? this.#root : this.#imports.get(id);
    if (known !== undefined) return known;
    const ref = new RemoteRef(this.#carrier, id, path, window);
    this.#imports.set(id, ref);
    return ref;
  }

  /** Puts into the frame how many messages have been taken. */
  report(): void {
    for (const entry of this.#unreported) {
      this.#outbox.append(op.taken, entry.id, entry.unreported);
      entry.unreported = 0;
    }
    this.#unreported.clear();
  }

  /** The other side says that the actor has ended. */
  ended(id: number, reason: StopReason): void {
    this.#imports.get(id)?.end(reason);
    this.#imports.delete(id);
    this.#outbox.push(op.forget, id, 0);
  }

  /** The other side has heard of its end and will not use the number any more. */
  forget(id: number): void {
    const entry = this.#exports.get(id);
    if (entry === undefined) return;
    this.#exports.delete(id);
    this.#exportOf.delete(entry.handle);
    this.#unreported.delete(entry);
  }

  /** The other side is gone. */
  close(error: Error): void {
    clearTimeout(this.#reporting);
    for (const { unwatch } of this.#exports.values()) unwatch?.();
    for (const ref of this.#imports.values()) ref.lost(error);
    this.#imports.clear();
    this.#exports.clear();
    this.#exportOf.clear();
    this.#unreported.clear();
  }

  #export(handle: Handle<never>, id: number, kept: boolean): Export {
    const enough = handle.window * takenShareReported;
    const taken = (): void => {
      entry.unreported += 1;
      if (entry.unreported === 1) this.#reportLater(entry);
      if (entry.unreported >= enough) this.#outbox.flushSoon();
    };
    const entry: Export = { id, handle, kept, taken, unwatch: undefined, unreported: 0 };
    this.#exports.set(id, entry);
    this.#exportOf.set(handle, entry);
    if (!kept) entry.unwatch = handle.whenEnded((reason) => this.#outbox.push(op.gone, id, reason));
    return entry;
  }

  #reportLater(entry: Export): void {
    this.#unreported.add(entry);
    this.#reporting ??= setTimeout(this.#report, takenReportedMs).unref();
  }

  readonly #report = (): void => {
    this.#reporting = undefined;
    if (this.#unreported.size > 0) this.#outbox.flush();
  };

  #gone(id: number, path: ActorPath): RemoteRef {
    const ref = new RemoteRef(this.#carrier, id, path, 0);
    ref.end({ kind: 'shutdown' });
    return ref;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}
