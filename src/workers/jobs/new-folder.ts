/**
 * A folder of a tree that is not on the disk yet: its files are put into a hidden one under their own names, and one
 * rename makes that the folder, which costs a tenth of naming each file.
 * Invariant: while it is open nothing in it is visible; once it is closed nothing more is put into it.
 */
import type { Manifest } from '../../core/manifest.ts';
import type { PlacedFile } from '../tree-contract.ts';

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
