/**
 * Gathers the newest rows that answer a question from all parts of a cluster, in as many rounds as a page needs.
 * Invariant: of each part all rows down to where it goes on were looked at, so nothing is left out between pages.
 */
import { redisSearchRounds } from '../../core/limits/redis.ts';
import { candidatesPerResult, maxSourcesPerResult } from '../../core/limits/stores.ts';
import type { RedisStretch } from './redis-cursor.ts';
import { packIds, packSize, unpackRow, type RedisRow } from './redis-files.ts';
import type { RedisShards } from './redis-shards.ts';
import type { Plan } from './redis-words.ts';
import type { ContentId, PeerId } from '../../core/ids.ts';
import type { Hit } from '../results.ts';

export interface RedisQuestion {
  readonly plan: Plan;
  readonly ids: readonly ContentId[];
  /** Asks only for what these share, by their parts; undefined asks for everybody's. */
  readonly peers: ReadonlyMap<number, readonly PeerId[]> | undefined;
  /** The smallest and the largest size. */
  readonly sizes: readonly [number, number];
  /** A closer look at what the lists give. */
  readonly accepts: (row: RedisRow) => boolean;
}

export interface RedisCandidates {
  /** Newest first, each row once; a larger `fid` is newer, and means nothing beyond this. */
  readonly hits: readonly Hit[];
  /** Where each part begins, for a page of the same stretch. */
  readonly from: readonly (number | undefined)[];
  /** Where each part goes on; all 0 when nothing is left. */
  readonly next: readonly (number | undefined)[];
  /** Parts that did not answer in time. */
  readonly missing: ReadonlySet<number>;
}

interface Part {
  from: number | undefined;
  next: number | undefined;
  readonly rows: RedisRow[];
  isOpen: boolean;
}

export async function gatherCandidates(
  shards: RedisShards,
  stretch: RedisStretch,
  question: RedisQuestion,
): Promise<RedisCandidates> {
  const endMs = performance.now() + shards.searchMs;
  const most = stretch.limit * candidatesPerResult;
  const sizes = question.sizes.map(packSize);
  const ids = packIds(question.ids);
  const missing = new Set<number>();
  const parts: readonly Part[] = stretch.below.map((below, shard) => {
    const isOpen = below !== 0 && (question.peers?.has(shard) ?? true);
    return { from: isOpen ? below : 0, next: isOpen ? below : 0, rows: [], isOpen };
  });
  let merged: readonly Merged[] = [];
  for (let round = 0; round < redisSearchRounds; round++) {
    const open = parts.filter(({ isOpen }) => isOpen).length;
    const needed = most + 1 - merged.length;
    const leftMs = endMs - performance.now();
    if (open === 0 || needed <= 0 || (round > 0 && leftMs <= 0)) break;
    const quota = Math.min(needed, 2 * Math.ceil(needed / open) + 2);
    const answers = await shards.gather(
      'search',
      (shard) => {
        const part = parts[shard];
        if (part?.isOpen !== true) return undefined;
        const plan = JSON.stringify({ ...question.plan, peers: question.peers?.get(shard) ?? [] });
        return [String(part.next ?? ''), String(quota), ...sizes, plan, ...ids];
      },
      leftMs,
    );
    for (const [shard, part] of parts.entries()) {
      if (!part.isOpen) continue;
      const answer = answers[shard] as readonly [number, number, ...(number | Buffer)[]] | undefined;
      if (answer === undefined) {
        // One that answered before and has no more time goes on with the next page.
        if (round === 0) missing.add(shard);
        part.isOpen = false;
      } else take(part, answer, question.accepts);
    }
    merged = merge(parts);
  }
  for (const { row, shard } of merged.slice(most).toReversed()) {
    const part = parts[shard];
    if (part !== undefined) part.next = row.fid + 1;
  }
  const kept = merged.slice(0, most);
  return {
    hits: kept.map(({ row, copies }, at) => ({ ...row, copies, fid: kept.length - at })),
    from: parts.map(({ from }) => from),
    next: parts.map(({ next }) => next),
    missing,
  };
}

function take(
  part: Part,
  [from, next, ...rows]: readonly [number, number, ...(number | Buffer)[]],
  accepts: RedisQuestion['accepts'],
): void {
  part.from ??= from;
  part.next = next;
  part.isOpen = next > 0;
  for (let at = 0; at < rows.length; at += 3) {
    const row = unpackRow(Number(rows[at]), Number(rows[at + 1]), rows[at + 2] as Buffer);
    if (accepts(row)) part.rows.push(row);
  }
}

interface Merged {
  readonly row: RedisRow;
  readonly shard: number;
  copies: number;
}

/** The rows of all parts, newest first; one that is in several is as old as the oldest of them. */
function merge(parts: readonly Part[]): readonly Merged[] {
  const all = parts.flatMap(({ rows }, shard) =>
    rows.map((row): Merged => ({ row, shard, copies: row.copies })),
  );
  all.sort((a, b) => b.row.cameMs - a.row.cameMs || b.shard - a.shard || b.row.fid - a.row.fid);
  const known = new Map<string, Merged>();
  const merged: Merged[] = [];
  for (const each of all.toReversed()) {
    const key = `${each.row.id}${each.row.sizeBytes}${each.row.path}`;
    const same = known.get(key);
    if (same === undefined) {
      known.set(key, each);
      merged.push(each);
    } else same.copies = Math.min(same.copies + each.copies, maxSourcesPerResult);
  }
  return merged.toReversed();
}
