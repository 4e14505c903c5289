/** `shoal peer`: shares, serves and downloads until it is stopped. */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { diskProblem, hasCode } from '../core/disk-problem.ts';
import type { EngineConfig, EngineLimits, TrackerAddress } from '../core/engine-api.ts';
import { maxDownloadsAtOnce, maxUploadSlots } from '../core/limits.ts';
import { fail, ok, type Problem, type Result } from '../core/result.ts';
import { describedCommand, failed, type CommandContext, type Run } from './command.ts';
import { embeddedTracker, embeddedTrackerModes, type EmbeddedTrackerMode } from './embedded-tracker.ts';
import { EngineSession } from './engine-session.ts';
import { exitCode } from './exit-codes.ts';
import { folder, host, oneOf, portNumber, rate, repeatable, wholeNumber } from './flag-values.ts';
import { PeerEvents } from './peer-events.ts';
import { PeerLog } from './peer-log.ts';
import { canListen, isLoopback } from './probe.ts';
import { Refusals } from './refusals.ts';

const example = `shoal peer --name alice --share ~/Music --share ~/Papers
shoal peer --no-tui --json --tracker tracker.example.org:5000`;

interface PeerFlags {
  readonly share?: readonly string[];
  readonly downloads?: string;
  readonly host?: string;
  readonly port: number;
  readonly embeddedTracker: EmbeddedTrackerMode;
  readonly uploadRate?: number;
  readonly downloadRate?: number;
  readonly uploadSlots?: number;
  readonly downloadsAtOnce?: number;
}

export function peerCommand(run: Run): Command {
  return describedCommand('peer', 'Share, serve and download until stopped (also: shoal alone).', example)
    .option(
      '--share <dir>',
      'folder to share; may be repeated (default: shared_files/<name>/)',
      repeatable(folder),
    )
    .option('--downloads <dir>', 'where downloads go (default: shared_files/<name>/)', folder)
    .option('--host <host>', 'address to listen at (default: as far as the trackers reach)', host)
    .option('--port <port>', 'port to listen at; 0 takes a free one', portNumber, 0)
    .option('--upload-rate <rate>', 'bytes per second to all others together, such as 5M; 0: unlimited', rate)
    .option(
      '--download-rate <rate>',
      'the same of what comes (default: as set last, at first unlimited)',
      rate,
    )
    .option('--upload-slots <n>', 'uploads at once; others wait in a queue', wholeNumber(1, maxUploadSlots))
    .option('--downloads-at-once <n>', 'downloads at once', wholeNumber(1, maxDownloadsAtOnce))
    .option('--no-tui', 'print a running log instead of drawing a screen')
    .option(
      '--embedded-tracker <mode>',
      'auto runs a tracker here when none answers at the default address; on, off',
      oneOf(embeddedTrackerModes),
      'auto',
    )
    .action(async (flags: PeerFlags, command: Command) => run(command, (context) => serve(context, flags)));
}

async function serve(context: CommandContext, flags: PeerFlags): Promise<number> {
  const { output, stop } = context;
  const config = await peerConfig(context, flags);
  if (!config.ok) return failed(context, config.problem);
  const free = await canListen(config.value);
  if (!free.ok) return failed(context, free.problem);
  const embedded = await embeddedTracker(context, flags.embeddedTracker);
  if (!embedded.ok) {
    if (flags.embeddedTracker === 'on') return failed(context, embedded.problem);
    output.note(`No tracker could be brought up here: ${embedded.problem.message}`);
  }
  const tracker = embedded.ok ? embedded.value : undefined;

  const session = new EngineSession(context.ports.launchEngine(config.value));
  const watcher = output.json
    ? new PeerEvents(output)
    : new PeerLog(output, config.value, tracker !== undefined);
  const refusals = new Refusals(config.value.trackers.length);
  session.subscribe((event) => {
    watcher.receive(event);
    refusals.receive(event);
  });
  const end = await Promise.race([
    stop.requested,
    session.ended.then(() => session.endProblem()),
    refusals.byAll,
    ...(tracker === undefined ? [] : [tracker.ended]),
  ]);
  watcher.close();
  const ended = await session.stop();
  await tracker?.stop();
  if (typeof end === 'object') return failed(context, end);
  if (typeof end === 'number') return end;
  return ended === exitCode.done ? stop.exitCode('service') : ended;
}

async function peerConfig(
  { ports, settings }: CommandContext,
  flags: PeerFlags,
): Promise<Result<EngineConfig>> {
  const own = path.join(ports.sharedFilesDir, settings.name);
  const shares = flags.share?.map((share) => path.resolve(ports.cwd, share)) ?? [own];
  const downloads = flags.downloads === undefined ? own : path.resolve(ports.cwd, flags.downloads);
  for (const made of [downloads, ...(flags.share === undefined ? [own] : [])]) {
    const problem = await makeFolder(made);
    if (problem !== undefined) return { ok: false, problem };
  }
  for (const share of shares) {
    const problem = await unreadable(share);
    if (problem !== undefined)
      return fail('bad-request', `--share: expected a folder that can be read, got ${problem}`);
  }
  return ok({
    home: settings.home,
    name: settings.name,
    role: 'share',
    shares: [...new Set(shares)],
    downloads,
    host: flags.host ?? defaultListenHost(settings.trackers),
    port: flags.port,
    trackers: settings.trackers,
    limits: limitsOf(flags),
    insecure: false,
    log: settings.log,
  });
}

/** The limits that were given; the profile remembers the others. */
function limitsOf(flags: PeerFlags): Partial<EngineLimits> {
  const { uploadRate, downloadRate, uploadSlots, downloadsAtOnce } = flags;
  return {
    ...(uploadRate !== undefined && { uploadBytesPerSecond: uploadRate }),
    ...(downloadRate !== undefined && { downloadBytesPerSecond: downloadRate }),
    ...(uploadSlots !== undefined && { uploadSlots }),
    ...(downloadsAtOnce !== undefined && { downloadsAtOnce }),
  };
}

/** Who is known only on this machine need not listen beyond it: others are given the address a tracker sees. */
export function defaultListenHost(trackers: readonly TrackerAddress[]): string {
  const hosts = new Set(trackers.map((tracker) => tracker.host));
  const v6 = [...hosts].some((host) => host.includes(':'));
  if (![...hosts].every(isLoopback)) return v6 ? '::' : '0.0.0.0';
  const [only = '127.0.0.1', ...others] = hosts;
  if (others.length === 0) return only;
  return v6 ? '::' : '127.0.0.1';
}

async function makeFolder(folder: string): Promise<Problem | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    return undefined;
  } catch (error) {
    const { code, message } = diskProblem(error, folder);
    return { code: code === 'disk-full' ? code : 'io', message: `cannot make a folder: ${message}` };
  }
}

/** Why a folder cannot be shared; undefined when it can. */
async function unreadable(folder: string): Promise<string | undefined> {
  try {
    if (!(await stat(folder)).isDirectory()) return `not a folder: ${folder}`;
    await access(folder, constants.R_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return hasCode(error, 'ENOENT') ? `nothing at ${folder}` : diskProblem(error, folder).message;
  }
}
