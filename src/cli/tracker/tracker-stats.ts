/** `shoal tracker stats`: how the tracker that runs with a folder is, as a view of a terminal, lines or JSON. */
import type { Command } from 'commander';
import { trackerViewMs } from '../../core/limits/operations.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { isTrackerStats, type TrackerStats } from '../../core/tracker/tracker-stats.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { askWhich, flagsFor, type WhichTracker } from './tracker-commands.ts';

interface StatsFlags extends WhichTracker {
  readonly once?: boolean;
}

export function trackerStatsCommand(run: Run): Command {
  return describedCommand(
    'stats',
    'Show how the running tracker is, once a second.',
    'shoal tracker stats --data /var/lib/shoal-tracker\nshoal tracker stats --once --json',
  )
    .option('--once', 'look for a second, print that and leave')
    .action(async (_flags: object, command: Command) => {
      const flags = flagsFor<{ readonly once?: boolean }>(command);
      return run(command, (context) => show(context, flags));
    });
}

async function show(context: CommandContext, flags: StatsFlags): Promise<number> {
  const { ports, output, stop } = context;
  const ask = () => look(context, flags);
  const first = await ask();
  if (!first.ok) return failed(context, first.problem);
  const isOnce = flags.once === true;
  if (output.interactive && ports.stdin.isTTY === true && !isOnce) {
    await ports.showTrackerStats({
      stdin: ports.stdin as NodeJS.ReadStream,
      stdout: ports.stdout as NodeJS.WriteStream,
      env: ports.env,
      ask,
      signal: stop.signal,
    });
    return exitCode.done;
  }
  // No other command needs it.
  const { plainStats, ratesBetween } = await import('../../tui/stats/plain-stats.ts');
  let before = first.value;
  for (;;) {
    await ports.wait(trackerViewMs, stop.signal);
    if (stop.signal.aborted) return exitCode.done;
    const next = await ask();
    if (!next.ok) return failed(context, next.problem);
    const rates = ratesBetween(before, next.value);
    before = next.value;
    output.event({ event: 'stats', ...next.value, rates: rates ?? null });
    output.line(...plainStats(next.value, rates, output.columns ?? plainColumns));
    if (isOnce || !output.json) return exitCode.done;
  }
}

/** Where there is no terminal to say. */
const plainColumns = 100;

async function look(context: CommandContext, flags: StatsFlags): Promise<Result<TrackerStats>> {
  const answer = await askWhich(context, flags, { type: 'stats' });
  if (!answer.ok) return answer;
  if (isTrackerStats(answer.value)) return ok(answer.value);
  return fail(
    'version',
    'The running tracker is of another version: use the program that it was started with',
  );
}
