/**
 * The order in which people expect names: `track 2` before `track 10`, without a difference between large and small
 * letters or accents, and in each folder its folders, each with what is below it, before its files.
 * Invariant: two paths have the same key only if they are the same.
 */
import type { VirtualPath } from '../catalogue.ts';
import { fold } from './tokenizer.ts';

/** What a name is compared by, as code units. */
export function nameKey(name: string): string {
  // A longer number is a larger one, once its zeros are gone.
  return fold(name).replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+(?=\d)/, '');
    return `0${String.fromCharCode(number.length)}${number}`;
  });
}

/** The elements in the order of their paths; folders end in `/`. */
export function inNaturalOrder<T extends { readonly path: VirtualPath }>(elements: readonly T[]): T[] {
  const keys = new PathKeys();
  const keyed = elements.map((element) => ({ element, key: keys.of(element.path) }));
  keyed.sort((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)));
  return keyed.map(({ element }) => element);
}

const folder = '\u0001';
const file = '\u0002';
/** Lower than whatever a name has. */
const end = '\u0000';

/** Keys of paths; that of the folder that was the last is not made again for each of its files. */
class PathKeys {
  #parent = '';
  #parentKey = '';

  of(path: VirtualPath): string {
    const isFolder = path.endsWith('/');
    const slash = path.lastIndexOf('/', isFolder ? path.length - 2 : undefined);
    const parent = path.slice(0, slash + 1);
    if (parent !== this.#parent) {
      this.#parentKey = parent
        .split('/')
        .filter((name) => name !== '')
        .map((name) => keyOf(folder, name))
        .join('');
      this.#parent = parent;
    }
    const name = path.slice(slash + 1, isFolder ? -1 : undefined);
    return this.#parentKey + keyOf(isFolder ? folder : file, name);
  }
}

const keyOf = (kind: string, name: string): string => kind + nameKey(name) + end + name + end;
