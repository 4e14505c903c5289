/**
 * Finds what an earlier run has brought home: a file of the wanted name and content is not fetched again, and a
 * folder of which half is there is not doubled.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { safeName, safePath } from '../core/safe-name.ts';
import type { WantedFile } from './get-target.ts';
import type { CliPorts } from './ports.ts';

export interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Those of the wanted files that are where they would be put, whole and of the right content. */
export async function alreadyHere(
  { hashFiles }: Pick<CliPorts, 'hashFiles'>,
  outDir: string,
  files: readonly WantedFile[],
  signal: AbortSignal,
): Promise<ReadonlyMap<WantedFile, FoundFile>> {
  const candidates = new Map<string, WantedFile>();
  for (const file of files) {
    const candidate = await sameNameAndSize(outDir, file);
    if (candidate !== undefined) candidates.set(candidate, file);
  }
  const here = new Map<WantedFile, FoundFile>();
  if (candidates.size === 0) return here;
  const check: Parameters<CliPorts['hashFiles']>[1] = ({ path, outcome }) => {
    const file = candidates.get(path);
    if (file !== undefined && outcome.ok && outcome.value.id === file.target.id)
      here.set(file, { path, sizeBytes: outcome.value.sizeBytes });
  };
  await hashFiles([...candidates.keys()], check, signal);
  return here;
}

async function sameNameAndSize(
  outDir: string,
  { target, sizeBytes }: WantedFile,
): Promise<string | undefined> {
  const folders = safePath(target.folders);
  if (!folders.ok) return undefined;
  const file = path.join(outDir, ...folders.value, safeName(target.name));
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  return sizeBytes === undefined || found.size === sizeBytes ? file : undefined;
}
