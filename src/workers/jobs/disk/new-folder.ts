/**
 * A folder of a tree that is not on the disk yet: its files are put into a hidden one under their own names, and one
 * rename makes that the folder, which costs a tenth of naming each file.
 * Invariant: while it is open nothing in it is visible; once it is closed nothing more is put into it.
 */
import { mkdirSync } from 'node:fs';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import type { PlacedFile } from '../../tree-contract.ts';

/** A file written under a hidden name. */
export interface StagedFile {
  readonly placed: PlacedFile;
  readonly path: string;
  /** Where that is to be told. */
  readonly manifest: Manifest | undefined;
}

export class NewFolder {
  readonly folders: readonly string[];
  /** Where it is hidden. */
  readonly path: string;
  /** Files still to come, and those that have come and are not flushed. */
  awaited = 0;
  unflushed = 0;
  /** Whole and flushed: they wait for the others. */
  readonly ready: StagedFile[] = [];
  isOpen = true;

  constructor(folders: readonly string[], path: string) {
    this.folders = folders;
    this.path = path;
  }

  /** Whether it is to get its name now. */
  get isWhole(): boolean {
    return this.isOpen && this.awaited === 0 && this.unflushed === 0;
  }
}

/** The new folders of one tree that are open, by their names. */
export class NewFolders {
  readonly #open = new Map<string, NewFolder>();

  /** Whether any has files that wait for others. */
  get areWaiting(): boolean {
    for (const { ready } of this.#open.values()) if (ready.length > 0) return true;
    return false;
  }

  /** The folder of a file that is to come. `hidden` gives the path for a new one, which is made. */
  expect({ folders }: PlacedFile, hidden: () => string): NewFolder {
    const key = folders.join('/');
    let folder = this.#open.get(key);
    if (!folder) {
      folder = new NewFolder(folders, hidden());
      mkdirSync(folder.path);
      this.#open.set(key, folder);
    }
    folder.awaited++;
    return folder;
  }

  /** Those that are to get their names now. */
  whole(): NewFolder[] {
    return [...this.#open.values()].filter(({ isWhole, ready }) => isWhole && ready.length > 0);
  }

  /** What is flushed and waits for the rest of its folder. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const { ready } of this.#open.values()) for (const { placed } of ready) bytes += placed.sizeBytes;
    return bytes;
  }

  /**
   * Those with files that may be named without the rest, some of which may have come and not be flushed: under steady
   * supply there are always such, and with the process all would be lost that came before them.
   */
  late(): NewFolder[] {
    return [...this.#open.values()].filter(({ ready }) => ready.length > 0);
  }

  /** Nothing more is put into it. Returns its files. */
  close(folder: NewFolder): readonly StagedFile[] {
    folder.isOpen = false;
    this.#open.delete(folder.folders.join('/'));
    return folder.ready.splice(0);
  }
}
