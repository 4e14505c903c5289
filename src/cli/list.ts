/** `shoal list`: what this profile shares, from its index on the disk, whether its peer runs or not. */
import type { Command } from 'commander';
import { describedCommand, failed, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';
import { Listing } from './listing.ts';

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
  const listing = new Listing(context);
  listing.add(files.map(({ path, sizeBytes, id }) => ({ kind: 'file', path, sizeBytes, id })));
  listing.end();
  if (files.length === 0)
    output.note(`${settings.name} shares nothing yet. Share a folder with: shoal peer --share DIR`);
  return exitCode.done;
}
