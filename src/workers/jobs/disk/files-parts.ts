/**
 * The bytes of small files on their way from the network to who writes them: buffers that are handed over and come
 * back. Invariant: no more is kept than may be handed over at a time, and every buffer has room for any one answer.
 */
import { maxFilesDataBytes, maxStoreBacklogBytes } from '../../../core/limits/trees.ts';
import type { WantedFile } from '../../tree-contract.ts';

/** Files whose bytes come one behind the other. */
export interface FilesPart {
  readonly buffer: Uint8Array<ArrayBuffer>;
  readonly files: readonly { readonly wanted: WantedFile; readonly at: number; readonly length: number }[];
  /** Whether they end the answer. */
  readonly isLast: boolean;
  filled: number;
}

export class FilesBuffers {
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  take(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(maxFilesDataBytes);
  }

  give(buffer: Uint8Array<ArrayBuffer>): void {
    if (this.#free.length * maxFilesDataBytes < maxStoreBacklogBytes) this.#free.push(buffer);
  }
}
