/**
 * Quantities as tables show them: short, of bounded width, and calm. Times are milliseconds since 1970, spans are
 * seconds. Invariant: nothing is 100 % that is not whole, and what is unknown or nothing is `-`, never a 0 that
 * looks like a measurement.
 */
import { formatCompactSize } from '../../core/quantity.ts';

const nothing = '-';
const day = 86_400;
/** What moves less than this, or than the part below, is jitter. */
const jitterSeconds = 2;
const jitterPart = 0.05;

/** `3.71G`; at most 5 cells. */
export const formatBytes = (bytes: number | undefined): string =>
  bytes === undefined ? nothing : formatCompactSize(bytes);

/** `11.8M/s`; at most 7 cells; `-` below a byte a second. */
export const formatSpeed = (bytesPerSecond: number): string =>
  bytesPerSecond < 1 ? nothing : `${formatCompactSize(bytesPerSecond)}/s`;

/** A limit of a speed: 0 is none. */
export const formatLimit = (bytesPerSecond: number): string =>
  bytesPerSecond === 0 ? 'none' : formatSpeed(bytesPerSecond);

/**
 * Percent of a whole, rounded down to `digits`; at most 99 (99.9) unless `verified`. `-` while the whole is unknown.
 */
export function formatPercent(
  done: number,
  whole: number | undefined,
  verified: boolean,
  digits: 0 | 1 = 0,
): string {
  if (verified) return `${(100).toFixed(digits)}%`;
  if (whole === undefined) return nothing;
  const steps = 100 * 10 ** digits;
  const floored = whole === 0 ? 0 : Math.floor((Math.max(0, done) * steps) / whole);
  return `${(Math.min(steps - 1, floored) / 10 ** digits).toFixed(digits)}%`;
}

/** `42s`, `3m05s`, `2h10m`, `9d04h`, `240d`; at most 6 cells. Rounded up: what is left is never 0 before the end. */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(Math.max(0, seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  if (whole < day) return `${Math.floor(whole / 3600)}h${two(Math.floor((whole % 3600) / 60))}m`;
  const days = Math.floor(whole / day);
  if (days < 100) return `${days}d${two(Math.floor((whole % day) / 3600))}h`;
  return days < 10_000 ? `${days}d` : '>9999d';
}

/** The time left, or `-` when nobody knows. */
export const formatEta = (seconds: number | undefined): string =>
  seconds === undefined ? nothing : formatDuration(seconds);

/** The time of day, `14:05` or `14:05:31`, where the user is. */
export function formatClock(atMs: number, withSeconds = false): string {
  const at = new Date(atMs);
  const parts = [at.getHours(), at.getMinutes(), ...(withSeconds ? [at.getSeconds()] : [])];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `14:05` of the last 24 hours, before that `21 Nov`; at most 6 cells. It does not change as long as one looks. */
export function formatWhen(atMs: number | undefined, nowMs: number): string {
  if (atMs === undefined) return nothing;
  if (Math.abs(nowMs - atMs) < day * 1000) return formatClock(atMs);
  const at = new Date(atMs);
  return `${at.getDate()} ${months[at.getMonth()] ?? ''}`;
}

/** `1,204`. */
export const formatCount = (count: number): string => String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');

/** `1 file`, `3 files`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** A time left as it was shown, and when. */
export interface SteadyEta {
  readonly seconds: number;
  readonly atMs: number;
}

/**
 * A time left that counts down evenly: what was shown before goes on by the clock unless the new reckoning is
 * off by more than 2 s and more than 5 %. Undefined while there is none.
 */
export function steadyEta(
  shown: SteadyEta | undefined,
  seconds: number | undefined,
  nowMs: number,
): SteadyEta | undefined {
  if (seconds === undefined) return undefined;
  if (shown === undefined) return { seconds, atMs: nowMs };
  const expected = shown.seconds - (nowMs - shown.atMs) / 1000;
  const tolerated = Math.max(jitterSeconds, expected * jitterPart);
  const steady = expected > 0 && Math.abs(seconds - expected) <= tolerated;
  return { seconds: steady ? expected : seconds, atMs: nowMs };
}

/** `retry in 42s (3)`: when, and how often it has been tried. */
export function retryWords(
  { nextAttemptMs, attempts }: { readonly nextAttemptMs: number | undefined; readonly attempts: number },
  wallMs: number,
): string {
  if (nextAttemptMs === undefined) return '';
  const often = attempts > 1 ? ` (${attempts})` : '';
  const seconds = (nextAttemptMs - wallMs) / 1000;
  return seconds <= 0 ? `trying again${often}` : `retry in ${formatDuration(seconds)}${often}`;
}
