/** `shoal hash`: content ids of files, without sharing them. */
import path from 'node:path';
import type { Command } from 'commander';
import type { Problem } from '../core/result.ts';
import { formatSize } from '../core/quantity.ts';
import { describedCommand, type CommandContext, type Run } from './command.ts';
import { exitCodeOfAll } from './exit-codes.ts';

export function hashCommand(run: Run): Command {
  return describedCommand('hash', 'Print content ids of files.', 'shoal hash *.iso')
    .argument('<file...>', 'files to hash')
    .action(async (files: readonly string[], _flags: object, command: Command) =>
      run(command, (context) => hash(context, files)),
    );
}

async function hash({ output, ports, stop }: CommandContext, files: readonly string[]): Promise<number> {
  const problems: Problem[] = [];
  // As they were given, so that a script finds its own paths again.
  const given = new Map(files.map((file) => [path.resolve(ports.cwd, file), file]));
  const hashed = ports.hashFiles(
    [...given.keys()],
    ({ path, outcome }) => {
      const shown = given.get(path) ?? path;
      if (outcome.ok) {
        const { id, sizeBytes } = outcome.value;
        output.event({ path: shown, size: sizeBytes, id });
        output.line(`${id}  ${formatSize(sizeBytes).padStart(9)}  ${shown}`);
      } else {
        problems.push(outcome.problem);
        output.error(`${shown}: ${outcome.problem.message}`);
      }
    },
    stop.signal,
  );
  const cause = await Promise.race([hashed, stop.requested]);
  return cause === undefined ? exitCodeOfAll(problems) : stop.exitCode('task');
}
