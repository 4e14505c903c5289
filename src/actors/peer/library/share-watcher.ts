/**
 * Watches folders for changes, one watch each, and collects which names in them to look at again. Its findings
 * are hints: what it misses (a limit of the system, a network disk) the next scan finds.
 * Invariant: a folder is watched before it is read, so nothing falls between.
 */
import { watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import type { VirtualPath } from '../../../core/catalogue.ts';
import { maxDirtyNames, maxWatchedFolders } from '../../../core/limits/library.ts';
import type { Place } from '../../../core/share/place.ts';
import type { ScanTarget } from '../../../workers/contract.ts';

interface Watched {
  readonly watcher: FSWatcher;
  /** The number of the last walk that came by. */
  readonly walk: number;
}

interface Dirty {
  readonly place: Place;
  /** Undefined: look at the whole folder. */
  names: Set<string> | undefined;
}

export interface WatchEvents {
  /** Something has changed since the last `takeDirty`; told once until then. */
  onDirty(): void;
  /** The system's limit is reached: from here on, changes in further folders are found by scans only. */
  onLimit(): void;
}

export class ShareWatcher {
  readonly #events: WatchEvents;
  /** Both by the folder's virtual path. */
  readonly #watched = new Map<VirtualPath, Watched>();
  readonly #dirty = new Map<VirtualPath, Dirty>();
  readonly #watchFolder: typeof watch;
  #isLimited = false;

  /** `watchFolder`: Node's `watch`, or a test's. */
  constructor(events: WatchEvents, watchFolder: typeof watch = watch) {
    this.#events = events;
    this.#watchFolder = watchFolder;
  }

  /** Whether everything that was to be watched is. */
  get isComplete(): boolean {
    return !this.#isLimited;
  }

  /** Watches a folder, anew if it already was: another one may be at its path by now. */
  enter(place: Place, walk: number): void {
    const before = this.#watched.get(place.path);
    // It came by, and had no time to look: whatever is put in its place since, the watch of its parent tells.
    if (before?.walk === walk) return;
    const watcher = this.#watch(place);
    before?.watcher.close();
    if (watcher) this.#watched.set(place.path, { watcher, walk });
    else this.#watched.delete(place.path);
  }

  /** Ends the watches at and below this folder, or everywhere, that the walk did not renew. */
  sweep(walk: number, below?: VirtualPath): void {
    // Most changes are those of files, and then there is nothing to look for.
    if (below !== undefined && !this.#watched.has(below)) return;
    for (const [folder, { watcher, walk: last }] of this.#watched) {
      if (last === walk || !folder.startsWith(below ?? '/')) continue;
      watcher.close();
      this.#watched.delete(folder);
    }
  }

  /** Has a name in a folder, or all of the folder, looked at again. */
  mark(place: Place, name: string | undefined): void {
    const isFirst = this.#dirty.size === 0;
    const dirty = this.#dirty.get(place.path);
    if (!dirty)
      this.#dirty.set(place.path, { place, names: name === undefined ? undefined : new Set([name]) });
    else if (name === undefined || (dirty.names?.size ?? 0) >= maxDirtyNames) dirty.names = undefined;
    else dirty.names?.add(name);
    if (isFirst) this.#events.onDirty();
  }

  /** What to look at again, and starts collecting anew. */
  takeDirty(): readonly ScanTarget[] {
    const targets = [...this.#dirty.values()].flatMap(({ place, names }): ScanTarget[] =>
      names ? Array.from(names, (name) => ({ place, name })) : [{ place, name: undefined }],
    );
    this.#dirty.clear();
    return targets;
  }

  close(): void {
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
    this.#dirty.clear();
  }

  #watch(place: Place): FSWatcher | undefined {
    if (this.#watched.size >= maxWatchedFolders && !this.#watched.has(place.path)) return this.#limit();
    try {
      const watcher = this.#watchFolder(place.filePath, { persistent: false });
      watcher.on('change', (_event, name) =>
        this.mark(place, typeof name !== 'string' || isItself(place, name) ? undefined : name),
      );
      // A folder that goes away may end its watch with an error; its parent's watch tells what happened.
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === 'ENOSPC' || code === 'EMFILE' ? this.#limit() : undefined;
    }
  }

  #limit(): undefined {
    if (!this.#isLimited) this.#events.onLimit();
    this.#isLimited = true;
  }
}

/** A shared folder that is moved or removed says so under its own name, and nobody watches its parent. */
function isItself({ root, filePath }: Place, name: string): boolean {
  return filePath === root && name === path.basename(root);
}
