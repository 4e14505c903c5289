/**
 * One source of a content as it is remembered: what came of it, what it did wrong, and what may be expected of it.
 * Invariant: who was only not there is not taken for one that did wrong.
 */
import type { Source } from '../catalogue.ts';
import { unknownSourceBytesPerSecond } from '../limits/downloads.ts';
import type { RateMeter } from '../rates/rate-meter.ts';
import type { Problem, ProblemCode } from '../result.ts';

/** One source as it stands in the book. */
export interface KnownSource {
  readonly source: Source;
  /** It downloads the content itself and is to be asked what it has. */
  readonly isPartial: boolean;
  readonly inUse: boolean;
  /** While in use: when it was last asked for what it has not answered or begun to send. */
  readonly askedMs: number;
  /** While in use: it sends nothing though it should, and when it is given up, in ms since 1970. */
  readonly stallsAtMs: number | undefined;
  readonly receivedBytes: number;
  /** How fast bytes come of it, its pauses included; undefined until it is first in use. */
  readonly meter: RateMeter | undefined;
  /** When it may be tried again; Infinity: never. */
  readonly notBeforeMs: number;
  readonly isBanned: boolean;
  /** Why it was last lost. */
  readonly problem: Problem | undefined;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The same as its book keeps it. */
export interface Known extends Mutable<KnownSource> {
  /** In a row, without a right piece in between. */
  failures: number;
  stalls: number;
  /** Wrong pieces, and pieces it said it had and refused. */
  strikes: number;
  /** What it was believed to be able to give when it was last at work; undefined before. */
  bytesPerSecond: number | undefined;
}

/** Whether there is reason to hope that it can be reached now. */
export function isElsewhere(now: Source, before: Source): boolean {
  const hasBecome = now.reachable === true && before.reachable === false;
  return hasBecome || now.host !== before.host || now.port !== before.port;
}

/** Why a source is lost that is not to blame. */
const notThere: ReadonlySet<ProblemCode | undefined> = new Set([
  'unreachable',
  'timeout',
  'closed',
  undefined,
]);

/** It is tried at once if it was only not there, and neither refused nor did wrong. */
export function comesAnew(known: Known): void {
  if (known.isBanned || known.inUse || !notThere.has(known.problem?.code)) return;
  known.failures = 0;
  known.notBeforeMs = 0;
}

/** One of whom nothing is known yet. */
export function newcomer(source: Source, isPartial: boolean): Known {
  return {
    source,
    isPartial,
    inUse: false,
    askedMs: 0,
    stallsAtMs: undefined,
    receivedBytes: 0,
    meter: undefined,
    notBeforeMs: 0,
    isBanned: false,
    problem: undefined,
    failures: 0,
    stalls: 0,
    strikes: 0,
    bytesPerSecond: undefined,
  };
}

/** What may be expected of a source, in bytes per second: what it gave before, and less with each trouble. */
export function promise({
  bytesPerSecond = unknownSourceBytesPerSecond,
  failures,
  stalls,
  strikes,
}: Known): number {
  return bytesPerSecond / 2 ** Math.min(failures + 2 * (stalls + strikes), 40);
}

/** Whether the source itself said no: asking again soon would only annoy it. A fellow downloader may just begin. */
export function isRefusal({ code }: Problem, { isPartial }: Known): boolean {
  if (code === 'not-shared') return !isPartial;
  return code === 'stale' || code === 'unauthorised' || code === 'version';
}
