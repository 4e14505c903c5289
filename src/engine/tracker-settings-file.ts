/**
 * Where a tracker's operator writes what differs from the built-in limits, and whom and what to deny: `tracker.json`
 * in the tracker's folder. A file that is not there says nothing.
 */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import { maxTrackerSettingsBytes } from '../core/limits/operations.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { noSettings, parseTrackerSettings, type TrackerSettings } from '../core/tracker/tracker-settings.ts';

export function settingsFile(dataDir: string): string {
  return path.join(dataDir, 'tracker.json');
}

/** Reads and checks it; problems name the file, and the place in it where something does not fit. */
export async function loadTrackerSettings(dataDir: string): Promise<Result<TrackerSettings>> {
  const file = settingsFile(dataDir);
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > maxTrackerSettingsBytes)
        return fail('bad-request', `${file}: expected at most ${maxTrackerSettingsBytes} bytes, got ${size}`);
      const settings = parseTrackerSettings(await handle.readFile('utf8'));
      if (settings.ok) return settings;
      return fail(settings.problem.code, `${file}: ${settings.problem.message}`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return hasCode(error, 'ENOENT') ? ok(noSettings) : { ok: false, problem: diskProblem(error, file) };
  }
}
