/** A running tracker as plain lines, for pipes and terminals that draw nothing. */
import type { TrackerStats } from '../../core/tracker/tracker-stats.ts';
import { lineText } from '../text/segments.ts';
import { statsLines } from './stats-lines.ts';
import type { StatsRates } from './stats-rates.ts';

export { ratesBetween } from './stats-rates.ts';

export function plainStats(
  stats: TrackerStats,
  rates: StatsRates | undefined,
  columns: number,
): readonly string[] {
  return statsLines({ stats, rates, problem: undefined }, columns).map((line) => lineText(line).trimEnd());
}
