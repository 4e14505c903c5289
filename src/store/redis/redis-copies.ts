/**
 * Gathers what all parts of a cluster know of some contents: their live rows and sources. Invariant: rows newest
 * first and each once, sources in the order of their peers' arrival, that order beginning where it was asked to.
 */
import type { Source } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import { redisContentsPerCall } from '../../core/limits/redis.ts';
import { maxRowsPerContent, maxRowsSeenPerContent } from '../../core/limits/stores.ts';
import { matchesAny, type Term } from '../../core/search/query-match.ts';
import { inTurn } from '../checks.ts';
import {
  packIds,
  packSize,
  unpackRow,
  unpackSource,
  type NumberedSource,
  type RedisRow,
} from './redis-files.ts';
import type { RedisShards } from './redis-shards.ts';

export interface RedisCopies {
  readonly rows: readonly RedisRow[];
  readonly sources: readonly Source[];
}

export interface RedisGathering {
  /** Of each content, in the order asked. */
  readonly copies: readonly RedisCopies[];
  /** A part did not answer in time. */
  readonly isPartial: boolean;
}

export interface CopiesWanted {
  /** A content, and its size when only rows of that count. */
  readonly contents: readonly (readonly [id: ContentId, sizeBytes?: number])[];
  readonly sources: number;
  /** Live holders counted of each row. */
  readonly counted: number;
  /** The number of the peer that sources begin with. */
  readonly from: number;
  /** Rows whose path has any of these are left out. */
  readonly withoutTerms?: readonly Term[];
  /** Parts that would not answer. */
  readonly without?: ReadonlySet<number>;
  /** Default: that of one search. */
  readonly timeoutMs?: number;
}

type Answer = readonly (readonly [
  rows: readonly (readonly [number, number, Buffer])[],
  sources: readonly Parameters<typeof unpackSource>[0][],
])[];

/** What is known of each content. */
export async function gatherCopies(shards: RedisShards, wanted: CopiesWanted): Promise<RedisGathering> {
  const slices: CopiesWanted[] = [];
  for (let at = 0; at < wanted.contents.length; at += redisContentsPerCall)
    slices.push({ ...wanted, contents: wanted.contents.slice(at, at + redisContentsPerCall) });
  const gathered = await Promise.all(slices.map((slice) => gatherSlice(shards, slice)));
  return {
    copies: gathered.flatMap(({ copies }) => copies),
    isPartial: gathered.some(({ isPartial }) => isPartial),
  };
}

async function gatherSlice(shards: RedisShards, wanted: CopiesWanted): Promise<RedisGathering> {
  const { contents, sources, counted, from, without, timeoutMs, withoutTerms = [] } = wanted;
  const ids = packIds(contents.map(([id]) => id));
  const asked = contents.map(([, size], at) =>
    Buffer.concat([ids[at] ?? Buffer.of(), size === undefined ? Buffer.of() : packSize(size)]),
  );
  // Which are left out only we can tell.
  const taken = withoutTerms.length > 0 ? maxRowsSeenPerContent : maxRowsPerContent;
  const bounds = [Math.max(1, sources), from, counted, maxRowsSeenPerContent, taken].map(String);
  const answers = (await shards.gather(
    'holders',
    (shard) => (without?.has(shard) ? undefined : [...bounds, ...asked]),
    timeoutMs,
  )) as readonly (Answer | undefined)[];
  const copies = contents.map((_, at) => {
    const known = answers.flatMap((answer) => answer?.[at] ?? []) as readonly Answer[number][number][];
    return known.length === 0 ? { rows: [], sources: [] } : mergedOf(answers, at, wanted);
  });
  return { copies, isPartial: answers.includes(undefined) };
}

function mergedOf(
  answers: readonly (Answer | undefined)[],
  at: number,
  { sources: most, from, withoutTerms = [] }: CopiesWanted,
): RedisCopies {
  const rows: RedisRow[] = [];
  const sources: NumberedSource[] = [];
  for (const answer of answers) {
    const [knownRows = [], knownSources = []] = answer?.[at] ?? [];
    for (const row of knownRows.map((each) => unpackRow(...each)))
      if (!matchesAny(withoutTerms, row.path)) rows.push(row);
    sources.push(...knownSources.map(unpackSource));
  }
  sources.sort(([a], [b]) => inTurn(a, b, from));
  return { rows: newestOf(rows), sources: sources.slice(0, most).map(([, source]) => source) };
}

/** A row that several parts have is as old as the oldest of them, and has the holders of all. */
function newestOf(rows: RedisRow[]): readonly RedisRow[] {
  rows.sort((a, b) => b.cameMs - a.cameMs || b.fid - a.fid);
  const known = new Map<string, RedisRow>();
  for (const row of rows.toReversed()) {
    const key = `${row.sizeBytes} ${row.path}`;
    const same = known.get(key);
    known.set(key, same === undefined ? row : { ...same, copies: same.copies + row.copies });
  }
  return [...known.values()].toReversed().slice(0, maxRowsPerContent);
}
