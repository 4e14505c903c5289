/** What a command gets to work with, and how one that asks an engine and leaves is run. */
import path from 'node:path';
import { Command } from 'commander';
import type { EngineConfig } from '../core/engine/engine-api.ts';
import type { Problem } from '../core/result.ts';
import { EngineSession } from './engine-session.ts';
import { exitCode, exitCodeOf } from './exit-codes.ts';
import type { Output } from './output.ts';
import { defaultListenHost } from './peer/peer-config.ts';
import type { CliPorts } from './peer/ports.ts';
import type { Settings } from './peer/settings.ts';
import type { Stop } from './peer/stop.ts';

export interface CommandContext {
  readonly ports: CliPorts;
  readonly settings: Settings;
  readonly output: Output;
  readonly stop: Stop;
}

/** Gives a command's work its context; what the work returns is the exit code. */
export type Run = (command: Command, work: (context: CommandContext) => Promise<number>) => Promise<void>;

/** A command with its summary and what its help ends with: commands that work as they stand, and a word on them. */
export function describedCommand(name: string, summary: string, example: string, note?: string): Command {
  return new Command(name)
    .summary(summary)
    .description(summary)
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      `\nExample:\n${example.replace(/^/gm, '  ')}${note === undefined ? '' : `\n\n${note}`}`,
    );
}

/** An engine that only asks and downloads, and that nobody sees. Where bars are drawn its log goes to a file. */
export function guestConfig({ settings, output }: CommandContext): EngineConfig {
  const { level, file = output.interactive ? path.join(settings.home, 'shoal.log') : undefined } =
    settings.log;
  return {
    home: settings.home,
    name: settings.name,
    role: 'guest',
    shares: [],
    downloads: settings.home,
    host: defaultListenHost(settings.trackers),
    port: 0,
    trackers: settings.trackers,
    limits: {},
    insecure: false,
    log: { level, file },
  };
}

/** Runs `work` with a guest engine and stops it afterwards; a signal or a vanished reader ends it early. */
export async function withEngine(
  context: CommandContext,
  work: (session: EngineSession) => Promise<number>,
  config: EngineConfig = guestConfig(context),
): Promise<number> {
  const session = new EngineSession(context.ports.launchEngine(config));
  const outcome = await Promise.race([
    work(session),
    context.stop.requested.then(() => context.stop.exitCode('task')),
  ]);
  const ended = await session.stop();
  return outcome === exitCode.done && ended !== exitCode.done ? ended : outcome;
}

/** Reports a problem as the one that ends the command; returns the exit code. */
export function failed({ output }: CommandContext, problem: Problem): number {
  output.error(problem.message);
  return exitCodeOf(problem);
}
