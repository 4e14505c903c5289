/** Opens a catalogue by its URL: the one place that knows which engines there are. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../core/result.ts';
import type { CatalogStore } from './catalog-store.ts';
import { MemoryStore } from './memory-store.ts';
import { SqliteStore } from './sqlite-store.ts';

/**
 * Opens `memory:` or the SQLite file at a path, made when missing. `bad-request` for a URL of an engine that this
 * version does not have, `io` for a file that cannot be opened.
 */
export async function openStore(url: string): Promise<Result<CatalogStore>> {
  if (url === 'memory:') return ok(new MemoryStore());
  if (/^rediss?:/i.test(url))
    return fail('bad-request', 'Redis stores are not available yet in this version: use memory: or a file');
  if (/^[a-z][a-z0-9+.-]+:/i.test(url))
    return fail('bad-request', `Expected memory: or the path of a file, got ${JSON.stringify(url)}`);
  try {
    mkdirSync(dirname(url), { recursive: true, mode: 0o700 });
    return ok(await SqliteStore.open(url));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail('io', `Cannot open the catalogue ${url}: ${reason}`);
  }
}
