/** What the view of a running tracker needs of the world. Types only. */
import type { Result } from '../../core/result.ts';
import type { TrackerStats } from '../../core/tracker/tracker-stats.ts';

export interface StatsScreenOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How the tracker is now. */
  readonly ask: () => Promise<Result<TrackerStats>>;
  /** Aborted when the program is to end. */
  readonly signal: AbortSignal;
}
