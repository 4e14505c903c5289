/**
 * The peers of an SQLite catalogue as others see them: who is online, where, with how much. Invariant: nobody who
 * is away, and no statement stays open after a call.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { PeerSummary, Source } from '../../core/catalogue.ts';
import type { PeerId } from '../../core/ids.ts';
import { maxPeersPerPage } from '../../core/limits/wire.ts';
import { nameKey } from '../../core/peer-name.ts';
import type { PeerPage } from '../catalog-store.ts';
import { bounded } from '../checks.ts';
import { reading } from './sqlite-statements.ts';

type SourceRow = readonly [peer: string, name: string, host: string, port: number, reachable: number | null];
type SummaryRow = readonly [...SourceRow, files: number, bytes: number, key: string];

const columns = 'peer, name, host, port, reachable';
/** Sizes are claims: a few of the largest add up to more than a number holds, which reading would throw at. */
const bytesShown = `min(bytes, ${Number.MAX_SAFE_INTEGER})`;
const summary = `SELECT ${columns}, count, ${bytesShown}, name_key FROM peer WHERE online = 1`;

export class PeerListing {
  readonly #page: StatementSync;
  readonly #one: StatementSync;
  readonly #sources: StatementSync;

  constructor(database: DatabaseSync) {
    this.#page = reading(database, `${summary} AND name_key > ? ORDER BY name_key LIMIT ?`);
    this.#one = reading(database, `${summary} AND (peer = ? OR name_key = ?) ORDER BY peer = ? DESC LIMIT 1`);
    this.#sources = reading(
      database,
      `SELECT ${columns}, pid FROM json_each(?) AS wanted CROSS JOIN peer ON pid = wanted.value AND online = 1`,
    );
  }

  /** Peers whose name's key comes after the cursor. */
  page(cursor: string | undefined, limit: number): PeerPage {
    const most = bounded(limit, maxPeersPerPage);
    const rows = this.#page.all(cursor ?? '', most + 1) as unknown as SummaryRow[];
    const page = rows.slice(0, most);
    return { peers: page.map(summaryOf), cursor: rows.length > most ? page.at(-1)?.[7] : undefined };
  }

  /** By id or name. */
  find(peer: string): PeerSummary | undefined {
    const key = nameKey(peer);
    const row = this.#one.get(peer, key.ok ? key.value : '', peer) as unknown as SummaryRow | undefined;
    return row && summaryOf(row);
  }

  /** Where those of some peers who are online can be reached, by their number. */
  sourcesOf(pids: Iterable<number>): ReadonlyMap<number, Source> {
    const rows = this.#sources.all(JSON.stringify([...pids])) as unknown as [...SourceRow, pid: number][];
    return new Map(rows.map((row) => [row[5], sourceOf(row)]));
  }
}

function sourceOf([peer, name, host, port, reachable]: readonly [...SourceRow, ...unknown[]]): Source {
  return {
    peer: peer as PeerId,
    name,
    host,
    port,
    ...(reachable !== null && { reachable: reachable === 1 }),
  };
}

function summaryOf(row: SummaryRow): PeerSummary {
  return { ...sourceOf(row), files: row[5], bytes: row[6] };
}
