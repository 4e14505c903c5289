/**
 * A set of shared files, of which two are the same when content and path are. Made for hundreds of thousands:
 * nothing is kept beside the files themselves but one map by content, where hardly ever two meet.
 */
import type { SharedFile, VirtualPath } from './catalogue.ts';
import { ContentMap } from './content-map.ts';
import type { ContentId } from './ids.ts';

type ByPath = Map<VirtualPath, SharedFile>;

export class FileSet {
  readonly #byContent = new ContentMap<SharedFile | ByPath>(idOf);

  /** False when it is in it already. */
  add(file: SharedFile): boolean {
    const same = this.#byContent.get(file.id);
    if (same instanceof Map) {
      if (same.has(file.path)) return false;
      same.set(file.path, file);
      return true;
    }
    if (same?.path === file.path) return false;
    const both = same && new Map([same, file].map((each) => [each.path, each]));
    this.#byContent.set(file.id, both ?? file);
    return true;
  }

  /** Takes it out and gives it as it was put in; undefined when it is not in it. */
  delete({ id, path }: SharedFile): SharedFile | undefined {
    const same = this.#byContent.get(id);
    if (same instanceof Map) {
      const found = same.get(path);
      if (found && same.size === 1) this.#byContent.delete(id);
      else same.delete(path);
      return found;
    }
    if (same?.path !== path) return undefined;
    this.#byContent.delete(id);
    return same;
  }

  *[Symbol.iterator](): Generator<SharedFile> {
    for (const same of this.#byContent.values()) {
      if (same instanceof Map) yield* same.values();
      else yield same;
    }
  }
}

/** Of a map that is not empty. */
function idOf(files: SharedFile | ByPath): ContentId {
  if (!(files instanceof Map)) return files.id;
  const [first] = files.values();
  if (!first) throw new Error('No content is kept of no file');
  return first.id;
}
