/**
 * The files known to lie in the shares, as the tree that others see, and which content each of them has.
 * Invariant: a file is published (counted, listed, found by its content) exactly when its content is known;
 * everything that changes about published files is told through `onChange`, in order.
 */
import type { SharedFile, VirtualPath } from '../../../core/catalogue.ts';
import { ContentMap } from '../../../core/share/content-map.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxLibraryFiles } from '../../../core/limits/library.ts';
import type { Place } from '../../../core/share/place.ts';
import { splitVirtualPath } from '../../../core/share/virtual-path.ts';
import type { FoundFile } from '../../../workers/found-files.ts';
import { isPublished, KnownFile, type PublishedFile } from './known-file.ts';

export interface Folder {
  readonly name: string;
  readonly parent: Folder | undefined;
  /** Ends in `/`. */
  readonly path: VirtualPath;
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, KnownFile>;
  /** The number of the last walk that found it on the disk; 0 while none has. */
  walk: number;
  /** Published files here and below. */
  publishedFiles: number;
  publishedBytes: number;
  /** The names here in order, until one comes or goes. */
  sorted: { readonly folders: readonly string[]; readonly files: readonly string[] } | undefined;
}

/** `isKnown`: of an earlier life, so that it is most likely written down already. */
export type TableChange =
  | { readonly kind: 'added'; readonly file: SharedFile; readonly isKnown: boolean }
  | { readonly kind: 'removed'; readonly file: SharedFile };

/** `new`: not known before or changed; `same`: as it was; `taken`: another file has this path; `full`: no more. */
export type Sighting =
  | { readonly kind: 'new' | 'same'; readonly file: KnownFile }
  | { readonly kind: 'taken' }
  | { readonly kind: 'full' };

export class ShareTable {
  readonly root: Folder = folderIn(undefined, '');
  readonly #onChange: (change: TableChange) => void;
  readonly #onForgotten: (file: KnownFile) => void;
  /** Hardly ever is a content at two paths, and a set for each would cost more than all the rest. */
  readonly #byContent = new ContentMap<PublishedFile | Set<PublishedFile>>(idOf);
  #files = 0;

  /** `onForgotten` is told each file that is no longer there, published or not. */
  constructor(onChange: (change: TableChange) => void, onForgotten: (file: KnownFile) => void) {
    this.#onChange = onChange;
    this.#onForgotten = onForgotten;
  }

  /** Takes note of the files found in one folder, and says of each what it means. One not as it was is unpublished. */
  see(place: Place, files: Iterable<FoundFile>, walk: number): readonly Sighting[] {
    const folder = this.#makeFolder(splitVirtualPath(place.path) ?? []);
    const sightings = Array.from(files, (found) => this.#see(folder, place, found, walk));
    this.#dropIfEmpty(folder);
    return sightings;
  }

  /** Takes note that a folder is there, with files in it or without. */
  seeFolder(place: Place, walk: number): void {
    this.#makeFolder(splitVirtualPath(place.path) ?? []).walk = walk;
  }

  /** Forgets what is at this path or below it and was not found by this walk. */
  sweep(path: VirtualPath, walk: number): void {
    const components = splitVirtualPath(path) ?? [];
    const parent = this.folder(components.slice(0, -1));
    const name = components.at(-1) ?? '';
    const file = parent?.files.get(name);
    if (file && file.walk !== walk) this.#forget(file);
    const folder = parent?.folders.get(name);
    if (folder) this.#sweepFolder(folder, walk);
  }

  /** Nothing when it is published as that already. `isKnown`: see `TableChange`. */
  publish(file: KnownFile, id: ContentId, isKnown = false): void {
    if (file.id === id) return;
    const published = this.unpublish(file) as PublishedFile;
    published.id = id;
    published.quietSinceMs = undefined;
    const same = this.#byContent.get(id);
    if (same instanceof Set) same.add(published);
    else this.#byContent.set(id, same ? new Set([same, published]) : published);
    this.#count(published, 1);
    this.#onChange({ kind: 'added', file: published, isKnown });
  }

  /** Gives the object that is at its path from now on: another one, when it was published. */
  unpublish(file: KnownFile): KnownFile {
    if (!isPublished(file)) return file;
    const again = file.again();
    file.folder.files.set(file.name, again);
    this.#withdraw(file);
    return again;
  }

  /** The published files with this content. */
  withContent(id: ContentId): readonly KnownFile[] {
    const same = this.#byContent.get(id);
    if (same === undefined) return [];
    return same instanceof Set ? [...same] : [same];
  }

  /** Whether this file is still the one at its path. */
  has(file: KnownFile): boolean {
    return file.folder.files.get(file.name) === file;
  }

  /** The published file at a path, if one is there. */
  publishedAt(path: VirtualPath): SharedFile | undefined {
    const components = path.slice(1).split('/');
    const name = components.pop() ?? '';
    const file = this.folder(components)?.files.get(name);
    return file && isPublished(file) ? file : undefined;
  }

  folder(components: readonly string[]): Folder | undefined {
    let folder: Folder | undefined = this.root;
    for (const name of components) folder = folder?.folders.get(name);
    return folder;
  }

  /** Every published file, in no order. */
  *published(folder: Folder = this.root): Generator<SharedFile> {
    for (const file of folder.files.values()) if (isPublished(file)) yield file;
    for (const below of folder.folders.values()) yield* this.published(below);
  }

  #see(folder: Folder, place: Place, found: FoundFile, walk: number): Sighting {
    const name = found.name.normalize('NFC');
    const known = folder.files.get(name);
    if (!known) {
      if (this.#files >= maxLibraryFiles) return { kind: 'full' };
      const file = new KnownFile(folder, name, place, found, walk);
      folder.files.set(name, file);
      folder.sorted = undefined;
      this.#files += 1;
      return { kind: 'new', file };
    }
    if (known.walk === walk && known.diskName !== found.name) return { kind: 'taken' };
    known.walk = walk;
    const isSame = known.isAs(found);
    const file = isSame ? known : this.unpublish(known);
    file.update(found);
    return { kind: isSame ? 'same' : 'new', file };
  }

  #makeFolder(components: readonly string[]): Folder {
    let folder = this.root;
    for (const name of components) {
      let next = folder.folders.get(name);
      if (!next) {
        next = folderIn(folder, name);
        folder.folders.set(name, next);
        folder.sorted = undefined;
      }
      folder = next;
    }
    return folder;
  }

  #sweepFolder(folder: Folder, walk: number): void {
    for (const file of folder.files.values()) if (file.walk !== walk) this.#forget(file);
    for (const below of folder.folders.values()) this.#sweepFolder(below, walk);
    if (folder.walk !== walk) folder.walk = 0;
    this.#dropIfEmpty(folder);
  }

  #withdraw(file: PublishedFile): void {
    const { id } = file;
    const same = this.#byContent.get(id);
    if (same instanceof Set && same.size > 1) same.delete(file);
    else this.#byContent.delete(id);
    this.#count(file, -1);
    this.#onChange({ kind: 'removed', file });
  }

  #forget(file: KnownFile): void {
    if (isPublished(file)) this.#withdraw(file);
    file.folder.files.delete(file.name);
    file.folder.sorted = undefined;
    this.#files -= 1;
    this.#onForgotten(file);
    this.#dropIfEmpty(file.folder);
  }

  #dropIfEmpty(folder: Folder): void {
    const { parent } = folder;
    if (!parent || folder.walk > 0 || folder.files.size + folder.folders.size > 0) return;
    parent.folders.delete(folder.name);
    parent.sorted = undefined;
    this.#dropIfEmpty(parent);
  }

  #count(file: KnownFile, sign: 1 | -1): void {
    for (let folder: Folder | undefined = file.folder; folder; folder = folder.parent) {
      folder.publishedFiles += sign;
      folder.publishedBytes += sign * file.sizeBytes;
    }
  }
}

/** Of a set that is not empty. */
function idOf(files: PublishedFile | Set<PublishedFile>): ContentId {
  if (!(files instanceof Set)) return files.id;
  const [first] = files;
  if (!first) throw new Error('No content is kept of no file');
  return first.id;
}

function folderIn(parent: Folder | undefined, name: string): Folder {
  return {
    name,
    parent,
    path: parent ? `${parent.path}${name}/` : '/',
    folders: new Map(),
    files: new Map(),
    walk: 0,
    publishedFiles: 0,
    publishedBytes: 0,
    sorted: undefined,
  };
}
