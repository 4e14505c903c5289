/**
 * How sizes, rates and durations are written and read, on the command line and in queries alike. Multiples are
 * binary: `1K` is 1024 bytes, whether written `1K`, `1KB` or `1KiB`. Invariant: what `formatSize` prints,
 * `parseSize` reads, to within its rounding.
 */
import { fail, ok } from './result.ts';
import type { Result } from './result.ts';

const sizeUnits = ['', 'k', 'm', 'g', 't', 'p'];
const sizePattern = /^(\d+(?:\.\d+)?) ?([kmgtp])?(?:i?b)?$/i;
const durationPattern = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/i;
const durationUnits: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Reads `500`, `10M`, `1.5G`, `4 KiB` as bytes, rounded down. `bad-request` for anything else. */
export function parseSize(text: string): Result<number> {
  const match = sizePattern.exec(text.trim());
  const [, amount, unit = ''] = match ?? [];
  const bytes = Math.floor(Number(amount) * 1024 ** sizeUnits.indexOf(unit.toLowerCase()));
  if (Number.isSafeInteger(bytes)) return ok(bytes);
  return fail('bad-request', `Expected a size such as 500, 10M or 1.5G, got ${JSON.stringify(text)}`);
}

/** Reads a size for every second, `5M` or `5M/s`, as bytes per second. `bad-request` for anything else. */
export function parseRate(text: string): Result<number> {
  const rate = parseSize(text.trim().replace(/ ?\/ ?s$/i, ''));
  if (rate.ok) return rate;
  return fail('bad-request', `Expected a rate such as 500K or 5M per second, got ${JSON.stringify(text)}`);
}

/** Reads `250ms`, `30s`, `5m`, `2h`, `1d` as milliseconds, rounded down. `bad-request` for anything else. */
export function parseDurationMs(text: string): Result<number> {
  const [, amount, unit = ''] = durationPattern.exec(text.trim()) ?? [];
  const ms = Math.floor(Number(amount) * (durationUnits.get(unit.toLowerCase()) ?? Number.NaN));
  if (Number.isSafeInteger(ms)) return ok(ms);
  return fail('bad-request', `Expected a duration such as 30s, 5m or 2h, got ${JSON.stringify(text)}`);
}

/** Writes bytes for people with at most three digits and a binary unit: `512 B`, `1.5 GiB`, `210 MiB`. */
export function formatSize(bytes: number): string {
  const { value, unit } = scale(bytes);
  if (unit === '') return `${Math.floor(value)} B`;
  const digits = value < 9.95 ? 1 : 0;
  const shown = value.toFixed(digits).replace(/\.0$/, '');
  return `${shown} ${unit}iB`;
}

/** Writes bytes for tables, in at most five characters and always three digits of a unit: `512B`, `1.50G`, `210M`. */
export function formatCompactSize(bytes: number): string {
  const { value, unit } = scale(bytes);
  if (unit === '') return `${Math.floor(value)}B`;
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)}${unit}`;
}

/** Half a step below 1000, so that rounding cannot show "1000 KiB". */
function scale(bytes: number): { readonly value: number; readonly unit: string } {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return { value, unit: (sizeUnits[unit] ?? '').toUpperCase() };
}
