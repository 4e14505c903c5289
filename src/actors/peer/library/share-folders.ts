/**
 * The folders that are shared: those of the command line, and those added while it runs, which the profile
 * remembers. Outlives the restarts of the library. Invariant: every one has a name of its own, which it keeps.
 */
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { diskProblem, hasCode } from '../../../core/disk-problem.ts';
import { maxShares } from '../../../core/limits/library.ts';
import type { Place } from '../../../core/share/place.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { isInside, isSharedWith, placeOf, placesOf, resolveLinks } from './share-places.ts';

/** Where folders are remembered. */
export interface FolderStore {
  shares(): readonly string[];
  addShare(folder: string): void;
  removeShare(folder: string): void;
}

export class ShareFolders {
  readonly #store: FolderStore | undefined;
  readonly #home: string | undefined;
  #places: readonly Place[];

  /** `home`: the profile's own folder, which is never shared. */
  constructor(given: readonly string[], store?: FolderStore, home?: string) {
    this.#store = store;
    const own = (this.#home = home === undefined ? undefined : resolveLinks(home));
    const places = placesOf([...given, ...(store?.shares() ?? [])]);
    this.#places = places.filter(({ root }) => own === undefined || !profileRefusal(root, own));
  }

  get places(): readonly Place[] {
    return this.#places;
  }

  /** Whether a place is in a folder that is (still) shared under this name. */
  has({ root, path: virtual }: Place): boolean {
    return this.#places.some((share) => share.root === root && virtual.startsWith(share.path));
  }

  /** The shared folder at this path of the disk. */
  find(folder: string): Place | undefined {
    const root = resolveLinks(folder);
    return this.#places.find((share) => share.root === root || share.root === folder);
  }

  /** Whether a folder may be added, and where it really lies. Problems: `bad-request`, `not-found`, `io`, `limit`. */
  async check(folder: string): Promise<Result<string>> {
    let root: string;
    try {
      root = await realpath(folder);
      if (!(await stat(root)).isDirectory()) return fail('bad-request', `It is not a folder: ${folder}`);
      await access(root, constants.R_OK | constants.X_OK);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return fail('not-found', `There is no folder ${folder}`);
      return { ok: false, problem: diskProblem(error, folder) };
    }
    const refusal = this.#refusal(root);
    return refusal === undefined ? ok(root) : fail('bad-request', refusal);
  }

  /** Adds a folder that was checked. What remembering it throws comes after it is added. */
  add(root: string): Result<Place> {
    const refusal = this.#refusal(root);
    if (refusal !== undefined) return fail('bad-request', refusal);
    if (this.#places.length >= maxShares)
      return fail('limit', `No more than ${maxShares} folders can be shared`);
    const place = placeOf(root, new Set(this.#places.map((share) => share.path)));
    this.#places = [...this.#places, place];
    return ok(place);
  }

  remember(root: string): void {
    this.#store?.addShare(root);
  }

  /** Shares a folder no longer; nothing happens to it on the disk. Undefined when it is not shared. */
  remove(folder: string): Place | undefined {
    const place = this.find(folder);
    this.#places = this.#places.filter((share) => share !== place);
    return place;
  }

  forget(root: string): void {
    this.#store?.removeShare(root);
  }

  /** A file shared twice would be counted and listed twice; keys and databases are nobody's business. */
  #refusal(root: string): string | undefined {
    for (const { root: shared } of this.#places) {
      if (shared === root) return `It is shared already: ${shared}`;
      if (isInside(shared, root)) return `It is shared already, as a part of ${shared}`;
      if (root !== path.parse(root).root && isInside(root, shared))
        return `The shared folder ${shared} is a part of it: stop sharing that first`;
    }
    if (root === path.parse(root).root)
      return 'A whole file system is too much to share: choose a folder in it';
    if (this.#home === undefined) return undefined;
    return isInside(this.#home, root) ? ofProfile : profileRefusal(root, this.#home);
  }
}

const ofProfile = 'It belongs to the profile, with its secret key';

/** Why a folder with the profile in it cannot be shared, both with their links resolved; undefined without. */
export function profileRefusal(root: string, home: string): string | undefined {
  if (root === home) return ofProfile;
  return isSharedWith(root, home) ? `The profile, with its secret key, lies in it: ${home}` : undefined;
}
