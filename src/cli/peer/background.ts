/** Peers without a terminal: starting one, and being one. */
import path from 'node:path';
import type { EngineConfig, EngineEvent } from '../../core/engine/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import { ok, type Problem, type Result } from '../../core/result.ts';
import { profileFlags } from './attached.ts';
import type { CommandContext } from '../command.ts';
import type { EmbeddedTrackerMode } from './embedded-tracker.ts';
import { backgroundArgs } from './peer-config.ts';
import type { BackgroundPeer, CliPorts } from './ports.ts';

/** Where a peer in the background writes what it would say on a terminal, unless told otherwise. */
export function backgroundLog({ settings }: CommandContext): EngineConfig['log'] & { readonly file: string } {
  const { level, file } = settings.log;
  return {
    level: settings.logGiven ? level : 'info',
    file: file ?? path.join(settings.home, 'engine.log'),
  };
}

/** Starts it, waits until it is up, and says what it shares and how to reach it. Problems are why it did not come up. */
export async function startInBackground(
  context: CommandContext,
  config: EngineConfig,
  embeddedTracker: EmbeddedTrackerMode,
  shared: readonly string[] = config.shares,
): Promise<Result<BackgroundPeer>> {
  const { ports, output, stop } = context;
  const log = backgroundLog(context);
  const args = backgroundArgs({ ...config, log }, embeddedTracker);
  const started = await ports.startInBackground(args, log.file, stop.signal);
  if (!started.ok) return started;
  const { pid, peer, port } = started.value;
  const flags = profileFlags(context);
  output.event({ event: 'background', pid, peer, port, log: log.file });
  output.line(
    `${config.name} runs in the background: process ${pid}, listening at ${hostPort({ host: config.host, port })}`,
    ...shared.map((share) => `It shares ${share}`),
    `Look at it with: shoal attach${flags}    Stop it with: shoal stop${flags}`,
    `It writes its log to ${log.file}`,
  );
  return started;
}

/** Tells who started this program how that went: once the peer is known and listens, or when it ends before. */
export class StarterReport {
  readonly #tell: CliPorts['tellStarter'];
  #peer: string | undefined;
  #port: number | undefined;
  #isTold = false;

  constructor(ports: CliPorts) {
    this.#tell = (outcome) => ports.tellStarter(outcome);
  }

  receive(event: EngineEvent): void {
    if (event.type === 'ready') this.#peer = event.peer;
    if (event.type === 'listening') this.#port = event.port;
    if (this.#peer !== undefined && this.#port !== undefined)
      this.#say(ok({ peer: this.#peer, port: this.#port }));
  }

  failed(problem: Problem): void {
    this.#say({ ok: false, problem });
  }

  #say(outcome: Result<Omit<BackgroundPeer, 'pid'>>): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#tell(outcome);
  }
}
