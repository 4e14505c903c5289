/**
 * Changes to a share that a tracker has still to be told of: the last word on each file, cut into batches that fit a
 * message. Invariant: of each file there is one change, and a batch holds changes of one kind.
 */
import type { SharedFile } from '../catalogue.ts';
import { FileMap, type FileKey } from './file-map.ts';
import { shareBatchBytes } from '../limits/tracker-link.ts';
import { maxFilesPerAdd, maxFilesPerRemove } from '../limits/wire.ts';

/** Changes of one kind that go in one message. */
export interface ChangeBatch {
  readonly type: 'add' | 'remove';
  readonly files: readonly SharedFile[];
}

export class ShareChanges {
  /** Apart, as a file that moves has one in each: files come in the order of their contents. */
  readonly #removes = new FileMap<SharedFile>((file) => file);
  readonly #adds = new FileMap<SharedFile>((file) => file);

  get size(): number {
    return this.#removes.size + this.#adds.size;
  }

  has(file: FileKey): boolean {
    return this.#removes.get(file) !== undefined || this.#adds.get(file) !== undefined;
  }

  set(type: ChangeBatch['type'], file: SharedFile): void {
    const isAdd = type === 'add';
    (isAdd ? this.#removes : this.#adds).delete(file);
    (isAdd ? this.#adds : this.#removes).set(file);
  }

  /** Takes over what came later than these. */
  follow(later: ShareChanges): void {
    for (const file of later.#removes.values()) this.set('remove', file);
    for (const file of later.#adds.values()) this.set('add', file);
  }

  /** Takes out what fits one message, removes first; undefined when there is nothing. */
  takeBatch(): ChangeBatch | undefined {
    if (this.#removes.size > 0) return { type: 'remove', files: takeFrom(this.#removes, maxFilesPerRemove) };
    if (this.#adds.size > 0) return { type: 'add', files: takeFrom(this.#adds, maxFilesPerAdd) };
    return undefined;
  }
}

function takeFrom(changes: FileMap<SharedFile>, maxFiles: number): readonly SharedFile[] {
  const files: SharedFile[] = [];
  let bytes = 0;
  for (const file of changes.values()) {
    bytes += fileOverheadBytes + file.path.length * 3;
    if (files.length > 0 && (files.length >= maxFiles || bytes > shareBatchBytes)) break;
    files.push(file);
  }
  for (const file of files) changes.delete(file);
  return files;
}

/** An id, a size and the msgpack around them. */
const fileOverheadBytes = 48;
