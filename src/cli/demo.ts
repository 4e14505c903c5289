import type { Command } from 'commander';
import { describedCommand, type Run } from './command.ts';
export function demoCommand(run: Run): Command {
  return describedCommand(
    'demo',
    'Run a tracker and four peers with sample files and watch them.',
    'shoal demo',
  ).action(async (_flags: object, command: Command) => run(command, async () => 0));
}
