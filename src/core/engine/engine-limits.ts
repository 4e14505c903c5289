/**
 * What may be set as a limit of an engine: whatever a command, a flag or a profile says is brought into these
 * bounds here. Invariant: what is no number at all changes nothing.
 */
import type { EngineLimits } from './engine-api.ts';
import { maxDownloadsAtOnce, maxUploadSlots } from '../limits/uploads.ts';

/** The bounds of each number, both inclusive. */
const bounds = {
  downloadBytesPerSecond: [0, Number.MAX_SAFE_INTEGER],
  uploadBytesPerSecond: [0, Number.MAX_SAFE_INTEGER],
  uploadSlots: [1, maxUploadSlots],
  downloadsAtOnce: [1, maxDownloadsAtOnce],
  limitsLan: [0, 1],
} as const satisfies Record<keyof EngineLimits, readonly [number, number]>;

const names = Object.keys(bounds) as (keyof EngineLimits)[];

/** Those limits that are given, each within its bounds; `limitsLan` may be given as 0 or 1. */
export function validLimits(given: Readonly<Record<string, unknown>>): Partial<EngineLimits> {
  const valid: Partial<Record<keyof EngineLimits, number | boolean>> = {};
  for (const name of names) {
    const value = Number(given[name] ?? Number.NaN);
    const [least, most] = bounds[name];
    if (Number.isNaN(value)) continue;
    const bounded = Math.min(Math.max(Math.floor(value), least), most);
    valid[name] = name === 'limitsLan' ? bounded === 1 : bounded;
  }
  return valid as Partial<EngineLimits>;
}
