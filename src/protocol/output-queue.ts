/** Frames that a session has made by itself and that wait to be written. Invariant: never above its limit. */
import { RemoteProtocolError } from './errors.ts';

export class OutputQueue {
  readonly #maxBytes: number;
  #frames: Uint8Array[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Throws a RemoteProtocolError `flood` when the remote makes us say more than is taken away. */
  push(frame: Uint8Array): void {
    if (this.#length + frame.length > this.#maxBytes)
      throw new RemoteProtocolError('flood', 'Too many messages that ask for an answer at once');
    this.#frames.push(frame);
    this.#length += frame.length;
  }

  /** Everything that waits, in order, in one piece. */
  take(): Uint8Array | undefined {
    const [first] = this.#frames;
    if (!first) return undefined;
    let all = first;
    if (this.#frames.length > 1) {
      all = new Uint8Array(this.#length);
      let at = 0;
      for (const frame of this.#frames) {
        all.set(frame, at);
        at += frame.length;
      }
    }
    this.clear();
    return all;
  }

  clear(): void {
    this.#frames = [];
    this.#length = 0;
  }
}
