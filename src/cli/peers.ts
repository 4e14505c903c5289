/** `shoal peers`: who is online, and whether some who are may be missing. */
import type { Command } from 'commander';
import type { PeerSummary } from '../core/catalogue.ts';
import { hostPort } from '../core/host.ts';
import { formatSize } from '../core/quantity.ts';
import { describedCommand, failed, withEngine, type CommandContext, type Run } from './command.ts';
import { exitCode } from './exit-codes.ts';
import { sourceLine } from './get/source-line.ts';
import { table } from './table.ts';
import { partialNote } from './words.ts';

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
    const { peers: online, isCut, isPartial } = answer.value;
    const partial = (isCut === true || isPartial === true) && { partial: true };
    output.event(
      ...online.map((peer) => ({
        ...sourceLine(peer),
        files: peer.files,
        bytes: peer.bytes,
        ...partial,
      })),
    );
    if (online.length > 0) output.line(...peerTable(online, output.columns));
    else output.note(isPartial === true ? 'Nobody was found online.' : 'Nobody is online.');
    if (isCut === true) output.note(`These are ${online.length} of them: there are more.`);
    if (isPartial === true) output.note(partialNote);
    return exitCode.done;
  });
}

function peerTable(online: readonly PeerSummary[], columns: number | undefined): readonly string[] {
  return table(
    [
      { title: 'NAME', shrink: 'middle' },
      { title: 'FILES', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'ADDRESS' },
      { title: 'ID' },
    ],
    online.map((peer) => [
      peer.name,
      String(peer.files),
      formatSize(peer.bytes),
      peer.reachable === false ? `${hostPort(peer)} (by call)` : hostPort(peer),
      peer.peer,
    ]),
    columns,
  );
}
