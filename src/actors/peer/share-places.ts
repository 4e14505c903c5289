/**
 * Where the shared folders lie, and how a place on the disk is spelled as a virtual path.
 * Invariant: every share has a name of its own, so no virtual path stands for two places.
 */
import { realpathSync } from 'node:fs';
import path from 'node:path';
import type { VirtualPath } from '../../core/catalogue.ts';
import { safeName } from '../../core/safe-name.ts';
import { isComponent } from '../../core/virtual-path.ts';

/** A folder inside a share. */
export interface Place {
  /** The shared folder that it belongs to, through no symbolic link. */
  readonly root: string;
  readonly filePath: string;
  /** Ends in `/`. */
  readonly path: VirtualPath;
}

/** One place for each shared folder, in order; a folder given twice is one. It need not exist yet. */
export function placesOf(shares: readonly string[]): readonly Place[] {
  const roots = new Set(shares.map(resolveLinks));
  const taken = new Set<string>();
  return Array.from(roots, (root) => {
    const base = path.basename(root).normalize('NFC');
    const name = unique(isComponent(base) ? base : safeName(base), taken);
    taken.add(name);
    return { root, filePath: root, path: `/${name}/` };
  });
}

/** The place of the folder `name` in another, and the virtual path of a file `name` in it. */
export function placeIn(place: Place, name: string): Place {
  return { root: place.root, filePath: path.join(place.filePath, name), path: `${pathIn(place, name)}/` };
}

export function pathIn(place: Place, name: string): VirtualPath {
  return place.path + name.normalize('NFC');
}

/** The folder that a file lies in, once for each share that has it; none where something on the way is hidden. */
export function placesOfFile(shares: readonly Place[], filePath: string): readonly Place[] {
  return shares.flatMap((share) => {
    if (!filePath.startsWith(share.root + path.sep)) return [];
    const names = path.relative(share.root, filePath).split(path.sep);
    return names.some(isHidden) ? [] : [names.slice(0, -1).reduce(placeIn, share)];
  });
}

/** Hidden files are nobody's business; `.shoal`, where unfinished downloads lie, is one of them. */
export const isHidden = (name: string): boolean => name.startsWith('.');

function resolveLinks(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder);
  }
}

function unique(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number++) candidate = `${name} (${number})`;
  return candidate;
}
