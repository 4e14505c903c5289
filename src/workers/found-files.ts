/**
 * The files that a scan found in one folder, in columns: hundreds of thousands of them cross from the scan's thread,
 * and an object with its strings for each would be most of what that costs. Invariant: a file comes out as it was put in.
 */
import type { Place } from '../core/share/place.ts';

/** A regular file that can be read. */
export interface FoundFile {
  readonly name: string;
  /** Where its bytes are, when it was found by a link to elsewhere in the share. */
  readonly linkedTo: string | undefined;
  readonly device: string;
  /** Text where it is too large for a number. */
  readonly inode: number | string;
  readonly sizeBytes: number;
  /** When its content last changed: whole seconds since 1970, and the nanoseconds after them. */
  readonly mtimeSeconds: number;
  readonly mtimeNs: number;
  /** When its content or status last changed, in milliseconds since 1970 by the file system's clock. */
  readonly quietSinceMs: number;
}

/** Plain data. */
export interface FoundFiles {
  readonly place: Place;
  /** Of all of them: what is found on another device is in another list. */
  readonly device: string;
  readonly names: readonly string[];
  /** Of each file the inode, size, seconds, nanoseconds, and since when it is quiet. */
  readonly numbers: Float64Array;
  /** Of the few files that differ in that, by their index, what is not in `numbers`. */
  readonly odd: ReadonlyMap<number, Pick<FoundFile, 'linkedTo' | 'inode'>>;
}

const columns = 5;

/** Collects the files of one folder. */
export class FoundList {
  readonly place: Place;
  readonly device: string;
  readonly #names: string[] = [];
  readonly #numbers: number[] = [];
  readonly #odd = new Map<number, Pick<FoundFile, 'linkedTo' | 'inode'>>();

  constructor(place: Place, device: string) {
    this.place = place;
    this.device = device;
  }

  add({ name, linkedTo, inode, sizeBytes, mtimeSeconds, mtimeNs, quietSinceMs }: FoundFile): void {
    const isOdd = linkedTo !== undefined || typeof inode === 'string';
    if (isOdd) this.#odd.set(this.#names.length, { linkedTo, inode });
    this.#names.push(name);
    this.#numbers.push(isOdd ? 0 : inode, sizeBytes, mtimeSeconds, mtimeNs, quietSinceMs);
  }

  get files(): FoundFiles {
    const { place, device } = this;
    const numbers = Float64Array.from(this.#numbers);
    return { place, device, names: this.#names, numbers, odd: this.#odd };
  }
}

/** One after the other, made as they are asked for. */
export function* filesOf({ device, names, numbers, odd }: FoundFiles): Generator<FoundFile> {
  for (const [index, name] of names.entries()) {
    const at = index * columns;
    const oddity = odd.size > 0 ? odd.get(index) : undefined;
    yield {
      name,
      linkedTo: oddity?.linkedTo,
      device,
      inode: oddity?.inode ?? numbers[at] ?? 0,
      sizeBytes: numbers[at + 1] ?? 0,
      mtimeSeconds: numbers[at + 2] ?? 0,
      mtimeNs: numbers[at + 3] ?? 0,
      quietSinceMs: numbers[at + 4] ?? 0,
    };
  }
}
