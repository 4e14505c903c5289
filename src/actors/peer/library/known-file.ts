/**
 * One file that was found in a share, and what others are told of it. There are hundreds of thousands of them: what a
 * scan says of a file is kept in numbers, not in the strings it came in, its path is made when it is asked for, and
 * all on this thread who keep the share keep these objects. Invariant: from when its content is known, id, path and
 * size never change; when the file does, another object takes its place.
 */
import type { SharedFile, VirtualPath } from '../../../core/catalogue.ts';
import type { FileStamp } from '../../../core/share/file-stamp.ts';
import type { ContentId } from '../../../core/ids.ts';
import { filePathIn, type Place } from '../../../core/share/place.ts';
import type { FoundFile } from '../../../workers/found-files.ts';
import type { Folder } from './share-table.ts';

/** What few files have: a spelling of their own on the disk, or bytes elsewhere in the share. */
interface Oddity {
  readonly diskName: string;
  readonly linkedTo: string | undefined;
}

/** One whose content is known. */
export type PublishedFile = KnownFile & SharedFile;

export const isPublished = (file: KnownFile): file is PublishedFile => file.id !== undefined;

/** A published file as it can leave this thread. */
export function plainFile({ id, path, sizeBytes }: SharedFile): SharedFile {
  return { id, path, sizeBytes };
}

/** The few devices there are, so that every file on one has the same string. */
const devices = new Map<string, string>();

export class KnownFile {
  readonly folder: Folder;
  /** In NFC, as others see it. */
  readonly name: string;
  readonly place: Place;
  /** The content that it has with this stamp, once that is known. */
  id: ContentId | undefined = undefined;
  /** The number of the last walk that found it. */
  walk: number;
  sizeBytes = 0;
  /** See `FoundFile`; undefined once it is published and nobody asks any more. */
  quietSinceMs: number | undefined = undefined;
  #device = '';
  /** Text where it is too large for a number. */
  #inode: number | string = 0;
  #mtimeSeconds = 0;
  #mtimeNs = 0;
  #oddity: Oddity | undefined = undefined;

  constructor(folder: Folder, name: string, place: Place, found: FoundFile, walk: number) {
    this.folder = folder;
    this.name = name;
    this.place = place;
    this.walk = walk;
    this.update(found);
  }

  get path(): VirtualPath {
    return this.folder.path + this.name;
  }

  /** As it is spelled on the disk. */
  get diskName(): string {
    return this.#oddity?.diskName ?? this.name;
  }

  /** Where its bytes are. */
  get filePath(): string {
    return this.#oddity?.linkedTo ?? filePathIn(this.place, this.diskName);
  }

  get stamp(): FileStamp {
    return {
      device: this.#device,
      inode: String(this.#inode),
      sizeBytes: this.sizeBytes,
      mtimeNs: nanoseconds(this.#mtimeSeconds, this.#mtimeNs),
    };
  }

  /** Whether its stamp is still the one that it was known by. */
  isAs({ device, inode, sizeBytes, mtimeSeconds, mtimeNs }: FoundFile): boolean {
    return (
      inode === this.#inode &&
      mtimeNs === this.#mtimeNs &&
      mtimeSeconds === this.#mtimeSeconds &&
      sizeBytes === this.sizeBytes &&
      device === this.#device
    );
  }

  /** Another object for it, of whose content nothing is known. */
  again(): KnownFile {
    const { name, diskName, folder, place, walk, sizeBytes, quietSinceMs = 0 } = this;
    const times = { mtimeSeconds: this.#mtimeSeconds, mtimeNs: this.#mtimeNs, quietSinceMs };
    const linkedTo = this.#oddity?.linkedTo;
    const found = { name: diskName, linkedTo, device: this.#device, inode: this.#inode, sizeBytes, ...times };
    return new KnownFile(folder, name, place, found, walk);
  }

  /** Takes note of how it was found; of a published one that is as it was. */
  update({ name, linkedTo, device, inode, sizeBytes, mtimeSeconds, mtimeNs, quietSinceMs }: FoundFile): void {
    const known = devices.get(device);
    if (known === undefined) devices.set(device, device);
    this.#device = known ?? device;
    this.#inode = typeof inode === 'number' ? compact(inode) : inode;
    this.#mtimeSeconds = compact(mtimeSeconds);
    this.#mtimeNs = compact(mtimeNs);
    this.sizeBytes = compact(sizeBytes);
    this.quietSinceMs = this.id === undefined ? quietSinceMs : undefined;
    const isOdd = name !== this.name || linkedTo !== undefined;
    this.#oddity = isOdd ? { diskName: name, linkedTo } : undefined;
  }
}

/**
 * The same number, in the form in which V8 keeps it in the field of an object and not beside it, where it is small
 * enough: out of an array of floats every number is one of those.
 */
function compact(value: number): number {
  const small = value | 0;
  return small === value ? small : value;
}

/** In decimal, as `FileStamp` has it; made of its digits, as this is done for every file at every start. */
function nanoseconds(seconds: number, ns: number): string {
  if (seconds > 0 && ns >= 0) return `${seconds}${String(ns).padStart(9, '0')}`;
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(ns));
}
