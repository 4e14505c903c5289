/**
 * Whether there is room on the disk for what downloads have still to write. Before one starts, what all that
 * run on the same volume need is counted together, with what comes before it in the queue, and some is left for others.
 * Invariant: a download has room here from when it was granted until it is released.
 */
import { readdir, stat, statfs } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { diskProblem, hasCode } from '../../../core/disk-problem.ts';
import { diskReserveFraction, maxDiskReserveBytes, maxUntoldBytes } from '../../../core/limits/downloads.ts';
import { formatSize } from '../../../core/quantity.ts';
import { ok, type Problem, type Result } from '../../../core/result.ts';
import { partialFolderOf, partialPaths } from '../../../profile/open-partial.ts';
import { leftoverBytes } from '../../../profile/staging.ts';
import type { TransferRecord } from './transfer-record.ts';
import { keyOf } from '../trees/tree-disk.ts';

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
  /** What others had told of writing there. */
  readonly othersBytes: number;
}

interface Granted {
  readonly record: TransferRecord;
  readonly device: string;
  readonly sizeBytes: number;
  /** Done when it was granted. */
  readonly doneBytes: number;
}

export class DiskRoom {
  readonly #granted = new Map<number, Granted>();
  /** Those that are asked for now, each with the question that counts. */
  readonly #asking = new Map<number, symbol>();
  readonly #before = new Map<number, Promise<Before | undefined>>();
  /** What was written by those that had room, by volume … */
  readonly #written = new Map<string, number>();
  /** … and what of it one that is not over has written itself. */
  readonly #writtenSelf = new Map<number, number>();
  readonly #volumeOf: (folder: string) => Promise<Volume>;

  constructor(volumeOf: (folder: string) => Promise<Volume> = volumeOfFolder) {
    this.#volumeOf = volumeOf;
  }

  /**
   * One that writes before it is known how much it will be is about to: what it puts on the disk from now on is not
   * counted as missing there, whether it has told of it or not.
   */
  begins(record: TransferRecord): void {
    const { transfer, request, doneBytes } = record;
    const before = this.#volumeOf(request.outDir).then(
      ({ device, freeBytes }) => {
        const othersBytes = this.#writtenByOthers(device, transfer);
        return freeBytes === undefined ? undefined : { device, freeBytes, doneBytes, othersBytes };
      },
      () => undefined,
    );
    this.#before.set(transfer, before);
  }

  /** Whether room is kept for it. */
  has({ transfer }: TransferRecord): boolean {
    return this.#granted.has(transfer);
  }

  /**
   * Keeps room for the whole of a download of `sizeBytes`, less what has its place on the disk. Asked again, the
   * answer is as of now. `ahead`: those that are to have room first, in their order; one that will not fit keeps nothing
   * from those after it. `wholeBytes`: of a tree, those of its files that are whole. Problems: `disk-full`, and what the disk says.
   */
  async ask(
    record: TransferRecord,
    sizeBytes: number,
    ahead: readonly TransferRecord[] = [],
    wholeBytes?: number,
  ): Promise<Result<void>> {
    const { outDir } = record.request;
    const question = Symbol();
    this.#asking.set(record.transfer, question);
    this.#takeBack(record.transfer);
    let volume: Volume;
    let placedBytes: number;
    let before: Before | undefined;
    let onSame: readonly TransferRecord[];
    try {
      [volume, placedBytes, before] = await Promise.all([
        this.#volumeOf(outDir),
        placedBytesOf(record, wholeBytes),
        this.#before.get(record.transfer),
      ]);
      onSame = await this.#onVolume(volume.device, outDir, ahead);
    } catch (error) {
      return { ok: false, problem: diskProblem(error, outDir) };
    }
    const { device } = volume;
    const freeBytes = freeFor(record, volume, before, this.#writtenByOthers(device, record.transfer));
    const needed = Math.max(0, sizeBytes - placedBytes);
    const promised = this.#promised(device);
    let first = 0;
    for (const other of onSame) {
      const left = this.has(other) ? 0 : leftOf(other);
      if (!problemOf(other.request.outDir, { needed: left, promised, ahead: first }, volume)) first += left;
    }
    const problem = problemOf(outDir, { needed, promised, ahead: first }, { ...volume, freeBytes });
    if (problem) return { ok: false, problem };
    // Nobody would ever give back what is granted to one that is over.
    if (this.#asking.get(record.transfer) === question)
      this.#granted.set(record.transfer, { record, device, sizeBytes, doneBytes: record.doneBytes });
    return ok(undefined);
  }

  /**
   * Which of those that wait will not fit, with why: in their order, after what room is kept for. One that will not
   * keeps nothing from those after it; those whose size nobody knows are passed over.
   */
  async lookAhead(waiting: readonly TransferRecord[]): Promise<ReadonlyMap<number, Problem>> {
    const folders = new Map<string, { readonly volume: Volume; readonly parts: ReadonlySet<string> }>();
    for (const { request } of waiting) {
      const { outDir } = request;
      if (folders.has(outDir)) continue;
      try {
        folders.set(outDir, { volume: await this.#volumeOf(outDir), parts: await partsIn(outDir) });
      } catch (error) {
        // Whoever is to write there will say what is wrong with it.
        diskProblem(error, outDir);
      }
    }
    const needs: { readonly record: TransferRecord; readonly volume: Volume; readonly needed: number }[] = [];
    for (const record of waiting) {
      const { volume, parts } = folders.get(record.request.outDir) ?? {};
      if (!volume || !parts || record.sizeBytes === undefined) continue;
      const placed = mayHavePart(record, parts) ? await placedBytesOf(record) : record.doneBytes;
      needs.push({ record, volume, needed: Math.max(0, record.sizeBytes - placed) });
    }
    const problems = new Map<number, Problem>();
    const taken = new Map<string, number>();
    for (const { record, volume, needed } of needs) {
      if (this.has(record)) continue;
      const ahead = taken.get(volume.device) ?? 0;
      const promised = this.#promised(volume.device);
      const problem = problemOf(record.request.outDir, { needed, promised, ahead }, volume);
      if (problem) problems.set(record.transfer, problem);
      else taken.set(volume.device, ahead + needed);
    }
    return problems;
  }

  /** It writes no more. */
  release(transfer: number): void {
    this.#asking.delete(transfer);
    this.#before.delete(transfer);
    this.#takeBack(transfer);
    this.#writtenSelf.delete(transfer);
  }

  #takeBack(transfer: number): void {
    const granted = this.#granted.get(transfer);
    if (!granted) return;
    this.#granted.delete(transfer);
    const { device } = granted;
    const bytes = writtenBy(granted);
    this.#written.set(device, (this.#written.get(device) ?? 0) + bytes);
    this.#writtenSelf.set(transfer, (this.#writtenSelf.get(transfer) ?? 0) + bytes);
  }

  /** What others have told of writing to a volume while they had room: it only counts by how much that grows. */
  #writtenByOthers(device: string, transfer: number): number {
    let bytes = (this.#written.get(device) ?? 0) - (this.#writtenSelf.get(transfer) ?? 0);
    for (const [other, granted] of this.#granted)
      if (other !== transfer && granted.device === device) bytes += writtenBy(granted);
    return bytes;
  }

  /** What those that have room on a volume have still to write. */
  #promised(device: string): number {
    let bytes = 0;
    for (const { record, device: on, sizeBytes } of this.#granted.values())
      if (on === device) bytes += Math.max(0, sizeBytes - record.doneBytes);
    return bytes;
  }

  /** Those of them that go to a volume, to which `folder` belongs. */
  async #onVolume(
    device: string,
    folder: string,
    records: readonly TransferRecord[],
  ): Promise<readonly TransferRecord[]> {
    const devices = new Map([[folder, device]]);
    for (const { request } of records)
      if (!devices.has(request.outDir))
        devices.set(
          request.outDir,
          await this.#volumeOf(request.outDir).then(
            (volume) => volume.device,
            () => '',
          ),
        );
    return records.filter(({ request }) => devices.get(request.outDir) === device);
  }
}

interface Wanted {
  readonly needed: number;
  /** For those that have room. */
  readonly promised: number;
  /** For those that wait, and come first. */
  readonly ahead: number;
}

function problemOf(
  outDir: string,
  { needed, promised, ahead }: Wanted,
  { sizeBytes, freeBytes }: Volume,
): Problem | undefined {
  const wanted = needed + promised + ahead;
  const reserve = Math.min(sizeBytes * diskReserveFraction, maxDiskReserveBytes);
  if (freeBytes === undefined || needed === 0 || wanted + reserve <= freeBytes) return undefined;
  const running = promised > 0 ? `, ${formatSize(promised)} for others that run` : '';
  const first = ahead > 0 ? `, ${formatSize(ahead)} for others that come first` : '';
  const kept = wanted <= freeBytes ? `, ${formatSize(reserve)} to be left alone` : '';
  const sizes = `${formatSize(needed)} needed${running}${first}, ${formatSize(freeBytes)} free${kept}`;
  return { code: 'disk-full', message: `Not enough space in ${outDir}: ${sizes}` };
}

/** Names of what earlier runs have left for downloads into a folder. */
async function partsIn(outDir: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(partialFolderOf(outDir)));
  } catch {
    return new Set();
  }
}

function mayHavePart({ request }: TransferRecord, names: ReadonlySet<string>): boolean {
  const { target, outDir } = request;
  return target.kind === 'content' && names.has(basename(partialPaths(outDir, target.id).part));
}

/**
 * What of a download has its place on the disk already, whether it is verified or not. `wholeBytes`: of a tree, those of
 * its files that are whole; not told, what it has done is all that is known.
 */
async function placedBytesOf({ request, doneBytes }: TransferRecord, wholeBytes?: number): Promise<number> {
  const { target, outDir } = request;
  if (target.kind === 'tree')
    return wholeBytes === undefined ? doneBytes : wholeBytes + (await leftoverBytes(outDir, keyOf(target)));
  try {
    const { blocks } = await stat(partialPaths(outDir, target.id).part);
    return blocks * 512;
  } catch {
    // There is none, or it cannot be looked at; opening it will say why.
    return 0;
  }
}

const writtenBy = ({ record, doneBytes }: Granted): number => record.doneBytes - doneBytes;

/**
 * What is free for what it has not told to be done: what it has written without telling is, as far as it may be its own,
 * and what others have written since it began is not.
 */
function freeFor(
  { doneBytes }: TransferRecord,
  { device, freeBytes }: Volume,
  before: Before | undefined,
  othersBytes: number,
): number | undefined {
  if (freeBytes === undefined || before?.device !== device) return freeBytes;
  const toldBytes = doneBytes - before.doneBytes + (othersBytes - before.othersBytes);
  return Math.max(freeBytes, Math.min(before.freeBytes - toldBytes, freeBytes + maxUntoldBytes));
}

function leftOf({ sizeBytes = 0, doneBytes }: TransferRecord): number {
  return Math.max(0, sizeBytes - doneBytes);
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
