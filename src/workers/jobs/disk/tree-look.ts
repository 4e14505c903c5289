/**
 * Looks at what of a tree is on the disk already, before any of it is fetched, and makes its folders.
 * Invariant: what it calls written was read and hashed; what it neither calls written nor failed may be fetched.
 */
import { join } from 'node:path';
import { diskProblem } from '../../../core/disk-problem.ts';
import { maxSmallFileBytes } from '../../../core/limits/trees.ts';
import type { Problem } from '../../../core/result.ts';
import type { FailedFile, PlacedFile, TreePage } from '../../tree-contract.ts';
import { failureOf, findCopy, isDiskTrouble } from './disk-files.ts';
import type { StagedFile } from './new-folder.ts';
import type { Placer } from './placer.ts';
import { Slice } from './slice.ts';

/** A folder of the output folder, or why there is none. */
export type FolderFound =
  | { readonly ok: true; readonly value: string; readonly isThere: boolean }
  | { readonly ok: false; readonly problem: Problem; readonly isDisk: boolean };

/** A file that may be fetched; `isAlone`: the folder it goes to is not there either. */
export interface MissingFile {
  readonly placed: PlacedFile;
  readonly isAlone: boolean;
}

export interface Looked {
  readonly here: readonly StagedFile[];
  readonly missing: readonly MissingFile[];
  readonly failed: readonly FailedFile[];
  /** The first folder that could not be made, and why not. */
  readonly problem: Problem | undefined;
}

/** Throws what is none of the disk's, and once `signal` is aborted. */
export async function lookAtPage(
  placer: Placer,
  outDir: string,
  { folders, files }: TreePage,
  signal: AbortSignal,
): Promise<Looked> {
  const here: StagedFile[] = [];
  const missing: MissingFile[] = [];
  const failed: FailedFile[] = [];
  const finder = new FolderFinder(placer, outDir);
  const problems = folders.flatMap((components) => {
    const found = finder.find(components);
    return found.ok ? [] : [found.problem];
  });
  // Before the small ones are looked at, whatever the order: a folder that large files are put into is no new one.
  for (const { sizeBytes, folders: components } of files)
    if (sizeBytes > maxSmallFileBytes) finder.find(components);
  const names = new Map<string, ReadonlySet<string>>();
  const slice = new Slice();
  for (const placed of files) {
    signal.throwIfAborted();
    const folder = finder.look(placed.folders);
    if (!folder.ok) {
      failed.push({ file: placed.file, problem: folder.problem, isDisk: folder.isDisk });
      continue;
    }
    if (!folder.isThere) {
      missing.push({ placed, isAlone: true });
      continue;
    }
    try {
      let there = names.get(folder.value);
      if (!there) names.set(folder.value, (there = placer.namesIn(folder.value)));
      const found = there.has(placed.name) ? await findCopy(folder.value, placed, { signal }) : undefined;
      if (found) here.push({ placed, ...found });
      else missing.push({ placed, isAlone: false });
    } catch (error) {
      signal.throwIfAborted();
      failed.push(failureOf(placed, join(folder.value, placed.name), error));
    }
    await slice.pause();
  }
  return { here, missing, failed, problem: problems[0] };
}

/** Finds or makes folders, each of them once. */
export class FolderFinder {
  readonly #placer: Placer;
  readonly #outDir: string;
  readonly #found = new Map<string, FolderFound>();

  constructor(placer: Placer, outDir: string) {
    this.#placer = placer;
    this.#outDir = outDir;
  }

  /** Makes it where it is missing. */
  find(components: readonly string[]): FolderFound {
    return this.#once(components, () => {
      const made = this.#placer.makeFolders(components);
      return made.ok ? { ...made, isThere: true } : { ...made, isDisk: false };
    });
  }

  /** Makes those above it. */
  look(components: readonly string[]): FolderFound {
    return this.#once(components, () => {
      const found = this.#placer.findFolder(components);
      if (!found.ok) return { ...found, isDisk: false };
      return { ok: true, value: found.value.path, isThere: found.value.isThere };
    });
  }

  #once(components: readonly string[], find: () => FolderFound): FolderFound {
    const key = components.join('/');
    let found = this.#found.get(key);
    if (!found) this.#found.set(key, (found = this.#caught(components, find)));
    return found;
  }

  #caught(components: readonly string[], find: () => FolderFound): FolderFound {
    try {
      return find();
    } catch (error) {
      const problem = diskProblem(error, join(this.#outDir, ...components));
      return { ok: false, problem, isDisk: isDiskTrouble(error) };
    }
  }
}
