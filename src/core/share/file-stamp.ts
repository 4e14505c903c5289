/**
 * What tells one version of a file from another without reading it. As long as the stamp is the same, the bytes
 * are taken to be the same: it is the key of the hash cache and the condition for serving.
 */

/** Bigints as decimal strings, so that it survives every kind of message; times in nanoseconds. */
export interface FileStamp {
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: number;
  readonly mtimeNs: string;
}

/** The part of Node's `BigIntStats` that a stamp is made of. */
export interface StampedStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

export function stampOf({ dev, ino, size, mtimeNs }: StampedStats): FileStamp {
  return {
    device: String(dev),
    inode: String(ino),
    sizeBytes: Number(size),
    mtimeNs: String(mtimeNs),
  };
}

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return (
    a.inode === b.inode && a.mtimeNs === b.mtimeNs && a.sizeBytes === b.sizeBytes && a.device === b.device
  );
}
