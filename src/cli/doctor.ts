import type { Command } from 'commander';
import { describedCommand, type Run } from './command.ts';
export function doctorCommand(run: Run): Command {
  return describedCommand('doctor', 'Check what works here and what does not.', 'shoal doctor').action(
    async (_flags: object, command: Command) => run(command, async () => 0),
  );
}
