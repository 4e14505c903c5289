/**
 * Gives what a tree has on the disk under hidden names its own: new folders that are whole by one rename, other files
 * one by one. Invariant: only files that were given here as flushed get names, one group after the other, and each is
 * reported once.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { failureOf, findCopy } from './disk-files.ts';
import type { NewFolder, NewFolders, StagedFile } from './new-folder.ts';
import type { Placer } from './placer.ts';
import { Slice } from './slice.ts';
import { FolderFinder } from './tree-look.ts';
import type { TreeReports } from './tree-reports.ts';

export interface NamingNeeds {
  readonly outDir: string;
  readonly placer: Placer;
  readonly newFolders: NewFolders;
  readonly reports: TreeReports;
}

export class TreeNaming {
  /** Settles when all that was to be named so far has been. */
  done: Promise<unknown> = Promise.resolve();
  readonly #needs: NamingNeeds;

  constructor(needs: NamingNeeds) {
    this.#needs = needs;
  }

  /** Gives the new folders that are whole their names. */
  nameWhole(): void {
    const { newFolders, reports } = this.#needs;
    for (const folder of newFolders.whole()) this.#nameFolder(folder);
    reports.send();
  }

  /** Files that are flushed. */
  nameLater(files: readonly StagedFile[]): void {
    if (files.length > 0) this.done = this.done.then(() => this.#nameAll(files));
  }

  /** What lies at `path` is not what was to be there: no folder gets a name with that in it. */
  drop(path: string, folder: NewFolder | undefined): void {
    if (folder?.isOpen) this.nameLater(this.#needs.newFolders.close(folder));
    try {
      // It would take up room on a disk that may be full.
      rmSync(path, { force: true });
    } catch {
      // Then it stays hidden, until all that is hidden goes away.
    }
  }

  #nameFolder(folder: NewFolder): void {
    const { newFolders, placer, reports } = this.#needs;
    const files = newFolders.close(folder);
    let path: string | undefined;
    try {
      const named = placer.placeFolder(folder.path, folder.folders);
      path = named.ok ? named.value : undefined;
    } catch {
      // Somebody was first: then each file looks for its place in the folder that is there.
    }
    if (path === undefined) return this.nameLater(files);
    for (const { placed, manifest } of files)
      if (manifest) reports.written(placed, `${path}/${placed.name}`, manifest);
      else reports.named(placed.file);
  }

  async #nameAll(files: readonly StagedFile[]): Promise<void> {
    const { placer, outDir, reports } = this.#needs;
    // Looked at anew: much may have happened to the folders since the files were prepared.
    const finder = new FolderFinder(placer, outDir);
    const slice = new Slice();
    for (const staged of files) {
      await this.#nameOne(staged, finder);
      if (!slice.isOver) continue;
      reports.send();
      await slice.pause();
    }
    reports.send();
  }

  async #nameOne({ placed, path, manifest }: StagedFile, finder: FolderFinder): Promise<void> {
    const { placer, reports } = this.#needs;
    const folder = finder.find(placed.folders);
    if (!folder.ok) {
      reports.failed({ file: placed.file, problem: folder.problem, isDisk: folder.isDisk });
      return;
    }
    const own = join(folder.value, placed.name);
    try {
      if (placer.moveTo(path, own)) return reports.written(placed, own, manifest);
      // Somebody else may have brought the very file meanwhile.
      const there = await findCopy(folder.value, placed).catch(() => undefined);
      if (there) this.drop(path, undefined);
      reports.written(placed, there?.path ?? placer.place(path, folder.value, placed.name), manifest);
    } catch (error) {
      reports.failed(failureOf(placed, own, error));
    }
  }
}
