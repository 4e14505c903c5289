/**
 * What a command must look like that comes from another program, by type: the engine's parts rely on it.
 * Invariant: what passes has every field of its type, each of its kind and within its bound.
 */
import type { EngineCommand, EngineLimits } from '../core/engine/engine-api.ts';
import { isId } from '../core/ids.ts';
import { contentsAskedAtOnce } from '../core/limits/cli.ts';
import { maxDownloads } from '../core/limits/downloads.ts';
import { maxJoinedCursorLength } from '../core/limits/tracker-link.ts';
import { maxUploadConnections } from '../core/limits/uploads.ts';
import { maxPathBytes, maxQueryBytes, maxSourcesPerContent } from '../core/limits/wire.ts';

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text =
  (maxLength: number): Check =>
  (value) =>
    typeof value === 'string' && value.length <= maxLength;
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const flag: Check = (value) => typeof value === 'boolean';
const id: Check = (value) => typeof value === 'string' && isId(value);
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const list =
  (check: Check, maxLength: number): Check =>
  (value) =>
    Array.isArray(value) && value.length <= maxLength && value.every(check);

/** Paths of this machine: longer than any system takes. */
const path = text(4 * maxPathBytes);
const words = text(maxQueryBytes);
const transfers = list(count, 2 * maxDownloads);
const source = record({ peer: id, name: words, host: words, port: count });
const target: Check = (value) =>
  record({
    kind: oneOf('content'),
    id,
    name: path,
    folders: list(path, maxPathBytes),
    sources: list(source, maxSourcesPerContent),
  })(value) || record({ kind: oneOf('tree'), source, path })(value);

const limits: Readonly<Record<keyof EngineLimits, Check>> = {
  downloadBytesPerSecond: maybe(count),
  uploadBytesPerSecond: maybe(count),
  uploadSlots: maybe(count),
  downloadsAtOnce: maybe(count),
  limitsLan: maybe(flag),
};

type Shapes = {
  readonly [Type in EngineCommand['type']]: Readonly<
    Record<Exclude<keyof Extract<EngineCommand, { readonly type: Type }>, 'type'>, Check>
  >;
};

const shapes: Shapes = {
  pause: { transfers },
  resume: { transfers },
  cancel: { transfers },
  retry: { transfers },
  'find-sources': { transfers },
  remove: { transfers, deletesData: flag },
  prioritise: { transfers, priority: oneOf('high', 'normal', 'low') },
  move: { transfers, to: oneOf('up', 'down', 'top', 'bottom') },
  limit: { transfers, bytesPerSecond: count },
  'limit-uploads': { uploads: list(count, 2 * maxUploadConnections), bytesPerSecond: count },
  'order-pieces': { transfers, order: oneOf('rarest', 'sequential') },
  search: { requestId: count, query: words, limit: count, cursor: maybe(text(maxJoinedCursorLength)) },
  'find-name': { requestId: count, name: path },
  'find-contents': { requestId: count, ids: list(id, contentsAskedAtOnce) },
  peers: { requestId: count },
  'find-peer': { requestId: count, peer: words },
  browse: { requestId: count, peer: words, path, recursive: flag },
  shared: { requestId: count },
  'share-entries': { requestId: count, path },
  'add-share': { requestId: count, folder: path },
  'remove-share': { requestId: count, folder: path },
  rescan: { folder: maybe(path) },
  download: {
    requestId: count,
    target,
    outDir: path,
    bytesPerSecond: count,
    sizeBytes: maybe(count),
    priority: maybe(oneOf('high', 'normal', 'low')),
    order: maybe(oneOf('rarest', 'sequential')),
    giveUpAfterMs: maybe(count),
  },
  details: { requestId: count, transfer: count },
  'set-limits': { limits: record(limits) },
  block: { peer: id, name: words },
  unblock: { peer: id, name: words },
  disconnect: { peer: id },
  snapshot: { requestId: count },
  stop: { when: oneOf('now', 'idle') },
  stay: {},
};

/** Whether it is one of the contract's commands. */
export function checkCommand(value: unknown): value is EngineCommand {
  if (!isRecord(value) || typeof value['type'] !== 'string') return false;
  const { type } = value;
  return Object.hasOwn(shapes, type) && record(shapes[type as EngineCommand['type']])(value);
}

function record(shape: Shape): Check {
  const entries = Object.entries(shape);
  return (value) => isRecord(value) && entries.every(([field, check]) => check(value[field]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
