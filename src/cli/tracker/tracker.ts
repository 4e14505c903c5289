/** `shoal tracker`: runs a tracker until it is stopped. */
import path from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { TrackerAddress } from '../../core/engine/engine-api.ts';
import { hostPort, isAnyHost } from '../../core/host.ts';
import type { TrackerEndpoint } from '../../core/tracker/tracker-api.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { folder, host, portNumber, trackerAddress } from '../flag-values.ts';
import type { CliPorts } from '../peer/ports.ts';
import { canListen } from '../peer/probe.ts';
import { redisPasswordHelp, storeUrl } from './store-url.ts';
import { backupCommand, reloadCommand } from './tracker-commands.ts';
import { trackerDataDir } from './tracker-data.ts';
import { trackerStatsCommand } from './tracker-stats.ts';

const example = `shoal tracker --host 0.0.0.0 --port 5000
shoal tracker --port 0 --store memory: --json`;

interface TrackerFlags {
  readonly host: string;
  readonly port: number;
  readonly data?: string;
  readonly store: string;
  readonly announce?: TrackerAddress;
  readonly admin?: number;
}

export function trackerCommand(run: Run): Command {
  return describedCommand('tracker', 'Run a tracker until stopped.', example)
    .option('--host <host>', 'address to listen at; 0.0.0.0 for all', host, '127.0.0.1')
    .option('--port <port>', 'port to listen at; 0 takes a free one', portNumber, 5000)
    .option('--data <dir>', 'folder of its identity and catalogue', folder)
    .option(
      '--store <url>',
      `sqlite (in the data folder), memory: or redis://HOST:PORT, its password in ${redisPasswordHelp}`,
      store,
      'sqlite',
    )
    .option(
      '--announce <address>',
      'HOST:PORT that peers of other trackers of its catalogue are told; default: where it listens',
      trackerAddress,
    )
    .option('--admin <port>', 'port of this machine for metrics and health; 0 takes a free one', portNumber)
    .addCommand(trackerStatsCommand(run))
    .addCommand(backupCommand(run))
    .addCommand(reloadCommand(run))
    .action(async (flags: TrackerFlags, command: Command) =>
      run(command, (context) => serve(context, flags)),
    );
}

async function serve(context: CommandContext, flags: TrackerFlags): Promise<number> {
  const { ports, settings, output, stop } = context;
  const { host, port } = flags;
  const catalogue = storeUrl(flags.store, ports.env);
  if (!catalogue.ok) return failed(context, catalogue.problem);
  if (catalogue.value.warning !== undefined) output.error(catalogue.value.warning);
  const free = await canListen({ host, port });
  if (!free.ok) return failed(context, free.problem);
  const tracker = ports.launchTracker({
    host,
    port,
    dataDir:
      flags.data === undefined ? trackerDataDir(settings, ports, port) : path.resolve(ports.cwd, flags.data),
    store: catalogue.value.url,
    announce: flags.announce,
    admin: { port: flags.admin },
    log: settings.log,
  });
  // It may have to wait for its catalogue.
  const ready = await Promise.race([tracker.ready, stop.requested.then(() => undefined)]);
  if (ready?.ok !== true) {
    await tracker.stop();
    return ready === undefined ? stop.exitCode('service') : failed(context, ready.problem);
  }
  const endpoint = ready.value;
  output.event({
    event: 'listening',
    host: endpoint.host,
    port: endpoint.port,
    id: endpoint.id,
    ...adminOf(endpoint),
  });
  output.line(
    `Tracker listening at ${hostPort(endpoint)}`,
    `Its id is ${endpoint.id}`,
    `Peers join it with: shoal peer --tracker ${joinedAt(endpoint, flags.announce)}`,
    ...(endpoint.admin === undefined ? [] : [`Metrics and health at http://127.0.0.1:${endpoint.admin}`]),
  );
  if (flags.store.startsWith('redis') && flags.announce === undefined && isAnyHost(host))
    output.error(
      'peers of the other trackers of this catalogue do not learn of this one; name it with --announce',
    );
  // To a service it says that there are new settings; who closes a terminal means an end.
  if (!hasTerminal(ports)) stop.onHangUp(() => tracker.reload());
  const ended = await Promise.race([tracker.ended, stop.requested]);
  if (typeof ended === 'number') {
    if (ended !== exitCode.done) output.error('the tracker has stopped by itself; its log says why');
    return ended;
  }
  await tracker.stop();
  const code = await tracker.ended;
  return code === exitCode.done ? stop.exitCode('service') : code;
}

/** What to give to peers: where it listens is no address when that is everywhere. */
function joinedAt(endpoint: TrackerEndpoint, announce: TrackerAddress | undefined): string {
  if (announce !== undefined) return hostPort(announce);
  if (!isAnyHost(endpoint.host)) return hostPort(endpoint);
  return `HOST:${endpoint.port}, where HOST is the name or address of this machine`;
}

function adminOf({ admin }: TrackerEndpoint): Pick<TrackerEndpoint, 'admin'> {
  return admin === undefined ? {} : { admin };
}

function hasTerminal({ stdin, stdout }: CliPorts): boolean {
  return stdin.isTTY === true || stdout.isTTY === true;
}

function store(text: string): string {
  if (text === 'sqlite' || text === 'memory:') return text;
  if (/^rediss?:\/\/[^\s/?]+:\d{1,5}(?:,[^\s/?]+:\d{1,5})*\/?(?:\?[\w=&.%/-]+)?$/.test(text)) return text;
  throw new InvalidArgumentError('sqlite, memory: or redis://HOST:PORT');
}
