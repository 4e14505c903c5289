/**
 * Where the shared folders lie, and which of them a file is in.
 * Invariant: every share has a name of its own, so no virtual path stands for two places.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { VirtualPath } from '../../core/catalogue.ts';
import { isHidden, placeIn, type Place } from '../../core/place.ts';
import { safeName } from '../../core/safe-name.ts';
import { isComponent } from '../../core/virtual-path.ts';

/** One place for each shared folder, in order; a folder given twice is one. It need not exist yet. */
export function placesOf(shares: readonly string[]): readonly Place[] {
  const roots = new Set(shares.map(resolveLinks));
  const taken = new Set<VirtualPath>();
  return Array.from(roots, (root) => {
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

/** The folder that a file lies in, once for each share that has it; none where something on the way is hidden. */
export function placesOfFile(shares: readonly Place[], filePath: string): readonly Place[] {
  return shares.flatMap((share) => {
    const names = path.relative(share.root, filePath).split(path.sep);
    if (names.some(isHidden) || path.isAbsolute(names.join(path.sep))) return [];
    return [names.slice(0, -1).reduce(placeIn, share)];
  });
}

/** Where a folder really lies; one that is not there lies where it says. */
export function resolveLinks(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder);
  }
}
