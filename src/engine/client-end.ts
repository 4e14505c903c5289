/**
 * The client's end of a link to an engine: what comes is told to who listens, what is said is collected for one
 * turn of the event loop. Invariant: every frame is acknowledged once all listeners have dealt with it, so that
 * the engine knows how far behind this client is.
 */
import type { EngineCommand, EngineEvent, TreeFile } from '../core/engine-api.ts';
import { channelBatch } from '../core/limits.ts';
import { ok } from '../core/result.ts';
import { packFrame, type LinkFrame, type WireEvent } from './link-frames.ts';
import { unpackSnapshot, ViewReader } from './view-deltas.ts';

export class ClientEnd {
  readonly #link: (body: Uint8Array<ArrayBuffer>) => void;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #views = new ViewReader();
  #commands: EngineCommand[] = [];
  #tookBytes = 0;
  #isScheduled = false;
  #isClosed = false;

  /** `link` takes the bodies of frames. */
  constructor(link: (body: Uint8Array<ArrayBuffer>) => void) {
    this.#link = link;
  }

  send(command: EngineCommand): void {
    this.#commands.push(command);
    if (this.#commands.length >= channelBatch) this.flush();
    else this.#schedule();
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in a frame that was so many bytes long. */
  receive(frame: LinkFrame, bytes: number): void {
    if (frame.kind === 'events')
      for (const event of frame.events) {
        const told = this.#unpack(event);
        if (told !== undefined) this.tell(told);
      }
    this.#tookBytes += bytes;
    this.#schedule();
  }

  tell(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
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

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  #unpack(event: WireEvent): EngineEvent | undefined {
    if (isPacked(event)) return this.#views.read(event);
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

const isPacked = (event: WireEvent): event is Extract<WireEvent, readonly unknown[]> => Array.isArray(event);
