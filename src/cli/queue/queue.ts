/** `shoal queue`: the downloads of the running peer as a list, and what can be done to them, one by one or many. */
import type { Command } from 'commander';
import { askRunningPeer } from '../peer/attached.ts';
import { describedCommand, type Run } from '../command.ts';
import { oneOf, rate } from '../flag-values.ts';
import { changeQueue, showQueue } from './queue-run.ts';
import { commandLike, queueTargetHelp } from './queue-targets.ts';
import * as verbs from './queue-verbs.ts';
import type { Verb } from './queue-verbs.ts';

const example = `shoal queue
shoal queue pause 3 "Moby Dick.epub"
shoal queue priority high 4
shoal queue limit 500K all
shoal queue remove done`;

const note = `A TARGET is ${queueTargetHelp}.`;

export function queueCommand(run: Run): Command {
  const list = (targets: readonly string[], _flags: object, command: Command): Promise<void> =>
    run(command, (context) => {
      const mistyped = commandLike(
        targets[0],
        command.commands.map((part) => part.name()),
      );
      return askRunningPeer(
        context,
        (session) => showQueue(context, session, targets, mistyped),
        // Without a queue there is nothing else that it could be.
        mistyped,
      );
    });
  const queue = describedCommand(
    'queue',
    'Show the downloads of the running peer, or change them.',
    example,
    note,
  )
    .argument('[target...]', 'only those; all that there are where none is given')
    .action(list);

  const part = (name: string, summary: string, usage: string): Command =>
    describedCommand(name, summary, `shoal queue ${usage}`);
  const targeted = (command: Command): Command => command.argument('<target...>', queueTargetHelp);
  const simple = (verb: Verb, summary: string, usage: string): Command =>
    targeted(part(verb.action, summary, usage)).action(
      (targets: readonly string[], _flags: object, command: Command) => apply(run, command, verb, targets),
    );

  const parts = [
    simple(verbs.pause, 'Stop downloads until they are resumed.', 'pause 3'),
    simple(verbs.resume, 'Let paused downloads go on.', 'resume all'),
    simple(verbs.cancel, 'Give downloads up; what is on the disk stays.', 'cancel 3'),
    simple(verbs.retry, 'Try again now what waits, failed or was cancelled.', 'retry failed'),
    targeted(part('remove', 'Take downloads off the list.', 'remove done'))
      .option('--delete-data', 'delete what they wrote, too; finished files of folders stay')
      .action((targets: readonly string[], flags: { readonly deleteData?: boolean }, command: Command) =>
        apply(run, command, verbs.remove(flags.deleteData ?? false), targets),
      ),
    simple(verbs.move('top'), 'Move them before all others of their priority.', 'top 7'),
    simple(verbs.move('up'), 'Move them up by one place.', 'up 7'),
    simple(verbs.move('down'), 'Move them down by one place.', 'down 7'),
    simple(verbs.move('bottom'), 'Move them behind all others of their priority.', 'bottom 7'),
    targeted(
      part('priority', 'Set which come first.', 'priority high 4').argument(
        '<priority>',
        'high, normal or low',
        oneOf(['high', 'normal', 'low']),
      ),
    ).action(
      (level: 'high' | 'normal' | 'low', targets: readonly string[], _flags: object, command: Command) =>
        apply(run, command, verbs.prioritise(level), targets),
    ),
    targeted(
      part('limit', 'Set the limit of each.', 'limit 500K 3').argument(
        '<rate>',
        'bytes per second, such as 500K or 5M; 0: unlimited',
        rate,
      ),
    ).action((bytesPerSecond: number, targets: readonly string[], _flags: object, command: Command) =>
      apply(run, command, verbs.limit(bytesPerSecond), targets),
    ),
    targeted(
      part('sequential', 'Fetch from the front, for who looks on, or not.', 'sequential on 3').argument(
        '<on|off>',
        'on: from the front; off: the rarest pieces first',
        oneOf(['on', 'off']),
      ),
    ).action((mode: 'on' | 'off', targets: readonly string[], _flags: object, command: Command) =>
      apply(run, command, verbs.orderPieces(mode === 'on' ? 'sequential' : 'rarest'), targets),
    ),
  ];
  for (const one of parts) queue.addCommand(one);
  return queue;
}

function apply(run: Run, command: Command, verb: Verb, targets: readonly string[]): Promise<void> {
  return run(command, (context) =>
    askRunningPeer(context, (session) => changeQueue(context, session, verb, targets)),
  );
}
