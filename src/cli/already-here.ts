/**
 * Finds what an earlier run has brought home: a file of the wanted name and content is not fetched again, and a
 * folder of which half is there is not doubled.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { safeName, safePath } from '../core/safe-name.ts';
import type { WantedFile } from './get-target.ts';
import type { CliPorts } from './ports.ts';

/** The path and size of the wanted content where it would be put; undefined when something else, or nothing, is there. */
export async function alreadyHere(
  { hashFiles }: Pick<CliPorts, 'hashFiles'>,
  outDir: string,
  { target, sizeBytes }: WantedFile,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly sizeBytes: number } | undefined> {
  const folders = safePath(target.folders);
  if (!folders.ok) return undefined;
  const file = path.join(outDir, ...folders.value, safeName(target.name));
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  if (sizeBytes !== undefined && found.size !== sizeBytes) return undefined;
  let same = false;
  await hashFiles([file], ({ outcome }) => (same = outcome.ok && outcome.value.id === target.id), signal);
  return same ? { path: file, sizeBytes: found.size } : undefined;
}
