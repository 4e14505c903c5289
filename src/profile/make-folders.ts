/**
 * Makes folders that a user has named. Not with Node's `recursive`: where a file system answers ENOENT although
 * the parent is there, as /proc does, that tries without end. Invariant: it ends, whatever the path.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { hasCode } from '../core/disk-problem.ts';

/** Makes the folder and those above it that are missing. Throws what the system says. */
export function makeFolders(folder: string, mode = 0o777): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && statSync(folder).isDirectory()) return;
    const parent = path.dirname(folder);
    if (!hasCode(error, 'ENOENT') || existsSync(parent)) throw error;
    makeFolders(parent, mode);
    mkdirSync(folder, { mode });
  }
}
