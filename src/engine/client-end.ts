/**
 * The client's end of a link to an engine: what comes is told to who listens, what is said is collected for one
 * turn of the event loop. Invariant: every frame is acknowledged once all listeners have dealt with it, so that
 * the engine knows how far behind this client is; one that is told to stop need not wait for any of them.
 */
import type { SharedFile } from '../core/catalogue.ts';
import type { EngineCommand, EngineEvent, EngineListener, TreeFile } from '../core/engine/engine-api.ts';
import { channelBatch } from '../core/limits/engine.ts';
import { ok } from '../core/result.ts';
import { packFrame, type LinkFrame, type WireEvent } from './link-frames.ts';
import { unpackSnapshot, ViewReader } from './view-deltas.ts';

export class ClientEnd {
  readonly #link: (body: Uint8Array<ArrayBuffer>) => void;
  readonly #listeners = new Set<EngineListener>();
  readonly #views = new ViewReader();
  #commands: EngineCommand[] = [];
  #tookBytes = 0;
  /** Of frames that some listener is not done with. */
  #heldBytes = 0;
  #isStopping = false;
  #isScheduled = false;
  #isClosed = false;

  /** `link` takes the bodies of frames. */
  constructor(link: (body: Uint8Array<ArrayBuffer>) => void) {
    this.#link = link;
  }

  send(command: EngineCommand): void {
    this.#commands.push(command);
    if (command.type === 'stop' && command.when === 'now') {
      this.#isStopping = true;
      this.#release(this.#heldBytes);
    }
    if (this.#commands.length >= channelBatch) this.flush();
    else this.#schedule();
  }

  subscribe(listener: EngineListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in a frame that was so many bytes long. */
  receive(frame: LinkFrame, bytes: number): void {
    const waits: Promise<unknown>[] = [];
    if (frame.kind === 'events')
      for (const event of frame.events) {
        const told = this.#unpack(event);
        if (told !== undefined) waits.push(...this.#hand(told));
      }
    this.#heldBytes += bytes;
    if (waits.length === 0 || this.#isStopping) this.#release(bytes);
    else void Promise.allSettled(waits).then(() => this.#release(bytes));
  }

  tell(event: EngineEvent): void {
    void Promise.allSettled(this.#hand(event));
  }

  /** Gives what is still to be waited for until all listeners are done with it. */
  #hand(event: EngineEvent): readonly Promise<unknown>[] {
    const waits: Promise<unknown>[] = [];
    for (const listener of this.#listeners) {
      const done = listener(event);
      if (done instanceof Promise) waits.push(done);
    }
    return waits;
  }

  /** Sends what waits. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#isClosed) return;
    const commands = this.#commands;
    const bytes = this.#tookBytes;
    this.#commands = [];
    this.#tookBytes = 0;
    if (commands.length > 0) this.#link(packFrame({ kind: 'commands', commands }));
    if (bytes > 0) this.#link(packFrame({ kind: 'took', bytes }));
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
  }

  #release(bytes: number): void {
    const released = Math.min(bytes, this.#heldBytes);
    this.#heldBytes -= released;
    this.#tookBytes += released;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  #unpack(event: WireEvent): EngineEvent | undefined {
    if (isPacked(event)) return this.#views.read(event);
    if (isOfShare(event)) return { ...event, files: JSON.parse(event.files) as readonly SharedFile[] };
    if (event.type === 'tree-files')
      return { ...event, files: JSON.parse(event.files) as readonly TreeFile[] };
    if (event.type === 'removed') this.#views.forget(event.transfers);
    if (event.type === 'resync') {
      const snapshot = unpackSnapshot(event.snapshot);
      this.#views.keepOnly(snapshot);
      return { ...event, snapshot };
    }
    if (event.type !== 'answer-snapshot') return event;
    const { answer } = event;
    return { ...event, answer: answer.ok ? ok(unpackSnapshot(answer.value)) : answer };
  }
}

const isOfShare = (
  event: Exclude<WireEvent, readonly unknown[]>,
): event is Extract<WireEvent, { readonly type: 'shared' | 'unshared' }> =>
  event.type === 'shared' || event.type === 'unshared';
const isPacked = (event: WireEvent): event is Extract<WireEvent, readonly unknown[]> => Array.isArray(event);
