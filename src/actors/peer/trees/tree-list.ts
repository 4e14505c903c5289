/**
 * Reads the pages of a peer's folder as what to download: where each file goes below the output folder.
 * Invariant: nothing that a page says leads out of the folder that was asked for, or out of the output folder.
 */
import type { ListEntry, ListPage, VirtualPath } from '../../../core/catalogue.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxTreeFiles } from '../../../core/limits/cli.ts';
import type { Problem } from '../../../core/result.ts';
import { safeName, safePath } from '../../../core/safe-name.ts';
import { nameOf } from '../../../core/share/virtual-path.ts';

/** Names are kept where this system takes them: `Net::HTTP.3pm` is no trouble outside Windows. */
const rules = process.platform === 'win32' ? 'everywhere' : 'posix';

/** Why a list is read no further. */
const endless: Problem = { code: 'protocol', message: 'Its list does not come to an end' };
const tooLarge: Problem = {
  code: 'limit',
  message: `There are more than ${maxTreeFiles} files and folders; get its folders one by one`,
};

/** A file of the tree, and where it goes, or why it can go nowhere. */
export interface ListedFile {
  readonly id: ContentId;
  readonly path: VirtualPath;
  readonly sizeBytes: number;
  readonly folders: readonly string[];
  readonly name: string;
  readonly problem: Problem | undefined;
}

export interface ListedPage {
  readonly folders: readonly (readonly string[])[];
  readonly files: readonly ListedFile[];
  /** The first folder that cannot be had here, and why not; or why the list is read no further. */
  readonly problem: Problem | undefined;
  readonly isLast: boolean;
}

export class TreeList {
  readonly #folder: VirtualPath;
  /** Characters of each path that are not kept: of /a/b/ the last folder is, so that `b/` is made. */
  readonly #above: number;
  #cursor: string | undefined;
  /** Files and folders that were listed. */
  #entries = 0;
  /** Files of one folder come one after the other. */
  #last: { readonly folder: string; readonly safe: ReturnType<typeof safePath> } | undefined;

  /** `folder` ends in `/`. */
  constructor(folder: VirtualPath) {
    this.#folder = folder;
    this.#above = folder.length - nameOf(folder).length;
  }

  /** What lies in the folder that is made for the tree itself; of a whole share there is none. */
  get root(): readonly string[] {
    const safe = this.#safe(this.#folder);
    return safe.ok ? safe.value : [];
  }

  /** What to ask for the next page with. */
  get cursor(): string | undefined {
    return this.#cursor;
  }

  read({ entries, cursor }: ListPage): ListedPage {
    const folders: (readonly string[])[] = [];
    const files: ListedFile[] = [];
    let problem: Problem | undefined;
    for (const entry of entries) {
      // A peer that answers with more than it was asked for gets no say in where things are put.
      if (!entry.path.startsWith(this.#folder) || entry.path === this.#folder) continue;
      if (entry.kind === 'folder') {
        const safe = this.#safe(entry.path);
        // The others come with what is in them.
        if (!safe.ok) problem ??= safe.problem;
        else if (entry.files === 0) folders.push(safe.value);
      } else if (!entry.path.endsWith('/')) files.push(this.#file(entry));
    }
    const isWhole = cursor === undefined || cursor === this.#cursor;
    this.#cursor = cursor;
    this.#entries += entries.length;
    const isTooLarge = this.#entries > maxTreeFiles;
    const isEndless = !isWhole && entries.length === 0;
    problem ??= isTooLarge ? tooLarge : isEndless ? endless : undefined;
    return { folders, files, problem, isLast: isWhole || isTooLarge || isEndless };
  }

  #file({ id, path, sizeBytes }: Extract<ListEntry, { readonly kind: 'file' }>): ListedFile {
    const slash = path.lastIndexOf('/') + 1;
    const safe = this.#safe(path.slice(0, slash));
    const name = safeName(path.slice(slash), rules);
    if (!safe.ok) return { id, path, sizeBytes, folders: [], name, problem: safe.problem };
    return { id, path, sizeBytes, folders: safe.value, name, problem: undefined };
  }

  #safe(folder: string): ReturnType<typeof safePath> {
    if (this.#last?.folder !== folder)
      this.#last = { folder, safe: safePath(folder.slice(this.#above).split('/'), rules) };
    return this.#last.safe;
  }
}
