/** Keeps work that blocks its thread to short stretches, so that connections on the same thread are heard between them. */
import { fileSliceMs } from '../../../core/limits/trees.ts';

export class Slice {
  #endMs = performance.now() + fileSliceMs;

  get isOver(): boolean {
    return performance.now() >= this.#endMs;
  }

  /** Lets others have the thread when this stretch is over. */
  async pause(): Promise<void> {
    if (!this.isOver) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#endMs = performance.now() + fileSliceMs;
  }
}
