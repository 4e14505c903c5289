/**
 * Changes to a share that a tracker has still to be told of: the last word on each file, cut into batches that fit a
 * message. Invariant: of each file there is one change, and a batch holds changes of one kind.
 */
import type { SharedFile } from './catalogue.ts';
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

/** What tells a file of a share from the others. */
export const fileKey = ({ id, path }: Pick<SharedFile, 'id' | 'path'>): string => id + path;

export class ShareChanges {
  readonly #byKey = new Map<string, Change>();

  get size(): number {
    return this.#byKey.size;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  set(type: ChangeBatch['type'], file: SharedFile): void {
    this.#byKey.set(fileKey(file), { file, type });
  }

  /** Takes over what came later than these. */
  follow(later: ShareChanges): void {
    for (const [key, change] of later.#byKey) this.#byKey.set(key, change);
  }

  /** Takes out what fits one message; undefined when there is nothing. */
  takeBatch(): ChangeBatch | undefined {
    const files: SharedFile[] = [];
    let type: ChangeBatch['type'] | undefined;
    let bytes = 0;
    for (const [key, change] of this.#byKey) {
      type ??= change.type;
      if (change.type !== type) break;
      bytes += fileOverheadBytes + change.file.path.length * 3;
      const isFull = files.length >= (type === 'add' ? maxFilesPerAdd : maxFilesPerRemove);
      if (files.length > 0 && (isFull || bytes > shareBatchBytes)) break;
      files.push(change.file);
      this.#byKey.delete(key);
    }
    return type === undefined ? undefined : { type, files };
  }
}

/** An id, a size and the msgpack around them. */
const fileOverheadBytes = 48;
