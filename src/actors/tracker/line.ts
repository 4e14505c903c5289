/**
 * The socket of one connection: what comes is handed on a chunk at a time, and nothing more is read until that has
 * been dealt with. Chunks of pings are answered here, as they come: that is most of what a tracker hears, and costs
 * no message, no closure and no copy. Invariant: bytes are handed on and answered in their order.
 */
import type { TLSSocket } from 'node:tls';
import { maxUnsentBytes } from '../../core/limits/tracker.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import { answerPings, type PingRun } from '../../protocol/ping-run.ts';

/** Whose line it is. */
export interface LineOwner {
  /** Whether a message may begin now, and be a ping. */
  awaitsPings(): boolean;
  /** Pings came, and were answered. */
  pinged(): void;
  /** Nothing more comes until `read`. The bytes are the owner's. */
  chunk(bytes: Uint8Array): void;
  /** So much waits to be sent that nothing more should be read; `drained` tells when it has been sent. */
  full(): void;
  drained(): void;
  gone(): void;
}

/** Of this thread: it is used up before the next chunk. */
const run: PingRun = { count: 0, end: 0 };

export class Line {
  readonly #socket: TLSSocket;
  readonly #owner: LineOwner;
  readonly #counters: ThreadCounters;
  #hasRoom = true;

  constructor(socket: TLSSocket, owner: LineOwner, counters: ThreadCounters) {
    this.#socket = socket;
    this.#owner = owner;
    this.#counters = counters;
    socket.on('data', (bytes: Uint8Array) => this.#receive(bytes));
    socket.on('drain', () => {
      this.#hasRoom = true;
      owner.drained();
    });
    socket.once('close', () => owner.gone());
  }

  /** Whether the next request may be served: what waits to be sent is no more than `maxUnsentBytes`. */
  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  read(): void {
    this.#socket.resume();
  }

  write(bytes: Uint8Array | undefined): void {
    const socket = this.#socket;
    if (bytes === undefined || socket.destroyed) return;
    socket.write(bytes);
    this.#counters.add('sentBytes', bytes.length);
    this.#hasRoom = socket.writableLength <= maxUnsentBytes;
    if (!this.#hasRoom) this.#owner.full();
  }

  #receive(bytes: Uint8Array): void {
    this.#counters.add('receivedBytes', bytes.length);
    let at = 0;
    if (this.#hasRoom && this.#owner.awaitsPings()) {
      answerPings(bytes, run);
      at = run.end;
      if (at > 0) {
        this.#counters.add('keepAlives', run.count);
        this.#owner.pinged();
        this.write(at === bytes.length ? bytes : bytes.subarray(0, at));
        if (at === bytes.length && this.#hasRoom) return;
      }
    }
    this.#socket.pause();
    if (at < bytes.length) this.#owner.chunk(bytes.subarray(at));
  }
}
