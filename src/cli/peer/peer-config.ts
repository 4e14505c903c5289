/** What `shoal peer` is started with: its flags, made into the engine's configuration and back. */
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { profileRefusal } from '../../actors/peer/library/share-folders.ts';
import { resolveLinks } from '../../actors/peer/library/share-places.ts';
import { diskProblem, hasCode } from '../../core/disk-problem.ts';
import type {
  EngineConfig,
  EngineLimits,
  EngineSnapshot,
  TrackerAddress,
} from '../../core/engine/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import { makeFolders } from '../../profile/make-folders.ts';
import type { CommandContext } from '../command.ts';
import type { EmbeddedTrackerMode } from './embedded-tracker.ts';
import { isLoopback } from './probe.ts';

export interface PeerFlags {
  readonly share?: readonly string[];
  readonly downloads?: string;
  readonly host?: string;
  readonly port: number;
  readonly embeddedTracker: EmbeddedTrackerMode;
  readonly tui: boolean;
  readonly detach?: boolean;
  /** Given by the program to itself: it runs without a terminal and tells who started it how that went. */
  readonly background?: boolean;
  readonly uploadRate?: number;
  readonly downloadRate?: number;
  readonly lanExempt?: boolean;
  readonly uploadSlots?: number;
  readonly downloadsAtOnce?: number;
  readonly insecure?: boolean;
}

/** Makes the default folders where they are missing. Problems: `bad-request` with the flag, or those of the disk. */
export async function peerConfig(
  { ports, settings, output }: CommandContext,
  flags: PeerFlags,
): Promise<Result<EngineConfig>> {
  const own = path.join(ports.sharedFilesDir, settings.name);
  // In the background it is told all: none there means that the last one was shared no longer.
  const given = flags.share ?? (flags.background === true ? [] : undefined);
  const shares = given?.map((share) => path.resolve(ports.cwd, share)) ?? [own];
  const downloads = flags.downloads === undefined ? own : path.resolve(ports.cwd, flags.downloads);
  for (const made of [downloads, ...(given === undefined ? [own] : [])]) {
    const problem = makeFolder(made);
    if (problem !== undefined) return { ok: false, problem };
  }
  for (const share of shares) {
    const problem = await unreadable(share);
    if (problem !== undefined)
      return fail('bad-request', `--share: expected a folder that can be read, got ${problem}`);
    const refusal = profileRefusal(resolveLinks(share), resolveLinks(settings.home));
    if (refusal !== undefined) return fail('bad-request', `--share ${share} cannot be shared. ${refusal}`);
  }
  const kept = await ports.loadConfig(settings.home);
  // It is left alone, and so is what it says.
  if (!kept.ok) output.error(kept.problem.message);
  const { lanExempt = kept.ok ? kept.value.limits.lanExempt : undefined } = flags;
  return ok({
    home: settings.home,
    name: settings.name,
    role: 'share',
    shares: [...new Set(shares)],
    downloads,
    host: flags.host ?? defaultListenHost(settings.trackers),
    port: flags.port,
    trackers: settings.trackers,
    limits: { ...limitsOf(flags), ...(lanExempt !== undefined && { limitsLan: !lanExempt }) },
    insecure: flags.insecure ?? false,
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

function makeFolder(folder: string): Problem | undefined {
  try {
    makeFolders(folder);
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

/** The arguments by which this program starts an engine of this configuration in the background. */
export function backgroundArgs(
  config: EngineConfig,
  embeddedTracker: EmbeddedTrackerMode,
): readonly string[] {
  const { limits, log } = config;
  const numbers = {
    '--port': config.port,
    '--upload-rate': limits.uploadBytesPerSecond,
    '--download-rate': limits.downloadBytesPerSecond,
    '--upload-slots': limits.uploadSlots,
    '--downloads-at-once': limits.downloadsAtOnce,
  };
  const { limitsLan } = limits;
  return [
    ...['peer', '--background', '--home', config.home, '--name', config.name],
    ...config.shares.flatMap((share) => ['--share', share]),
    ...['--downloads', config.downloads, '--host', config.host, '--embedded-tracker', embeddedTracker],
    ...config.trackers.flatMap((tracker) => ['--tracker', hostPort(tracker)]),
    ...Object.entries(numbers).flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)])),
    ...(limitsLan === undefined ? [] : ['--lan-exempt', limitsLan ? 'no' : 'yes']),
    ...(config.insecure ? ['--insecure'] : []),
    ...['--log-level', log.level, ...(log.file === undefined ? [] : ['--log-file', log.file])],
  ];
}

/** Which of the flags that were given an engine that runs already does not follow, each as a sentence's part. */
export function unheeded(
  flags: PeerFlags,
  context: CommandContext,
  running: EngineSnapshot,
): readonly string[] {
  const { ports, settings } = context;
  const folders = new Set(running.shares.map(({ folder }) => folder));
  const trackers = new Set(running.trackers.map(hostPort));
  const downloads = flags.downloads === undefined ? undefined : path.resolve(ports.cwd, flags.downloads);
  const differing = [
    ...(flags.share ?? [])
      .map((share) => path.resolve(ports.cwd, share))
      .filter((share) => !folders.has(share))
      .map((share) => `--share ${share}`),
    downloads !== undefined && downloads !== running.disk.folder && `--downloads ${downloads}`,
    flags.port !== 0 && flags.port !== running.port && `--port ${flags.port}`,
    settings.trackersGiven &&
      settings.trackers.some((tracker) => !trackers.has(hostPort(tracker))) &&
      `--tracker ${settings.trackers.map(hostPort).join(', ')}`,
    settings.nameGiven && settings.name !== running.name && `--name ${settings.name}`,
    ...limitFlags(flags, running.limits),
  ];
  return differing.filter((flag) => flag !== false);
}

function limitFlags(flags: PeerFlags, now: EngineLimits): readonly (string | false)[] {
  const differs = (given: number | undefined, is: number): boolean => given !== undefined && given !== is;
  return [
    differs(flags.uploadRate, now.uploadBytesPerSecond) && '--upload-rate',
    differs(flags.downloadRate, now.downloadBytesPerSecond) && '--download-rate',
    flags.lanExempt !== undefined && flags.lanExempt === now.limitsLan && '--lan-exempt',
    differs(flags.uploadSlots, now.uploadSlots) && '--upload-slots',
    differs(flags.downloadsAtOnce, now.downloadsAtOnce) && '--downloads-at-once',
  ];
}
