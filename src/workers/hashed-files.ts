/**
 * What became of the files of a hash job, as it crosses between threads: in columns, as small files come by the
 * hundred thousand, and an object, a stamp and a buffer for each were most of the garbage of sharing them.
 * Invariant: an outcome comes out as it was put in.
 */
import type { ContentId } from '../core/ids.ts';
import { leafBytes } from '../core/swarm/manifest.ts';
import { pieceCount, pieceLengthFor } from '../core/swarm/piece-length.ts';
import type { HashOutcome, HashRequest } from './contract.ts';

/** Plain data. */
export interface HashedFiles {
  /** Of each file; undefined where the outcome is an odd one. */
  readonly ids: readonly (ContentId | undefined)[];
  /** The leaves of all that have an id here, one after the other. */
  readonly leaves: Uint8Array;
  /** By the index of the file: what failed, and what was hashed without being expected to have a stamp. */
  readonly odd: ReadonlyMap<number, HashOutcome>;
}

export function toColumns(files: readonly HashRequest[], outcomes: readonly HashOutcome[]): HashedFiles {
  const ids: (ContentId | undefined)[] = [];
  const odd = new Map<number, HashOutcome>();
  const parts: Uint8Array[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const isPlain = outcome.ok && files[index]?.expected !== undefined;
    ids.push(isPlain ? outcome.value.id : undefined);
    if (isPlain) parts.push(outcome.value.manifest.leaves);
    else odd.set(index, outcome);
  }
  const leaves = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    leaves.set(part, at);
    at += part.length;
  }
  return { ids, leaves, odd };
}

/** In the order of the files that were asked for, one after the other, made as they are asked for. */
export function* outcomesOf(
  files: readonly HashRequest[],
  { ids, leaves, odd }: HashedFiles,
): Generator<HashOutcome> {
  let at = 0;
  for (const [index, { expected }] of files.entries()) {
    const id = ids[index];
    const oddity = odd.get(index);
    if (oddity !== undefined) yield oddity;
    if (id === undefined || expected === undefined) continue;
    const { sizeBytes } = expected;
    const end = at + pieceCount(sizeBytes) * leafBytes;
    const manifest = { sizeBytes, pieceLength: pieceLengthFor(sizeBytes), leaves: leaves.subarray(at, end) };
    yield { ok: true, value: { id, manifest, stamp: expected } };
    at = end;
  }
}
