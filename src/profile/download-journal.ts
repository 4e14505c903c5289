/**
 * Which pieces of an unfinished download are on the disk, as far as that is certain. Two slots of a file of fixed
 * size are written in turn, each with a number and a checksum: a crash leaves the old claims or the new ones, and
 * a full disk has room for both from the start.
 * Invariant: a piece that the journal claims was flushed before the claim was written.
 */
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { blake3 } from '../content/hash.ts';
import { Bitfield } from '../core/swarm/bitfield.ts';
import { hasCode } from '../core/disk-problem.ts';
import { decodeId, type ContentId } from '../core/ids.ts';
import type { Disk } from './disk.ts';

export interface Claims {
  readonly have: Bitfield;
  /** The partial file that they are about, by its inode. */
  readonly inode: bigint;
  /** When the run ended in order: the times that the file had then. Undefined in the middle of a run. */
  readonly closed: FileTimes | undefined;
  /**
   * A flush has failed since it was made: what is not claimed may read back right and be lost all the same, so that it
   * is not to be looked for.
   */
  readonly hasLostWrites: boolean;
}

/** When the bytes of a file last changed, and when anything about it did, which nobody can set. */
export interface FileTimes {
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

const checksumBytes = 32;
/** "Shoal claims", with the version of their form. */
const magic = 0x53_43_00_03;
const magicAfterLoss = 0x53_43_01_03;
const numberAt = 4;
const inodeAt = 12;
const mtimeAt = 20;
const ctimeAt = 28;
const idAt = 36;
const haveAt = idAt + 32;
/** The slots share no page, so that a torn write spoils one of them. */
const pageBytes = 4096;

export class DownloadJournal {
  /** What it claimed when it was opened; undefined when there was nothing to be believed. */
  readonly earlier: Claims | undefined;
  readonly #file: FileHandle;
  readonly #id: Uint8Array;
  readonly #slot: Buffer;
  #number: bigint;

  private constructor(file: FileHandle, id: Uint8Array, slotBytes: number, newest: Slot | undefined) {
    this.earlier = newest?.claims;
    this.#file = file;
    this.#id = id;
    this.#slot = Buffer.alloc(slotBytes);
    this.#number = newest?.number ?? 0n;
  }

  /** Opens it, or makes an empty one. Throws what the disk says. */
  static async open(disk: Disk, path: string, id: ContentId, pieces: number): Promise<DownloadJournal> {
    const idBytes = decodeId(id);
    if (!idBytes) throw new TypeError(`Expected a content id, got ${id}`);
    const bytes = slotBytesFor(pieces);
    const file = await openOrMake(disk, path);
    try {
      const both = Buffer.alloc(2 * bytes);
      const { size } = await file.stat();
      if (size === both.length) await file.read(both, 0, both.length, 0);
      // Written and not only set to its length: that is what gives it its place on the disk.
      else await makeEmpty(file, both.length);
      const slots = [0, bytes].map((at) => readSlot(both.subarray(at, at + bytes), idBytes, pieces));
      const [a, b] = slots;
      const newest = a && b ? (a.number > b.number ? a : b) : (a ?? b);
      return new DownloadJournal(file, idBytes, bytes, newest);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Claims this from now on; whatever it is must have been flushed. One at a time. Throws what the disk says. */
  async write({ have, inode, closed, hasLostWrites }: Claims): Promise<void> {
    const number = this.#number + 1n;
    const slot = this.#slot;
    slot.writeUInt32BE(hasLostWrites ? magicAfterLoss : magic);
    slot.writeBigUInt64BE(number, numberAt);
    slot.writeBigUInt64BE(inode, inodeAt);
    slot.writeBigInt64BE(closed?.mtimeNs ?? 0n, mtimeAt);
    slot.writeBigInt64BE(closed?.ctimeNs ?? 0n, ctimeAt);
    slot.set(this.#id, idAt);
    slot.set(have.encode(), haveAt);
    slot.set(blake3.hash(slot.subarray(0, -checksumBytes)), slot.length - checksumBytes);
    await this.#file.write(slot, 0, slot.length, Number(number % 2n) * slot.length);
    await this.#file.datasync();
    this.#number = number;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

interface Slot {
  readonly number: bigint;
  readonly claims: Claims;
}

function slotBytesFor(pieces: number): number {
  return Math.ceil((haveAt + Math.ceil(pieces / 8) + checksumBytes) / pageBytes) * pageBytes;
}

/** Undefined when it was never written, or not to its end, or for another content. */
function readSlot(slot: Buffer, id: Uint8Array, pieces: number): Slot | undefined {
  const form = slot.readUInt32BE();
  if (form !== magic && form !== magicAfterLoss) return undefined;
  if (!slot.subarray(-checksumBytes).equals(blake3.hash(slot.subarray(0, -checksumBytes)))) return undefined;
  if (!id.every((byte, at) => slot[idAt + at] === byte)) return undefined;
  const have = Bitfield.decode(slot.subarray(haveAt, haveAt + Math.ceil(pieces / 8)), pieces);
  if (!have) return undefined;
  const mtimeNs = slot.readBigInt64BE(mtimeAt);
  const ctimeNs = slot.readBigInt64BE(ctimeAt);
  const inode = slot.readBigUInt64BE(inodeAt);
  return {
    number: slot.readBigUInt64BE(numberAt),
    claims: {
      have,
      inode,
      closed: mtimeNs === 0n ? undefined : { mtimeNs, ctimeNs },
      hasLostWrites: form === magicAfterLoss,
    },
  };
}

async function openOrMake(disk: Disk, path: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants;
  try {
    return await disk.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  } catch (error) {
    if (!hasCode(error, 'ELOOP')) throw error;
    // A link that leads elsewhere is not ours to write through.
    await disk.unlink(path);
    return disk.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  }
}

async function makeEmpty(file: FileHandle, bytes: number): Promise<void> {
  await file.truncate(0);
  await file.write(Buffer.alloc(bytes), 0, bytes, 0);
  await file.datasync();
}
