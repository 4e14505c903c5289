/** `shoal stop`: ends the peer of this profile that runs in the background, or on another terminal. */
import type { Command } from 'commander';
import { profileFlags } from './attached.ts';
import { describedCommand, failed, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';

interface StopFlags {
  readonly whenDone?: boolean;
}

export function stopCommand(run: Run): Command {
  return describedCommand('stop', 'Stop the running peer of this profile.', 'shoal stop --when-done')
    .option('--when-done', 'let its downloads end first, and return at once')
    .action(async (flags: StopFlags, command: Command) =>
      run(command, (context) => halt(context, flags.whenDone ?? false)),
    );
}

async function halt(context: CommandContext, whenDone: boolean): Promise<number> {
  const { ports, settings, output, stop } = context;
  const halted = await Promise.race([
    ports.haltEngine(settings.home, whenDone ? 'idle' : 'now'),
    stop.requested.then(() => undefined),
  ]);
  if (halted === undefined) return stop.exitCode('task');
  if (!halted.ok) return failed(context, halted.problem);
  output.event({ event: 'stopped', whenDone });
  output.line(
    whenDone
      ? `It stops when its downloads are done; how far they are: shoal status${profileFlags(context)}`
      : 'Stopped. What was under way goes on when it is started again.',
  );
  return exitCode.done;
}
