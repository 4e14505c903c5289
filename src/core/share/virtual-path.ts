/**
 * Paths inside a share as others see them: `/<folder>/a/b.txt`, never where things lie on a disk.
 * Invariant: one content at one place has exactly one spelling (NFC, no empty, `.` or `..` components).
 */
import type { VirtualPath } from '../catalogue.ts';
import { maxPathDepth } from '../limits/names.ts';
import { maxPathBytes } from '../limits/wire.ts';
import { byteLength, hasControl } from '../safe-name.ts';

/** The usual paths of files: printable ASCII, which has one spelling. Trackers are told of millions. */
const plainFile = new RegExp(`^(?:/(?!\\.{1,2}(?:/|$))[ -.0-~]+){1,${maxPathDepth}}$`);

/** Whether this is the path of a file, as `SharedFile.path` must be. */
export function isValidVirtualPath(path: string): path is VirtualPath {
  if (path.length <= maxPathBytes && plainFile.test(path)) return true;
  return !path.endsWith('/') && splitVirtualPath(path) !== undefined;
}

/** The components of a file's or folder's path, none for `/`; undefined when it is not a valid path. */
export function splitVirtualPath(path: string): readonly string[] | undefined {
  if (path === '/') return [];
  if (!path.startsWith('/') || path.length > maxPathBytes || byteLength(path) > maxPathBytes)
    return undefined;
  const components = path.slice(1, path.endsWith('/') ? -1 : undefined).split('/');
  return components.length <= maxPathDepth && components.every(isComponent) ? components : undefined;
}

/** Bytes that a name directly in this folder may have; none where no path may be as deep, or it is no folder. */
export function roomIn(folder: VirtualPath): number {
  const above = splitVirtualPath(folder);
  return above && above.length < maxPathDepth ? maxPathBytes - byteLength(folder) : 0;
}

/** What nearly all names are made of: no slash, nothing to normalise, no control characters. */
const plainName = /^[\x20-\x2e\x30-\x7e]+$/;

/** Whether a name can be a component of a virtual path as it is. */
export function isComponent(name: string): boolean {
  if (plainName.test(name)) return name !== '.' && name !== '..';
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !name.includes('/') &&
    name.isWellFormed() &&
    name.normalize('NFC') === name &&
    !hasControl(name)
  );
}

/** The last component: what a file is called. */
export function nameOf(path: VirtualPath): string {
  return path.slice(path.lastIndexOf('/', path.length - 2) + 1);
}

/** The folder that holds it; `/` holds itself. */
export function parentPath(path: VirtualPath): VirtualPath {
  return path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
}
