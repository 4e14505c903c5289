/**
 * The files of a catalogue in memory: one row for each content, size and path, and who has it. Invariant: a row
 * exists while a known peer shares it, and what is summed up of a peer's share is that of its rows.
 */
import type { PeerSummary, SharedFile, Source } from '../../core/catalogue.ts';
import type { ContentId } from '../../core/ids.ts';
import { maxRowsPerContent, maxSourcesPerResult } from '../../core/limits/stores.ts';
import type { ShareDigest } from '../../core/share/share-digest.ts';
import type { PeerArrival, ShareState } from '../catalog-store.ts';
import { inTurn } from '../checks.ts';
import { wordsOf } from '../file-terms.ts';
import type { RefusedFiles } from '../refused-files.ts';
import type { Copies, Hit } from '../results.ts';

export interface Row extends Omit<Hit, 'copies'> {
  readonly tokens: ReadonlySet<string>;
  readonly holders: Set<Member>;
}

export interface Member {
  readonly pid: number;
  arrival: PeerArrival;
  /** Whether that address was got through to, when somebody tried. */
  reachable: boolean | undefined;
  key: string;
  isOnline: boolean;
  leftMs: number;
  generation: number;
  bytes: number;
  readonly digest: ShareDigest;
  /** By content id and path. */
  readonly share: Map<string, Row>;
  readonly refused: RefusedFiles;
}

export class MemoryRows {
  /** By content id, size and path; in the order of their `fid`. */
  readonly #rows = new Map<string, Row>();
  #lastFid = 0;

  get size(): number {
    return this.#rows.size;
  }

  clear(): void {
    this.#rows.clear();
  }

  /** A member shares a file, which has these terms. Gives how many more it shares. */
  join(member: Member, file: SharedFile, terms: string): 1 {
    const key = rowKey(file);
    const row = this.#rows.get(key) ?? {
      fid: ++this.#lastFid,
      id: file.id,
      path: file.path,
      sizeBytes: file.sizeBytes,
      tokens: wordsOf(terms),
      holders: new Set(),
    };
    this.#rows.set(key, row);
    row.holders.add(member);
    member.share.set(row.id + row.path, row);
    member.digest.add(row);
    member.bytes += row.sizeBytes;
    return 1;
  }

  /** A member shares a row no longer. Gives how many fewer it shares. */
  leave(member: Member, row: Row | undefined): 0 | 1 {
    if (row === undefined) return 0;
    row.holders.delete(member);
    if (row.holders.size === 0) this.#rows.delete(rowKey(row));
    member.share.delete(row.id + row.path);
    member.digest.remove(row);
    member.bytes -= row.sizeBytes;
    return 1;
  }

  /** Rows that somebody online has, newest first. */
  live(): readonly Row[] {
    return [...this.#rows.values()].filter((row) => liveHolders(row).length > 0).toReversed();
  }

  /** Every word of a path, folded, in the order of their bytes. */
  words(): readonly string[] {
    const words = new Set([...this.#rows.values()].flatMap(({ tokens }) => [...tokens]));
    return [...words].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  /** What is shared under a content id with a size. */
  copiesOf(id: ContentId, sizeBytes: number): Copies {
    const rows = this.live()
      .filter((row) => row.id === id && row.sizeBytes === sizeBytes)
      .slice(0, maxRowsPerContent);
    return { paths: rows.map((row) => row.path), sources: sourcesOf(rows, maxSourcesPerResult) };
  }
}

export function isSameAddress(a: PeerArrival, b: PeerArrival): boolean {
  return a.host === b.host && a.port === b.port;
}

export function liveHolders(row: Row): readonly Member[] {
  return [...row.holders].filter((member) => member.isOnline);
}

export function copiesOf(row: Row): number {
  return Math.min(liveHolders(row).length, maxSourcesPerResult);
}

/** Each once, those from `from` on in the order of their arrival first. */
export function sourcesOf(rows: readonly Row[], most: number, from = 0): readonly Source[] {
  const members = new Set(rows.flatMap(liveHolders));
  return [...members]
    .sort((a, b) => inTurn(a.pid, b.pid, from))
    .slice(0, most)
    .map(sourceOf);
}

function sourceOf({ arrival: { peer, name, host, port }, reachable }: Member): Source {
  return { peer, name, host, port, ...(reachable !== undefined && { reachable }) };
}

export function stateOf({ generation, digest }: Member): ShareState {
  return { generation, count: digest.count, digest: digest.digest() };
}

export function summaryOf(member: Member): PeerSummary {
  const { digest, bytes } = member;
  return { ...sourceOf(member), files: digest.count, bytes: Math.min(bytes, Number.MAX_SAFE_INTEGER) };
}

const rowKey = ({ id, sizeBytes, path }: Pick<Row, 'id' | 'sizeBytes' | 'path'>): string =>
  `${id}${sizeBytes}${path}`;
