/** `shoal stop`: ends the peer of this profile that runs in the background, or on another terminal. */
import { Option, type Command } from 'commander';
import { askRunningPeer, profileFlags } from './attached.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import { exitCode } from '../exit-codes.ts';

interface StopFlags {
  readonly whenDone?: boolean;
  readonly cancel?: boolean;
}

export function stopCommand(run: Run): Command {
  return describedCommand('stop', 'Stop the running peer of this profile.', 'shoal stop --when-done')
    .addOption(
      new Option('--when-done', 'let its downloads end first, and return at once').conflicts('cancel'),
    )
    .option('--cancel', 'take back an earlier --when-done')
    .action(async (flags: StopFlags, command: Command) =>
      run(command, (context) =>
        flags.cancel === true ? keepRunning(context) : halt(context, flags.whenDone ?? false),
      ),
    );
}

/** It goes on when its downloads are done. */
async function keepRunning(context: CommandContext): Promise<number> {
  return askRunningPeer(context, async (session) => {
    session.send({ type: 'stay' });
    // Answered after it was heeded.
    const snapshot = await session.ask('snapshot', {});
    if (!snapshot.ok) return failed(context, snapshot.problem);
    context.output.event({ event: 'stays' });
    context.output.line('It goes on until it is stopped.');
    return exitCode.done;
  });
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
