/** `shoal peers`: who is online. */
import type { Command } from 'commander';
import { hostPort } from '../core/host.ts';
import { formatSize } from '../core/quantity.ts';
import { describedCommand, failed, withEngine, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';
import { table } from './table.ts';

export function peersCommand(run: Run): Command {
  return describedCommand('peers', 'List who is online.', 'shoal peers --tracker 192.0.2.7:5000').action(
    async (_flags: object, command: Command) => run(command, peers),
  );
}

async function peers(context: CommandContext): Promise<number> {
  return withEngine(context, async (session) => {
    const answer = await session.ask('peers', {});
    if (!answer.ok) return failed(context, answer.problem);
    const { output } = context;
    output.event(
      ...answer.value.map(({ peer, name, host, port, files, bytes }) => ({
        peer,
        name,
        host,
        port,
        files,
        bytes,
      })),
    );
    if (answer.value.length === 0) {
      output.note('Nobody is online.');
      return exitCode.done;
    }
    output.line(
      ...table(
        [
          { title: 'NAME', shrink: 'middle' },
          { title: 'FILES', align: 'right' },
          { title: 'SIZE', align: 'right' },
          { title: 'ADDRESS' },
          { title: 'ID' },
        ],
        answer.value.map((peer) => [
          peer.name,
          String(peer.files),
          formatSize(peer.bytes),
          hostPort(peer),
          peer.peer,
        ]),
        output.columns,
      ),
    );
    return exitCode.done;
  });
}
