/** Opens a catalogue by its URL: the one place that knows which engines there are. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../core/result.ts';
import type { ThreadCounters } from '../core/tracker/tracker-counters.ts';
import type { CatalogReader, CatalogStore, StorePatience } from './catalog-store.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { SqliteReader } from './sqlite/sqlite-reader.ts';
import { SqliteStore } from './sqlite/sqlite-store.ts';

const redisUrl = /^rediss?:/i;

/**
 * Opens `memory:`, the catalogue on a Redis Cluster (`redis://`, `rediss://`) or the SQLite file at a path, made when
 * missing. `bad-request` for a URL of an engine that this version does not have, `io` for a file that cannot be
 * opened; `unreachable`, `unauthorised` and `version` of Redis. `counters`: where it counts what servers are asked.
 * `patience`: with servers that are busy, and with a file of another version, which is emptied.
 */
export async function openStore(
  url: string,
  counters?: ThreadCounters,
  patience?: StorePatience,
): Promise<Result<CatalogStore>> {
  if (url === 'memory:') return ok(new MemoryStore());
  if (redisUrl.test(url))
    return (await import('./redis/redis-engine.ts')).openRedisStore(url, undefined, counters, patience);
  return atPath(url, async (path) => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return SqliteStore.open(path, Date.now(), patience);
  });
}

/** Whether `openReader` can open it beside the one who writes: threads of their own for searching are of use. */
export function hasReaders(url: string): boolean {
  return redisUrl.test(url) || !/^[a-z][a-z0-9+.-]+:/i.test(url);
}

/**
 * Opens a catalogue for looking things up beside the one that has it open for writing. `bad-request`: it can only
 * be read where it is written (`memory:`), or see `openStore`; `io`: nobody has made it yet, or it cannot be read.
 */
export async function openReader(
  url: string,
  counters?: ThreadCounters,
  patience?: StorePatience,
): Promise<Result<CatalogReader>> {
  if (url === 'memory:') return fail('bad-request', 'A catalogue in memory is read where it is kept');
  if (redisUrl.test(url))
    return (await import('./redis/redis-engine.ts')).openRedisReader(url, counters, patience);
  return atPath(url, async (path) => SqliteReader.open(path));
}

async function atPath<T>(url: string, open: (path: string) => Promise<T>): Promise<Result<T>> {
  if (/^[a-z][a-z0-9+.-]+:/i.test(url))
    return fail(
      'bad-request',
      `Expected memory:, redis:// or the path of a file, got ${JSON.stringify(url)}`,
    );
  try {
    return ok(await open(url));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail('io', `Cannot open the catalogue ${url}: ${reason}`);
  }
}
