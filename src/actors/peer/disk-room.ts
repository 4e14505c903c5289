/**
 * Whether there is room on the disk for what downloads have still to write. Before one starts, what all that
 * run on the same volume need is counted together, and some is left for others.
 * Invariant: a download has room here from when it was granted until it is released.
 */
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskProblem, hasCode } from '../../core/disk-problem.ts';
import { diskReserveFraction, maxDiskReserveBytes } from '../../core/limits.ts';
import { formatSize } from '../../core/quantity.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { partialPaths } from '../../profile/open-partial.ts';
import type { TransferRecord } from './transfer-record.ts';

/** What is known of a volume; `freeBytes` undefined when the system does not say. */
export interface Volume {
  readonly device: string;
  readonly sizeBytes: number;
  readonly freeBytes: number | undefined;
}

/** How a download found the disk before it began to write. */
interface Before {
  readonly device: string;
  readonly freeBytes: number;
  readonly doneBytes: number;
}

interface Granted {
  readonly record: TransferRecord;
  readonly device: string;
  readonly sizeBytes: number;
}

export class DiskRoom {
  readonly #granted = new Map<number, Granted>();
  /** Those that are asked for now, each with the question that counts. */
  readonly #asking = new Map<number, symbol>();
  readonly #before = new Map<number, Promise<Before | undefined>>();
  readonly #volumeOf: (folder: string) => Promise<Volume>;

  constructor(volumeOf: (folder: string) => Promise<Volume> = volumeOfFolder) {
    this.#volumeOf = volumeOf;
  }

  /**
   * One that writes before it is known how much it will be is about to: what it puts on the disk from now on is not
   * counted as missing there, whether it has told of it or not.
   */
  begins(record: TransferRecord): void {
    const { doneBytes } = record;
    const before = this.#volumeOf(record.request.outDir).then(
      ({ device, freeBytes }) => (freeBytes === undefined ? undefined : { device, freeBytes, doneBytes }),
      () => undefined,
    );
    this.#before.set(record.transfer, before);
  }

  /**
   * Keeps room for the whole of a download of `sizeBytes`, less what has its place on the disk. Asked again, the
   * answer is as of now. Problems: `disk-full`, and what the disk says.
   */
  async ask(record: TransferRecord, sizeBytes: number): Promise<Result<void>> {
    const { outDir } = record.request;
    const question = Symbol();
    this.#asking.set(record.transfer, question);
    this.#granted.delete(record.transfer);
    let volume: Volume;
    let placedBytes: number;
    let before: Before | undefined;
    try {
      [volume, placedBytes, before] = await Promise.all([
        this.#volumeOf(outDir),
        placedBytesOf(record),
        this.#before.get(record.transfer),
      ]);
    } catch (error) {
      return { ok: false, problem: diskProblem(error, outDir) };
    }
    const { device } = volume;
    const freeBytes = freeFor(record, volume, before);
    const needed = Math.max(0, sizeBytes - placedBytes);
    const promised = this.#promised(device);
    const reserve = Math.min(volume.sizeBytes * diskReserveFraction, maxDiskReserveBytes);
    if (freeBytes !== undefined && needed > 0 && needed + promised + reserve > freeBytes) {
      const others = promised > 0 ? `, ${formatSize(promised)} for others that run` : '';
      const kept = needed + promised <= freeBytes ? `, ${formatSize(reserve)} to be left alone` : '';
      const sizes = `${formatSize(needed)} needed${others}, ${formatSize(freeBytes)} free${kept}`;
      return fail('disk-full', `Not enough space in ${outDir}: ${sizes}`);
    }
    // Nobody would ever give back what is granted to one that is over.
    if (this.#asking.get(record.transfer) === question)
      this.#granted.set(record.transfer, { record, device, sizeBytes });
    return ok(undefined);
  }

  /** It writes no more. */
  release(transfer: number): void {
    this.#asking.delete(transfer);
    this.#before.delete(transfer);
    this.#granted.delete(transfer);
  }

  /** What those that have room on a volume have still to write. */
  #promised(device: string): number {
    let bytes = 0;
    for (const granted of this.#granted.values()) if (granted.device === device) bytes += leftOf(granted);
    return bytes;
  }
}

/** What of a download has its place on the disk already, whether it is verified or not. */
async function placedBytesOf({ request, doneBytes }: TransferRecord): Promise<number> {
  if (request.target.kind === 'tree') return doneBytes;
  try {
    const { blocks } = await stat(partialPaths(request.outDir, request.target.id).part);
    return blocks * 512;
  } catch {
    // There is none, or it cannot be looked at; opening it will say why.
    return 0;
  }
}

/** What is free for what it has not told to be done. */
function freeFor(
  { doneBytes }: TransferRecord,
  { device, freeBytes }: Volume,
  before: Before | undefined,
): number | undefined {
  if (freeBytes === undefined || before?.device !== device) return freeBytes;
  return Math.max(freeBytes, before.freeBytes - (doneBytes - before.doneBytes));
}

function leftOf({ record, sizeBytes }: Granted): number {
  return Math.max(0, sizeBytes - record.doneBytes);
}

/** Of a folder that is still to be made: the volume it will be on. Throws what the disk says. */
export async function volumeOfFolder(folder: string): Promise<Volume> {
  for (let path = folder; ; path = dirname(path)) {
    try {
      const [{ dev }, { bsize, blocks, bavail }] = await Promise.all([stat(path), statfs(path)]);
      // Some file systems do not count their blocks.
      const freeBytes = blocks > 0 ? bavail * bsize : undefined;
      return { device: String(dev), sizeBytes: blocks * bsize, freeBytes };
    } catch (error) {
      if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error;
    }
  }
}
