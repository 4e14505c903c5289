/**
 * Puts the changes of a share to its part of a cluster, in slices that each take a server a few milliseconds.
 * Invariant: each slice is atomic, removes come first, and a batch that was broken off may be put again.
 */
import type { SharedFile } from '../../core/catalogue.ts';
import { redisFilesPerCall } from '../../core/limits/redis.ts';
import { ok, type Problem, type Result } from '../../core/result.ts';
import type { AddedFile, ShareBatch, ShareChange, ShareState } from '../catalog-store.ts';
import { refusalOf } from '../checks.ts';
import { packAdd, packRemove, packTokens } from './redis-files.ts';
import type { RedisArgument } from './redis-node.ts';
import type { RefusedFiles } from '../refused-files.ts';

type Put = (args: readonly RedisArgument[]) => Promise<Result<readonly unknown[]>>;

/** `most`: files that a share may have. */
export async function applyShare(
  { adds, removes }: ShareBatch,
  most: number,
  refused: RefusedFiles,
  put: Put,
): Promise<Result<ShareChange>> {
  const change = { added: 0, removed: 0, count: 0 };
  const rejected: { index: number; problem: Problem }[] = [];
  const removesBefore = Math.ceil(removes.length / redisFilesPerCall) * redisFilesPerCall;
  // An empty batch is put too: it tells how many files there are.
  for (let at = 0; at === 0 || at < removesBefore + adds.length; at += redisFilesPerCall) {
    const removed = removes.slice(at, at + redisFilesPerCall);
    const first = at - removesBefore;
    const added = first < 0 ? [] : adds.slice(first, first + redisFilesPerCall);
    const reply = await put(argsOf(removed, added, most));
    if (!reply.ok) return reply;
    const [, more, fewer, count, went] = reply.value as readonly [Buffer, number, number, number, Buffer];
    change.added += more;
    change.removed += fewer;
    change.count = count;
    for (const { id, path } of removed) refused.remove(id, path);
    for (const [place, file] of added.entries()) {
      const code = String.fromCharCode(went[place] ?? 0);
      const problem = problemOf(code, file, most);
      if (problem === undefined) continue;
      rejected.push({ index: first + place, problem });
      refused.add(file);
    }
  }
  return ok({ ...change, rejected });
}

/** How a share is, as the library tells it. */
export function stateOf([generation, count, digest]: readonly Buffer[]): ShareState {
  return {
    generation: Number(String(generation)),
    count: Number(String(count)),
    digest: Uint8Array.from(digest ?? []),
  };
}

/** Why a file was not taken, by the letter that the library has for it. */
function problemOf(code: string, file: AddedFile, most: number): Problem | undefined {
  if (code === 'l') return refusalOf(file, most, most);
  if (code === 'b') return refusalOf(file, 0);
  if (code !== 'v') return undefined;
  return { code: 'limit', message: 'Too many sizes are claimed for this content at this path' };
}

function argsOf(
  removes: readonly Pick<SharedFile, 'id' | 'path'>[],
  adds: readonly SharedFile[],
  most: number,
): readonly RedisArgument[] {
  const isTakeable = adds.map((file) => refusalOf(file, 0) === undefined);
  return [
    String(most),
    String(removes.length),
    String(adds.length),
    ...removes.flatMap(packRemove),
    ...adds.flatMap((file, at) => packAdd(file, isTakeable[at] === true)),
    ...packTokens(adds, isTakeable),
  ];
}
