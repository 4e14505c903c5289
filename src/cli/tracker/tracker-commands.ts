/** `shoal tracker backup` and `reload`: told to the tracker that runs with a folder, by its operator's socket. */
import path from 'node:path';
import type { Command } from 'commander';
import { formatSize } from '../../core/quantity.ts';
import { fail, type Result } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import type { TrackerQuestion } from '../../core/tracker/tracker-stats.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { embeddedTrackerDataDir, knownTrackerDirs, trackerDataDir } from './tracker-data.ts';
import { counted, shellWord } from '../words.ts';

/** Those of `shoal tracker` that say which one is meant. */
export interface WhichTracker {
  readonly port: number;
  /** Whether somebody said so. */
  readonly isPortGiven: boolean;
  readonly data?: string;
}

/** The flags of one of them, with those that say which tracker is meant. */
export function flagsFor<Flags extends object>(command: Command): Flags & WhichTracker {
  const flags: Flags & Omit<WhichTracker, 'isPortGiven'> = command.optsWithGlobals();
  return { ...flags, isPortGiven: command.getOptionValueSourceWithGlobals('port') !== 'default' };
}

/**
 * Asks it. Where nobody said which folder is meant it is the usual one, then that of a peer's tracker at that port,
 * then the only one of this machine that runs in a usual place; where none does, or several do, that is said.
 */
export async function askWhich(
  context: CommandContext,
  { data, port, isPortGiven }: WhichTracker,
  question: TrackerQuestion,
): Promise<Result<unknown>> {
  const { ports, settings } = context;
  if (data !== undefined) return ports.askTracker(path.resolve(ports.cwd, data), question);
  const answer = await ports.askTracker(trackerDataDir(settings, ports, port), question);
  if (answer.ok || answer.problem.code !== 'unreachable') return answer;
  const embedded = embeddedTrackerDataDir(ports, port);
  const known = isPortGiven ? [embedded] : [embedded, ...(await knownTrackerDirs(ports))];
  const running: string[] = [];
  for (const folder of new Set(known))
    if ((await ports.askTracker(folder, { type: 'stats' })).ok) running.push(folder);
  const [only] = running;
  if (only === undefined)
    return fail('unreachable', `${answer.problem.message}; name its folder with --data`);
  if (running.length === 1 || only === embedded) return ports.askTracker(only, question);
  const folders = running.map(shellWord).join(', ');
  return fail('unreachable', `Several trackers run here; name one with --data: ${folders}`);
}

export function backupCommand(run: Run): Command {
  return describedCommand(
    'backup',
    'Copy the catalogue of the running tracker to a file, while it goes on.',
    'shoal tracker backup --data /var/lib/shoal-tracker /backups/catalogue.sqlite',
  )
    .argument('<file>', 'where to')
    .option('--force', 'replace the file if there is one')
    .action(async (file: string, _flags: object, command: Command) => {
      const flags = flagsFor<{ readonly force?: boolean }>(command);
      return run(command, async (context) => {
        const target = path.resolve(context.ports.cwd, file);
        const question = { type: 'backup', path: target, force: flags.force ?? false } as const;
        const answer = await askWhich(context, flags, question);
        if (!answer.ok) return failed(context, answer.problem);
        const { sizeBytes, tookMs } = answer.value as { readonly sizeBytes: number; readonly tookMs: number };
        context.output.event({ event: 'backup', path: target, size: sizeBytes, seconds: tookMs / 1_000 });
        context.output.line(
          `${displayName(target)}: ${formatSize(sizeBytes)} in ${(tookMs / 1_000).toFixed(1)} s`,
        );
        return exitCode.done;
      });
    });
}

export function reloadCommand(run: Run): Command {
  return describedCommand(
    'reload',
    'Have the running tracker read its tracker.json again.',
    'shoal tracker reload --data /var/lib/shoal-tracker',
  ).action(async (_flags: object, command: Command) => {
    const flags = flagsFor(command);
    return run(command, async (context) => {
      const answer = await askWhich(context, flags, { type: 'reload' });
      if (!answer.ok) return failed(context, answer.problem);
      const { file, changed, denied } = answer.value as {
        readonly file: string;
        readonly changed: readonly string[];
        readonly denied: number;
      };
      context.output.event({ event: 'reloaded', file, changed, denied });
      const limits = changed.length === 0 ? 'no limit has changed' : `changed: ${changed.join(', ')}`;
      context.output.line(`${displayName(file)}: ${limits}; ${counted(denied, 'entry', 'entries')} denied`);
      return exitCode.done;
    });
  });
}
