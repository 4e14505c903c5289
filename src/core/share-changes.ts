/**
 * Changes to a share that a tracker has still to be told of: the last word on each file, cut into batches that fit a
 * message. Invariant: of each file there is one change, and a batch holds changes of one kind.
 */
import type { SharedFile } from './catalogue.ts';
import { FileMap, type FileKey } from './file-map.ts';
import { maxFilesPerAdd, maxFilesPerRemove, shareBatchBytes } from './limits.ts';

/** Changes of one kind that go in one message. */
export interface ChangeBatch {
  readonly type: 'add' | 'remove';
  readonly files: readonly SharedFile[];
}

interface Change {
  readonly file: SharedFile;
  readonly type: ChangeBatch['type'];
}

export class ShareChanges {
  readonly #changes = new FileMap<Change>(({ file }) => file);

  get size(): number {
    return this.#changes.size;
  }

  has(file: FileKey): boolean {
    return this.#changes.get(file) !== undefined;
  }

  set(type: ChangeBatch['type'], file: SharedFile): void {
    this.#changes.set({ file, type });
  }

  /** Takes over what came later than these. */
  follow(later: ShareChanges): void {
    for (const change of later.#changes.values()) this.#changes.set(change);
  }

  /** Takes out what fits one message; undefined when there is nothing. */
  takeBatch(): ChangeBatch | undefined {
    const files: SharedFile[] = [];
    let type: ChangeBatch['type'] | undefined;
    let bytes = 0;
    for (const change of this.#changes.values()) {
      type ??= change.type;
      if (change.type !== type) break;
      bytes += fileOverheadBytes + change.file.path.length * 3;
      const isFull = files.length >= (type === 'add' ? maxFilesPerAdd : maxFilesPerRemove);
      if (files.length > 0 && (isFull || bytes > shareBatchBytes)) break;
      files.push(change.file);
    }
    for (const file of files) this.#changes.delete(file);
    return type === undefined ? undefined : { type, files };
  }
}

/** An id, a size and the msgpack around them. */
const fileOverheadBytes = 48;
