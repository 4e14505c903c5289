/** What a disk that is full lacks for what did not come: how much, and which disk it is. */
import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskReserveFraction, maxDiskReserveBytes } from '../../core/limits/downloads.ts';
import type { ContentId } from '../../core/ids.ts';
import { partialPaths } from '../../profile/open-partial.ts';
import { formatSize } from '../../core/quantity.ts';

export interface FullDisk {
  /** Where it is mounted. */
  readonly disk: string;
  readonly freeBytes: number;
  /** What is still to be written. */
  readonly neededBytes: number;
  /** What has to be made free for that, with what is always left alone. */
  readonly missingBytes: number;
}

/** What was to be put below one folder. */
export interface RefusedFiles {
  readonly sizeBytes: number;
  /** Those that may lie there in part. */
  readonly ids: readonly ContentId[];
}

/** Undefined where the system does not say. `folder` need not exist. */
export async function fullDisk(
  folder: string,
  { sizeBytes, ids }: RefusedFiles,
): Promise<FullDisk | undefined> {
  try {
    const there = await nearest(folder);
    const { bsize, blocks, bavail } = await statfs(there);
    const reserve = Math.min(blocks * bsize * diskReserveFraction, maxDiskReserveBytes);
    const freeBytes = bavail * bsize;
    const neededBytes = Math.max(0, sizeBytes - (await placedBytes(folder, ids)));
    const missingBytes = Math.max(0, Math.ceil(neededBytes + reserve - freeBytes));
    return { disk: await mountPointOf(there), freeBytes, neededBytes, missingBytes };
  } catch {
    return undefined;
  }
}

/** For scripts. */
export function fullDiskEvent({ disk, freeBytes, neededBytes, missingBytes }: FullDisk): object {
  return { event: 'disk-full', disk, free: freeBytes, needed: neededBytes, missing: missingBytes };
}

/** For people. */
export function fullDiskLine({ disk, freeBytes, neededBytes, missingBytes }: FullDisk): string {
  const sizes = `${formatSize(neededBytes)} are still to come, ${formatSize(freeBytes)} are free`;
  return missingBytes === 0
    ? `The disk at ${disk} was full: ${sizes} by now. The same command goes on.`
    : `The disk at ${disk} is full: ${sizes}. With ${formatSize(missingBytes)} more the same command goes on.`;
}

async function placedBytes(folder: string, ids: readonly ContentId[]): Promise<number> {
  let bytes = 0;
  for (const id of ids) {
    const part = await stat(partialPaths(folder, id).part).catch(() => undefined);
    bytes += (part?.blocks ?? 0) * 512;
  }
  return bytes;
}

/** The folder itself, or the nearest above it that is there. */
async function nearest(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

async function mountPointOf(folder: string): Promise<string> {
  const above = dirname(folder);
  if (above === folder) return folder;
  const [{ dev }, { dev: devAbove }] = await Promise.all([stat(folder), stat(above)]);
  return dev === devAbove ? mountPointOf(above) : folder;
}
