/**
 * Where the shared folders lie, and which of them a file is in.
 * Invariant: every share has a name of its own, so no virtual path stands for two places.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { VirtualPath } from '../../../core/catalogue.ts';
import { isHidden, placeIn, type Place } from '../../../core/share/place.ts';
import { safeName } from '../../../core/safe-name.ts';
import { isComponent } from '../../../core/share/virtual-path.ts';

/**
 * One place for each shared folder, in order; a folder given twice is one, and one in another is a part of that,
 * unless it is hidden there. It need not exist yet.
 */
export function placesOf(shares: readonly string[]): readonly Place[] {
  const all = [...new Set(shares.map(resolveLinks))];
  const roots = all.filter((root) => !all.some((outer) => isSharedWith(outer, root)));
  const taken = new Set<VirtualPath>();
  return roots.map((root) => {
    const place = placeOf(root, taken);
    taken.add(place.path);
    return place;
  });
}

/** The place of a shared folder, links resolved, beside those whose paths are taken. */
export function placeOf(root: string, taken: ReadonlySet<VirtualPath>): Place {
  const base = path.basename(root).normalize('NFC');
  const name = isComponent(base) ? base : safeName(base);
  let virtual = `/${name}/`;
  for (let number = 2; taken.has(virtual); number++) virtual = `/${name} (${number})/`;
  return { root, filePath: root, path: virtual };
}

/** The folder that a file lies in, of the share that has it; none where something on the way is hidden. */
export function placesOfFile(shares: readonly Place[], filePath: string): readonly Place[] {
  return shares.flatMap((share) => {
    const names = path.relative(share.root, filePath).split(path.sep);
    if (names.some(isHidden) || path.isAbsolute(names.join(path.sep))) return [];
    return [names.slice(0, -1).reduce(placeIn, share)];
  });
}

/** Whether `inner` lies somewhere below `outer`. */
export function isInside(outer: string, inner: string): boolean {
  const below = path.relative(outer, inner);
  return below !== '' && below !== '..' && !below.startsWith(`..${path.sep}`) && !path.isAbsolute(below);
}

/** Whether who shares `outer` shares `inner` as well. */
export function isSharedWith(outer: string, inner: string): boolean {
  return isInside(outer, inner) && !path.relative(outer, inner).split(path.sep).some(isHidden);
}

/** Where a folder really lies; one that is not there lies where it says. */
export function resolveLinks(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder);
  }
}
