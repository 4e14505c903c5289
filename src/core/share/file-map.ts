/**
 * What is kept of shared files, of which two are the same when content and path are: the files themselves, or what
 * is to be said of them. In the order in which they came, like `Map`. Made for hundreds of thousands: nothing is kept
 * beside the values but one map by content, where hardly ever two meet.
 */
import type { SharedFile, VirtualPath } from '../catalogue.ts';
import { ContentMap } from './content-map.ts';
import type { ContentId } from '../ids.ts';

export type FileKey = Pick<SharedFile, 'id' | 'path'>;

export class FileMap<Value extends object> {
  readonly #keyOf: (value: Value) => FileKey;
  readonly #byContent: ContentMap<Value | Map<VirtualPath, Value>>;
  #size = 0;

  constructor(keyOf: (value: Value) => FileKey) {
    this.#keyOf = keyOf;
    this.#byContent = new ContentMap((values) => this.#idOf(values));
  }

  get size(): number {
    return this.#size;
  }

  get(key: FileKey): Value | undefined {
    const same = this.#byContent.get(key.id);
    if (same instanceof Map) return same.get(key.path);
    return same !== undefined && this.#keyOf(same).path === key.path ? same : undefined;
  }

  /** In place of the one of the same file, if there is one. */
  set(value: Value): void {
    const { id, path } = this.#keyOf(value);
    const same = this.#byContent.get(id);
    if (this.get({ id, path }) === undefined) this.#size += 1;
    if (same instanceof Map) same.set(path, value);
    else if (same === undefined || this.#keyOf(same).path === path) this.#byContent.set(id, value);
    else this.#byContent.set(id, new Map([same, value].map((each) => [this.#keyOf(each).path, each])));
  }

  /** Takes it out and gives it as it was put in; undefined when there is none. */
  delete(key: FileKey): Value | undefined {
    const found = this.get(key);
    if (found === undefined) return undefined;
    this.#size -= 1;
    const same = this.#byContent.get(key.id);
    if (same instanceof Map && same.size > 1) same.delete(key.path);
    else this.#byContent.delete(key.id);
    return found;
  }

  *values(): Generator<Value> {
    for (const same of this.#byContent.values()) {
      if (same instanceof Map) yield* same.values();
      else yield same;
    }
  }

  /** Of a map that is not empty. */
  #idOf(values: Value | Map<VirtualPath, Value>): ContentId {
    const [first] = values instanceof Map ? values.values() : [values];
    if (!first) throw new Error('No content is kept of no file');
    return this.#keyOf(first).id;
  }
}
