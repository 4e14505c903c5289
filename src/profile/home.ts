/**
 * Where a profile keeps its things: one folder, ours alone, with the layout given here and nowhere else.
 */
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { fileProblem } from '../content/file-problem.ts';
import { ok, type Result } from '../core/result.ts';
import { makeFolders } from './make-folders.ts';

export interface HomeLayout {
  readonly home: string;
  /** Hash cache, share index, download journal. */
  readonly database: string;
}

export function homeLayout(home: string): HomeLayout {
  return { home, database: path.join(home, 'profile.sqlite') };
}

/** Makes the folder if it is missing, and readable by nobody else. Problems as of `fileProblem`. */
export function prepareHome(home: string): Result<HomeLayout> {
  try {
    makeFolders(home, 0o700);
    chmodSync(home, 0o700);
  } catch (error) {
    return { ok: false, problem: fileProblem(error) };
  }
  return ok(homeLayout(home));
}
