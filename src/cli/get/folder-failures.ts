/**
 * Files of a folder that this machine's disk refuses: one line for all that fail alike in one folder. Invariant: each
 * file is in exactly one line, and what is held back is bounded.
 */
import { dirname, sep } from 'node:path';
import { maxFailedFolders } from '../../core/limits/cli.ts';
import type { ProblemCode } from '../../core/result.ts';
import type { DownloadOutcome } from './downloads.ts';
import { failedLine, failedPath, ofPartial } from './outcome-lines.ts';

type Failed = Extract<DownloadOutcome, { readonly ok: false }>;

interface Group {
  readonly first: Failed;
  readonly reason: string;
  files: number;
}

const ofDisk: ReadonlySet<ProblemCode> = new Set(['io', 'disk-full']);

/** What a disk refuses, and where: see `diskProblem`. */
const reasonAndPath = /^(?<reason>.*?): (?<path>\/.*|[A-Za-z]:[\\/].*)$/s;

export class FolderFailures {
  readonly #base: string;
  readonly #groups = new Map<string, Group>();

  /** People see paths relative to `base`. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Takes files that failed; returns the lines that are due at once. */
  take(outcomes: readonly Failed[]): readonly string[] {
    return outcomes.flatMap((outcome) => {
      const { file, problem } = outcome;
      const { folders } = file.target;
      if (folders.length === 0 || !ofDisk.has(problem.code)) return [failedLine(outcome, this.#base)];
      const reason = reasonOf(problem.message);
      const key = JSON.stringify([folders, problem.code, reason]);
      const group = this.#groups.get(key);
      if (group !== undefined) {
        group.files += 1;
        return [];
      }
      const due = this.#groups.size < maxFailedFolders ? [] : this.lines();
      this.#groups.set(key, { first: outcome, reason, files: 1 });
      return due;
    });
  }

  /** The lines that were held back, once. */
  lines(): readonly string[] {
    const groups = [...this.#groups.values()];
    this.#groups.clear();
    return groups.map(({ first, reason, files }) => {
      if (files === 1) return failedLine(first, this.#base);
      const folder = `${dirname(failedPath(first, this.#base))}${sep}`;
      return `Failed    ${folder}: ${files} files: ${reason} (${first.problem.code})`;
    });
  }
}

/** The same for all files of a folder: of the path of a file only its folder. */
function reasonOf(message: string): string {
  const partial = ofPartial.exec(message)?.groups;
  if (partial !== undefined) return `${partial['reason']}: ${partial['folder']}`;
  const { reason, path } = reasonAndPath.exec(message)?.groups ?? {};
  return reason === undefined || path === undefined ? message : `${reason}: ${dirname(path)}`;
}
