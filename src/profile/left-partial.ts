/**
 * What an earlier run left of an unfinished download, for whoever does not open it. Invariant: nothing is removed that
 * somebody is at work on.
 */
import { diskProblem } from '../core/disk-problem.ts';
import type { ContentId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import { realDisk } from './disk.ts';
import { partialPaths, removePartial } from './open-partial.ts';
import { readManifest } from './stored-manifest.ts';

/** The manifest that an earlier run left in this folder, proved. */
export function leftManifest(outDir: string, id: ContentId): Promise<Manifest | undefined> {
  return readManifest(partialPaths(outDir, id).manifest, id);
}

/** Removes what an earlier run left. Problems: `busy` while somebody is at work on it, and what the disk says. */
export async function discardLeft(outDir: string, id: ContentId): Promise<Result<void>> {
  try {
    if (await removePartial(realDisk, outDir, id)) return ok(undefined);
    return fail('busy', `Another download of the same content is under way in ${outDir}`);
  } catch (error) {
    return { ok: false, problem: diskProblem(error, partialPaths(outDir, id).part) };
  }
}
