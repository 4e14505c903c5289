/**
 * The few buffers that one connection sends from, made at the first need. Invariant: no more of them than
 * `sendBuffers`, and none is handed out again before it was given back.
 */
import { sendBufferBytes, sendBuffers } from '../../../core/limits/connections.ts';

export class SendBuffers {
  /** Those not in use; undefined while there are none at all. */
  #free: Buffer[] | undefined;
  #wake: (() => void) | undefined;

  /** One to send from, once there is one. One at a time. */
  async take(): Promise<Buffer> {
    for (;;) {
      this.#free ??= Array.from({ length: sendBuffers }, () => Buffer.allocUnsafeSlow(sendBufferBytes));
      const buffer = this.#free.pop();
      if (buffer) return buffer;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  give(buffer: Buffer): void {
    if (this.#free && this.#free.length < sendBuffers) this.#free.push(buffer);
    this.wake();
  }

  /** Whoever waits looks again. */
  wake(): void {
    this.#wake?.();
  }

  /** Others need the memory: those in use are let go of as they come back. */
  drop(): void {
    this.#free = undefined;
  }
}
