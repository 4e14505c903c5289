/**
 * One download as it survives a restart, and what of a row of the profile's database can be one. Written by
 * ourselves, and yet by an older or a newer self perhaps, or by a disk that damaged it.
 * Invariant: what is parsed has every field, of its type and in its range.
 */
import type { Source } from '../core/catalogue.ts';
import type { DownloadTarget, DownloadView, PieceOrder, Priority } from '../core/engine/engine-api.ts';
import { decodeId } from '../core/ids.ts';
import type { Problem } from '../core/result.ts';
import type { FolderStamp } from './target-folder.ts';

/** `open`: it goes on by itself. */
export interface StoredTransfer {
  readonly transfer: number;
  readonly target: DownloadTarget;
  readonly outDir: string;
  readonly giveUpAfterMs: number | undefined;
  readonly state: 'open' | 'paused' | 'done' | 'failed' | 'cancelled';
  readonly priority: Priority;
  readonly order: PieceOrder;
  readonly bytesPerSecond: number;
  readonly place: number;
  readonly sizeBytes: number | undefined;
  /** Flushed. */
  readonly keptBytes: number;
  readonly files: DownloadView['files'];
  readonly path: string | undefined;
  readonly problem: Problem | undefined;
  readonly addedMs: number;
  readonly endedMs: number | undefined;
  /** Which folder `outDir` was when it was last written to. */
  readonly folder: FolderStamp | undefined;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber: Check = (value) => Number.isFinite(value);
/** So far from the end of the whole numbers that there is always one more. */
const isPlace: Check = (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 50;
const isId: Check = (value) => typeof value === 'string' && decodeId(value) !== undefined;
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const isSource = record({
  peer: isId,
  name: isText,
  host: isText,
  port: isCount,
  // Said by a tracker of this moment, and worth nothing at the next start.
  reachable: () => true,
} satisfies Record<keyof Source, Check>);

const isContent = record({
  kind: oneOf('content'),
  id: isId,
  name: isText,
  folders: listOf(isText),
  sources: listOf(isSource),
});

const isTree = record({ kind: oneOf('tree'), source: isSource, path: isText });

const isStored = record({
  transfer: isCount,
  target: (value) => isContent(value) || isTree(value),
  outDir: isText,
  giveUpAfterMs: optional(isNumber),
  state: oneOf('open', 'paused', 'done', 'failed', 'cancelled'),
  priority: oneOf('high', 'normal', 'low'),
  order: oneOf('rarest', 'sequential'),
  bytesPerSecond: isCount,
  place: isPlace,
  sizeBytes: optional(isCount),
  keptBytes: isCount,
  files: optional(record({ total: isCount, done: isCount, failed: isCount })),
  path: optional(isText),
  problem: optional(record({ code: isText, message: isText })),
  addedMs: isNumber,
  endedMs: optional(isNumber),
  folder: optional(record({ device: isText, inode: isText })),
} satisfies Record<keyof StoredTransfer, Check>);

/** Undefined when it makes no sense. */
export function parseTransfer(row: Record<string, unknown>): StoredTransfer | undefined {
  const { number, state, place, body } = row;
  try {
    const stored: unknown = { ...JSON.parse(String(body)), transfer: number, state, place };
    return isStored(stored) ? (stored as StoredTransfer) : undefined;
  } catch {
    return undefined;
  }
}
