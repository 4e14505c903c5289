/**
 * `shoal demo`: a tracker and four peers in this process, one of which downloads what the others share. On a
 * terminal that one has the screen, and the others stay until it is left.
 * Invariant: however it ends, its folder and threads are gone afterwards.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { EngineClient, EngineConfig, TrackerAddress } from '../../core/engine/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import { demoBytesPerSecond, demoStartTimeoutMs, findTimeoutMs } from '../../core/limits/cli.ts';
import { formatSize } from '../../core/quantity.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import type { TrackerClient } from '../../core/tracker/tracker-api.ts';
import { nameOf } from '../../core/share/virtual-path.ts';
import { canDraw } from '../peer/attach.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import { sampleFiles, writeSamples, type SampleFile } from './demo-files.ts';
import { watchDemo } from './demo-screen.ts';
import { Downloads } from '../get/downloads.ts';
import { EngineSession } from '../engine-session.ts';
import { exitCodeOfAll } from '../exit-codes.ts';
import { rate } from '../flag-values.ts';
import type { WantedFile } from '../get/get-target.ts';
import { resolveTargets } from '../get/resolve-targets.ts';
import { reporterFor } from '../get/get.ts';
import { canListen } from '../peer/probe.ts';
import { defaultTracker } from '../peer/settings.ts';

const sharers = ['alice', 'bob', 'carol'];
const downloader = 'dave';

interface DemoFlags {
  readonly limitRate?: number;
}

/** What is played with, and what runs, to be stopped in the reverse order. */
interface Cast {
  readonly folder: string;
  readonly samples: readonly SampleFile[];
  tracker: TrackerClient | undefined;
  readonly peers: Map<string, EngineSession>;
  /** The engine of who downloads. */
  client: EngineClient | undefined;
}

export function demoCommand(run: Run): Command {
  return describedCommand(
    'demo',
    'Run a tracker and four peers with sample files and watch them.',
    'shoal demo',
  )
    .option(
      '--limit-rate <rate>',
      'bytes per second, slow enough to watch (default: 40M, on the screen 5M)',
      rate,
    )
    .action(async (flags: DemoFlags, command: Command) => run(command, (context) => demo(context, flags)));
}

/** Plays it with these samples, which the tests choose smaller. */
export async function demo(
  context: CommandContext,
  flags: DemoFlags,
  samples: readonly SampleFile[] = sampleFiles,
): Promise<number> {
  const { ports, stop } = context;
  const folder = await mkdtemp(path.join(ports.tempDir, 'shoal-demo-'));
  const forget = stop.lastResort(() => rmSync(folder, { recursive: true, force: true }));
  const cast: Cast = { folder, samples, tracker: undefined, peers: new Map(), client: undefined };
  const played = play(context, cast, flags);
  try {
    return await Promise.race([played, stop.requested.then(() => stop.exitCode('task'))]);
  } finally {
    await Promise.all([...cast.peers.values()].map((session) => session.stop()));
    await cast.tracker?.stop();
    // What was under way notices that its engines are gone; nothing may write into the folder after this.
    await played.catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    forget();
  }
}

async function play(context: CommandContext, cast: Cast, flags: DemoFlags): Promise<number> {
  const { output, stop } = context;
  output.line('Writing sample files …');
  const { folder, samples } = cast;
  await writeSamples(samples, folder, stop.signal);
  const draws = canDraw(context);
  const endpoint = await startTracker(context, cast, draws);
  if (!endpoint.ok) return failed(context, endpoint.problem);
  // Nothing may be started any more once the curtain is falling.
  if (stop.signal.aborted) return stop.exitCode('task');
  const { host, port, id } = endpoint.value;
  output.event({ event: 'listening', host, port, id });
  output.line(`Tracker at ${hostPort({ host, port })}`);

  const outDir = path.join(folder, downloader);
  await mkdir(outDir, { recursive: true });
  const registered = await Promise.all(
    [...sharers, downloader].map((name) => startPeer(context, cast, name, { host, port })),
  );
  // Engines that are being stopped have not failed.
  if (stop.signal.aborted) return stop.exitCode('task');
  const problem = registered.find((outcome) => !outcome.ok)?.problem;
  if (problem !== undefined) return failed(context, problem);
  const session = cast.peers.get(downloader);
  if (session === undefined) return stop.exitCode('task');

  const wanted = await lookUp(context, session, samples);
  if (stop.signal.aborted) return stop.exitCode('task');
  if (!wanted.ok) return failed(context, wanted.problem);
  if (draws && cast.client !== undefined) {
    const home = homeOf(folder, downloader);
    const { client } = cast;
    const { limitRate } = flags;
    return watchDemo(context, {
      name: downloader,
      home,
      client,
      session,
      wanted: wanted.value,
      outDir,
      limitRate,
    });
  }
  output.line(`${downloader} gets ${wanted.value.length} files from them:`);
  const failures = await download(context, session, wanted.value, outDir, flags);
  // What was stopped has neither failed nor been verified.
  if (stop.signal.aborted) return stop.exitCode('task');
  const verified = wanted.value.length - failures.length;
  output.line(
    `${verified} of ${wanted.value.length} files verified. All of it is removed from the disk now.`,
  );
  return exitCodeOfAll(failures);
}

async function download(
  context: CommandContext,
  session: EngineSession,
  wanted: readonly WantedFile[],
  outDir: string,
  { limitRate = demoBytesPerSecond }: DemoFlags,
): Promise<readonly Problem[]> {
  const reporter = await reporterFor(context, outDir);
  session.send({ type: 'set-limits', limits: { downloadBytesPerSecond: limitRate, limitsLan: true } });
  const downloads = new Downloads(session, wanted, reporter, {
    outDir,
    findTimeoutMs,
    now: () => context.ports.now(),
    notFoundTimeoutMs: findTimeoutMs,
    signal: context.stop.signal,
  });
  const failures = await Promise.race([downloads.finished, context.stop.requested.then(() => [])]);
  await reporter.close();
  return failures;
}

/** Finds the samples as anybody would: by name, at the tracker. */
async function lookUp(
  { ports, stop }: CommandContext,
  session: EngineSession,
  samples: readonly SampleFile[],
): Promise<Result<readonly WantedFile[]>> {
  const wanted: WantedFile[] = [];
  const targets = samples.map(({ path: file }) => ({ kind: 'name', name: nameOf(`/${file}`) }) as const);
  for (const found of await resolveTargets(session, targets, ports, stop.signal)) {
    if (!found.ok) return found;
    wanted.push(...found.value);
  }
  return ok(wanted);
}

/** Starts a peer and waits until the tracker knows all of its files. */
async function startPeer(
  context: CommandContext,
  cast: Cast,
  name: string,
  tracker: TrackerAddress,
): Promise<Result<void>> {
  const { output, stop, ports } = context;
  const mine = cast.samples.filter(({ owners }) => owners.includes(name));
  const client = ports.launchEngine(peerConfig(context, cast.folder, name, tracker));
  const session = new EngineSession(client);
  if (name === downloader) cast.client = client;
  cast.peers.set(name, session);
  const complete = Promise.withResolvers<Result<void>>();
  session.subscribe((event) => {
    if (event.type !== 'registered' || event.files < mine.length) return;
    complete.resolve(ok(undefined));
  });
  const late = setTimeout(
    () => complete.resolve(fail('timeout', `${name} did not get ready in time`)),
    demoStartTimeoutMs,
  );
  const outcome = await Promise.race([
    complete.promise,
    session.ended.then(() => ({ ok: false as const, problem: session.endProblem() })),
    stop.requested.then(() => ok(undefined)),
  ]);
  clearTimeout(late);
  if (!outcome.ok || stop.signal.aborted) return outcome;
  const bytes = mine.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  output.event({ event: 'registered', tracker: hostPort(tracker), files: mine.length, name });
  output.line(
    mine.length > 0 ? `${name} shares ${mine.length} files, ${formatSize(bytes)}` : `${name} is here`,
  );
  return outcome;
}

function peerConfig(
  context: CommandContext,
  folder: string,
  name: string,
  tracker: TrackerAddress,
): EngineConfig {
  const own = path.join(folder, name);
  return {
    home: homeOf(folder, name),
    name,
    role: 'share',
    shares: [own],
    downloads: own,
    host: '127.0.0.1',
    port: 0,
    trackers: [tracker],
    limits: {},
    insecure: false,
    log: quiet(context),
  };
}

const homeOf = (folder: string, name: string): string => path.join(folder, '.homes', name);

/** Where others look for one, if it stays long enough for them and nobody is there yet. */
async function startTracker(
  { ports, ...context }: CommandContext,
  cast: Cast,
  isToStay: boolean,
): Promise<Awaited<TrackerClient['ready']>> {
  const start = (port: number): TrackerClient =>
    ports.launchTracker({
      host: '127.0.0.1',
      port,
      dataDir: path.join(cast.folder, '.tracker'),
      store: 'memory:',
      log: quiet({ ports, ...context }),
    });
  const free = isToStay && (await canListen(defaultTracker)).ok;
  cast.tracker = start(free ? defaultTracker.port : 0);
  return cast.tracker.ready;
}

/** Nothing but the demo itself writes on the screen, unless a log was asked for. */
function quiet({ settings }: CommandContext): EngineConfig['log'] {
  return settings.logGiven ? settings.log : { level: 'silent', file: undefined };
}
