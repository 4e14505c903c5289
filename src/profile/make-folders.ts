/**
 * Makes folders that a user has named. Not with Node's `recursive`: where a file system answers ENOENT although
 * the parent is there, as /proc does, that tries without end. Invariant: it ends, whatever the path.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { hasCode } from '../core/disk-problem.ts';

/** Makes the folder and those above it that are missing. Throws what the system says; EPERM where none can be made. */
export function makeFolders(folder: string, mode = 0o777): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (hasCode(error, 'EEXIST') && statSync(folder).isDirectory()) return;
    const parent = path.dirname(folder);
    if (!hasCode(error, 'ENOENT')) throw error;
    if (existsSync(parent)) throw refusal(folder, error);
    makeFolders(parent, mode);
    mkdirSync(folder, { mode });
  }
}

/** What is missing is not the folder above it: `ENOENT` would say that something was not found. */
const refusal = (folder: string, cause: unknown): Error =>
  Object.assign(new Error(`No folder can be made there: ${folder}`, { cause }), { code: 'EPERM' });
