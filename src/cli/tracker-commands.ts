/** `shoal tracker backup` and `reload`: told to the tracker that runs with a folder, by its operator's socket. */
import path from 'node:path';
import type { Command } from 'commander';
import { formatSize } from '../core/quantity.ts';
import { fail, type Result } from '../core/result.ts';
import { displayName } from '../core/safe-name.ts';
import type { TrackerQuestion } from '../core/tracker-stats.ts';
import { describedCommand, failed, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';
import { trackerDataDir } from './tracker-data.ts';
import { counted } from './words.ts';

/** Those of `shoal tracker` that say which one is meant. */
export interface WhichTracker {
  readonly port: number;
  readonly data?: string;
}

/** The folder of the tracker that is meant. */
function folderOf({ ports, settings }: CommandContext, { data, port }: WhichTracker): string {
  return data === undefined ? trackerDataDir(settings, ports, port) : path.resolve(ports.cwd, data);
}

/** Asks it. Where nobody said which folder is meant, and none runs with the usual one, that is said. */
export async function askWhich(
  context: CommandContext,
  which: WhichTracker,
  question: TrackerQuestion,
): Promise<Result<unknown>> {
  const answer = await context.ports.askTracker(folderOf(context, which), question);
  if (answer.ok || answer.problem.code !== 'unreachable' || which.data !== undefined) return answer;
  return fail('unreachable', `${answer.problem.message}; name its folder with --data`);
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
      const flags: WhichTracker & { readonly force?: boolean } = command.optsWithGlobals();
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
    const flags: WhichTracker = command.optsWithGlobals();
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
