/**
 * A place on the disk and its spelling as a virtual path, which is made here and nowhere else.
 * Invariant: the virtual path is the names below the shared folder in NFC; nothing else of the disk shows in it.
 */
import type { VirtualPath } from '../catalogue.ts';

/** A folder inside a share. */
export interface Place {
  /** The shared folder that it belongs to, through no symbolic link. */
  readonly root: string;
  readonly filePath: string;
  /** Ends in `/`. */
  readonly path: VirtualPath;
}

/** Where the name `name` in a folder lies on the disk. */
export function filePathIn({ filePath }: Place, name: string): string {
  return filePath.endsWith('/') ? filePath + name : `${filePath}/${name}`;
}

/** The virtual path of the file `name` in a folder. */
export function pathIn({ path }: Place, name: string): VirtualPath {
  return path + name.normalize('NFC');
}

export function placeIn(place: Place, name: string): Place {
  return { root: place.root, filePath: filePathIn(place, name), path: `${pathIn(place, name)}/` };
}

/** Hidden files are nobody's business; `.shoal`, where unfinished downloads lie, is one of them. */
export const isHidden = (name: string): boolean => name.startsWith('.');
