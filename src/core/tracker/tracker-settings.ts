/**
 * What an operator writes into a tracker's `tracker.json`, checked: limits other than the built-in ones, and whom
 * and what to deny. Invariant: settings that do not fit are refused as a whole, with the place, what was expected
 * and what came; a slip of the pen never takes a limit away.
 */
import { nothingDenied, phraseQuery, type DenyRules } from './deny-list.ts';
import { isId } from '../ids.ts';
import {
  maxDeniedAddresses,
  maxDeniedIds,
  maxDeniedWords,
  maxShownValueLength,
  mostTrackerConnections,
} from '../limits/operations.ts';
import { maxHeartbeatMs } from '../limits/wire.ts';
import { parseNetwork } from '../network.ts';
import { fail, ok, type Result } from '../result.ts';
import type { TrackerLimits } from './tracker-api.ts';

export interface TrackerSettings {
  /** Only those that were written. */
  readonly limits: Partial<TrackerLimits>;
  readonly deny: DenyRules;
}

export const noSettings: TrackerSettings = { limits: {}, deny: nothingDenied };

const dayMs = 24 * 60 * 60 * 1_000;

/** What may be set, and be changed while the tracker runs: whole numbers, both bounds inclusive. */
export const limitRanges = {
  maxConnections: [1, mostTrackerConnections],
  maxConnectionsPerHost: [1, mostTrackerConnections],
  maxConnectionsPerNetwork: [1, mostTrackerConnections],
  maxPendingHandshakes: [1, mostTrackerConnections],
  handshakeTimeoutMs: [1_000, 60_000],
  heartbeatMs: [1_000, maxHeartbeatMs],
  leaseMs: [3_000, 3 * maxHeartbeatMs],
  retainMs: [0, 365 * dayMs],
  maxFilesAway: [0, 1_000_000_000],
  searchesPerSecond: [1, 1_000_000],
  searchBurst: [1, 1_000_000],
} as const satisfies Partial<Record<keyof TrackerLimits, readonly [min: number, max: number]>>;

type SettableLimit = keyof typeof limitRanges;

/** Reads the text of a settings file; `bad-request` says what does not fit, and where. */
export function parseTrackerSettings(text: string): Result<TrackerSettings> {
  try {
    return ok(settingsOf(parseJson(text)));
  } catch (error) {
    if (error instanceof Misfit) return fail('bad-request', error.message);
    throw error;
  }
}

/** Whether limits go together; `bad-request` says which do not. */
export function checkLimits(limits: TrackerLimits): Result<TrackerLimits> {
  const { heartbeatMs, leaseMs, searchBurst, searchesPerSecond } = limits;
  if (leaseMs < 2 * heartbeatMs)
    return fail(
      'bad-request',
      `limits.leaseMs (${leaseMs}) must be at least twice limits.heartbeatMs (${heartbeatMs}): one lost ping is no death`,
    );
  if (searchBurst < searchesPerSecond)
    return fail(
      'bad-request',
      `limits.searchBurst (${searchBurst}) must be at least limits.searchesPerSecond (${searchesPerSecond})`,
    );
  return ok(limits);
}

class Misfit extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Misfit(`expected JSON: ${(error as Error).message}`, { cause: error });
  }
}

function settingsOf(value: unknown): TrackerSettings {
  const { limits = {}, deny = {} } = fieldsOf(value, '', ['limits', 'deny']);
  return { limits: limitsOf(limits), deny: denyOf(deny) };
}

function limitsOf(value: unknown): Partial<TrackerLimits> {
  const names = Object.keys(limitRanges) as SettableLimit[];
  const written = fieldsOf(value, 'limits', names);
  const limits: Partial<Record<SettableLimit, number>> = {};
  for (const name of names) {
    const limit = written[name];
    if (limit === undefined) continue;
    const [min, max] = limitRanges[name];
    if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < min || limit > max)
      throw misfit(`limits.${name}`, `a whole number from ${min} to ${max}`, limit);
    limits[name] = limit;
  }
  return limits;
}

function denyOf(value: unknown): DenyRules {
  const { addresses, peers, contents, words } = fieldsOf(value, 'deny', Object.keys(nothingDenied));
  return {
    addresses: listOf(
      addresses,
      'addresses',
      maxDeniedAddresses,
      isNetwork,
      'an address or network, such as 192.0.2.0/24',
    ),
    peers: listOf(peers, 'peers', maxDeniedIds, isId, 'the id of a peer') as DenyRules['peers'],
    contents: listOf(contents, 'contents', maxDeniedIds, isId, 'a content id') as DenyRules['contents'],
    words: listOf(words, 'words', maxDeniedWords, isFindable, 'words that a search could find'),
  };
}

const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;
const isFindable = (text: string): boolean => phraseQuery(text) !== undefined;

function listOf(
  value: unknown,
  name: string,
  most: number,
  fits: (text: string) => boolean,
  expected: string,
): readonly string[] {
  const place = `deny.${name}`;
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw misfit(place, 'a list', value);
  if (value.length > most)
    throw new Misfit(`${place}: expected at most ${most} entries, got ${value.length}`);
  return value.map((entry: unknown, at) => {
    if (typeof entry !== 'string' || !fits(entry)) throw misfit(`${place}[${at}]`, expected, entry);
    return entry;
  });
}

/** An object with these fields and no others. */
function fieldsOf(value: unknown, place: string, known: readonly string[]): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw misfit(place === '' ? 'the file' : place, 'an object', value);
  for (const name of Object.keys(value))
    if (!known.includes(name))
      throw new Misfit(
        `${place === '' ? '' : `${place}.`}${name}: there is no such setting; expected ${known.join(', ')}`,
      );
  return value as Fields;
}

function misfit(place: string, expected: string, got: unknown): Misfit {
  const text = JSON.stringify(got) ?? 'nothing';
  return new Misfit(
    `${place}: expected ${expected}, got ${text.length > maxShownValueLength ? `${text.slice(0, maxShownValueLength)}…` : text}`,
  );
}
