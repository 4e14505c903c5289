/** `shoal list`: what this profile shares, from its index on the disk, whether its peer runs or not. */
import type { Command } from 'commander';
import { formatSize } from '../core/quantity.ts';
import { describedCommand, failed, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';

export function listCommand(run: Run): Command {
  return describedCommand('list', 'List what this profile shares.', 'shoal list --name alice').action(
    async (_flags: object, command: Command) => run(command, list),
  );
}

async function list(context: CommandContext): Promise<number> {
  const { output, ports, settings } = context;
  const index = await ports.readShareIndex(settings.home);
  if (!index.ok) return failed(context, index.problem);
  const files = index.value.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  output.event(...files.map(({ path, sizeBytes, id }) => ({ path, size: sizeBytes, id })));
  output.line(
    ...files.map(({ path, sizeBytes, id }) => `${formatSize(sizeBytes).padStart(9)}  ${path}  ${id}`),
  );
  if (files.length === 0)
    output.note(`${settings.name} shares nothing yet. Share a folder with: shoal peer --share DIR`);
  return exitCode.done;
}
