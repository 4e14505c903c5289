/**
 * The command line as a whole: from arguments to an exit code. It owns the list of commands, the flags that all
 * of them take, and the one place where wrong usage is reported.
 */
import { Command, CommanderError } from 'commander';
import { addCommand } from './get/add.ts';
import { attachCommand } from './peer/attach.ts';
import { blockCommand, blockedCommand, unblockCommand } from './peer/block.ts';
import { browseCommand } from './browse.ts';
import type { CommandContext, Run } from './command.ts';
import { demoCommand } from './demo/demo.ts';
import { doctorCommand } from './doctor.ts';
import { exitCode } from './exit-codes.ts';
import { folder, notEmpty, oneOf, repeatable, trackerAddress } from './flag-values.ts';
import { getCommand } from './get/get.ts';
import { hashCommand } from './hash.ts';
import { limitsCommand } from './peer/limits-command.ts';
import { listCommand } from './list.ts';
import { Output } from './output.ts';
import { peerCommand } from './peer/peer.ts';
import { peersCommand } from './peers.ts';
import type { CliPorts } from './peer/ports.ts';
import { queueCommand } from './queue/queue.ts';
import { searchCommand } from './search.ts';
import { logLevels, settingsOf, type GlobalFlags } from './peer/settings.ts';
import { statusCommand } from './peer/status.ts';
import { Stop } from './peer/stop.ts';
import { stopCommand } from './peer/stop-command.ts';
import { trackerCommand } from './tracker/tracker.ts';
import { usageMistake, WrongUsage } from './usage.ts';

const exitCodesHelp = `
Exit codes: 0 done and verified, 1 the work failed, 64 bad usage, 66 nothing found by that name or id,
69 tracker or peer unavailable, 70 our own fault, 74 disk full or no permission, 130 stopped by Ctrl-C.`;

/** Runs one command to its end and returns the exit code. Never rejects. */
export async function runCli(argv: readonly string[], ports: CliPorts): Promise<number> {
  let code: number = exitCode.done;
  const run: Run = async (command, work) => {
    code = await runCommand(command, work, ports);
  };
  const output = new Output(ports.stdout, ports.stderr, false);
  try {
    await buildProgram(run, ports).parseAsync(withDefaultCommand(argv, ports), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) code = reportUsage(error, output);
    else code = reportThrown(error, output);
  }
  await output.flush();
  return code;
}

async function runCommand(
  command: Command,
  work: (context: CommandContext) => Promise<number>,
  ports: CliPorts,
): Promise<number> {
  const flags: GlobalFlags = command.optsWithGlobals();
  const output = new Output(ports.stdout, ports.stderr, flags.json ?? false);
  const settings = settingsOf(flags, ports);
  if (!settings.ok) {
    output.error(settings.problem.message);
    return exitCode.usage;
  }
  const stop = new Stop((listener) => ports.onSignal(listener), output.closed);
  try {
    const context = { ports, settings: settings.value, output, stop };
    const code = await Promise.race([work(context), stop.forced]);
    await output.flush();
    if (!output.failure) return code;
    output.error(`Standard output cannot be written: ${output.failure.message}`);
    return exitCode.io;
  } catch (error) {
    return reportThrown(error, output);
  } finally {
    stop.release();
  }
}

function buildProgram(run: Run, ports: CliPorts): Command {
  const program = new Command('shoal')
    .description('Shares files between peers and finds them through trackers. Without a command: shoal peer.')
    .version(ports.version, '--version', 'print the version and leave')
    .option('--home <dir>', 'folder of the profile (default: one for each name; env SHOAL_HOME)', folder)
    .option(
      '--name <name>',
      'profile, and the name others see (default: your login name)',
      notEmpty('a name'),
    )
    .option(
      '--tracker <host:port>',
      'tracker to ask; may be repeated (default: 127.0.0.1:5000; env SHOAL_TRACKER)',
      repeatable(trackerAddress),
    )
    .option('--json', 'print one JSON object a line, for scripts')
    .option('--log-level <level>', `${logLevels.join(', ')} (default: warn)`, oneOf(logLevels))
    .option('--log-file <file>', 'write the log there instead of to stderr', notEmpty('a file'))
    .helpOption('--help', 'print help and leave')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', `\nExample:\n  shoal search moby dick\n${exitCodesHelp}`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void ports.stdout.write(text),
      writeErr: () => undefined,
      getOutHelpWidth: () => ports.stdout.columns ?? 100,
    });
  const commands = [
    peerCommand,
    trackerCommand,
    searchCommand,
    getCommand,
    browseCommand,
    listCommand,
    hashCommand,
    peersCommand,
    attachCommand,
    statusCommand,
    addCommand,
    queueCommand,
    limitsCommand,
    blockCommand,
    unblockCommand,
    blockedCommand,
    stopCommand,
    demoCommand,
    doctorCommand,
  ];
  for (const build of commands) {
    const command = build(run).helpOption('--help', 'print help and leave').copyInheritedSettings(program);
    pointToHelp(command, `shoal help ${command.name()}`);
    command.configureHelp({ showGlobalOptions: true });
    for (const part of command.commands)
      pointToHelp(
        part
          .helpOption('--help', 'print help and leave')
          .copyInheritedSettings(command)
          .configureHelp({ showGlobalOptions: true }),
        `shoal ${command.name()} ${part.name()} --help`,
      );
    program.addCommand(command);
  }
  return program;
}

/** Where a mistake in its arguments says how it is used. */
function pointToHelp(command: Command, help: string): void {
  command.exitOverride((error) => {
    throw new WrongUsage(error, help);
  });
}

/**
 * Puts `peer` before arguments that name no command: flags alone, or nothing. Of `help` with what is no command
 * only that is left, as commander names it only where it is to be run.
 */
function withDefaultCommand(argv: readonly string[], ports: CliPorts): readonly string[] {
  if (argv.includes('--help') || argv.includes('--version')) return argv;
  const program = buildProgram(() => Promise.resolve(), ports);
  const { operands } = program.parseOptions([...argv]);
  const [first, asked, part] = operands;
  if (first === undefined) return ['peer', ...argv];
  if (first !== 'help' || asked === undefined) return argv;
  const command = program.commands.find((one) => one.name() === asked);
  if (command === undefined) return ['--', asked];
  // Of the parts of a command commander knows nothing here.
  return command.commands.some((one) => one.name() === part) ? [asked, part ?? '', '--help'] : argv;
}

function reportUsage(error: CommanderError, output: Output): number {
  if (error.exitCode === 0) return exitCode.done;
  output.error(usageMistake(error, error instanceof WrongUsage ? error.help : 'shoal --help'));
  return exitCode.usage;
}

/** What was thrown: by the system, because of a disk or a permission, or by a fault of ours. */
function reportThrown(error: unknown, output: Output): number {
  if (error instanceof Error && 'syscall' in error) {
    output.error(error.message);
    return exitCode.io;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  output.error(`this is a fault of the program: ${details}`);
  return exitCode.fault;
}
