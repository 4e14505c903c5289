/** `shoal doctor`: what works here and what does not, each finding with what it was found by. */
import { randomUUID } from 'node:crypto';
import { rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { EngineSnapshot, Reach, TrackerView } from '../core/engine/engine-api.ts';
import { diskProblem } from '../core/disk-problem.ts';
import { hostPort } from '../core/host.ts';
import { doctorAnswerTimeoutMs, minFreeDiskBytes } from '../core/limits/cli.ts';
import { formatSize } from '../core/quantity.ts';
import type { PeerFindings } from '../core/catalogue.ts';
import { reachOf, reachWords } from '../core/tracker/reach-words.ts';
import type { Result } from '../core/result.ts';
import { makeFolders } from '../profile/make-folders.ts';
import { describedCommand, guestConfig, type CommandContext, type Run } from './command.ts';
import { EngineSession } from './engine-session.ts';
import { exitCode } from './exit-codes.ts';
import { answers, canListen, isLoopback } from './peer/probe.ts';
import { defaultTracker } from './peer/settings.ts';

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Whether Shoal is of no use here without it. */
  readonly essential: boolean;
}

export function doctorCommand(run: Run): Command {
  return describedCommand('doctor', 'Check what works here and what does not.', 'shoal doctor --json').action(
    async (_flags: object, command: Command) => run(command, doctor),
  );
}

async function doctor(context: CommandContext): Promise<number> {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => {
    findings.push(finding);
    const { check, ok, detail, essential } = finding;
    context.output.event({ check, ok, detail });
    const mark = ok ? 'ok  ' : essential ? 'FAIL' : 'note';
    context.output.line(`${mark}  ${check.padEnd(14)}  ${detail}`);
  };
  const examined = examine(context, report);
  const stopped = await Promise.race([examined, context.stop.requested]);
  if (stopped !== undefined) return context.stop.exitCode('task');
  return findings.some(({ ok, essential }) => essential && !ok) ? exitCode.failed : exitCode.done;
}

async function examine(context: CommandContext, report: (finding: Finding) => void): Promise<void> {
  const { settings } = context;
  report(runtime(context));
  report(await hashing(context));
  const home = await writable(settings.home);
  report(home);
  if (home.ok) report(await diskSpace(settings.home));
  report(await listening());
  report(await trackerPort());
  if (home.ok) await examineNetwork(context, report);
}

/** What needs an engine: the tree of actors, the trackers and our own listener. */
async function examineNetwork(context: CommandContext, report: (finding: Finding) => void): Promise<void> {
  const session = new EngineSession(context.ports.launchEngine(guestConfig(context)));
  const peers = await session.ask('peers', {}, doctorAnswerTimeoutMs);
  const snapshot = await session.ask('snapshot', {}, doctorAnswerTimeoutMs);
  if (snapshot.ok) {
    const { actors, trackers } = snapshot.value;
    const restarts = actors.reduce((sum, actor) => sum + actor.restarts, 0);
    const detail = `${actors.length} actors run, ${restarts} restarts`;
    report({ check: 'engine', ok: true, detail, essential: true });
    for (const tracker of trackers) report(trackerFinding(tracker));
    report(await reachability(context, snapshot.value, peers));
  } else {
    const detail = snapshot.problem.message;
    report({ check: 'engine', ok: false, detail, essential: true });
  }
  await session.stop();
}

function runtime({ ports }: CommandContext): Finding {
  const { version, pinned } = ports.runtime;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major >= 26 || (major === 24 && minor >= 20);
  const detail = `Node ${version}, pinned ${pinned ?? 'none'}${ok ? '' : '; 24.20 or 26 is needed'}`;
  return { check: 'runtime', ok, detail, essential: true };
}

async function hashing({ ports }: CommandContext): Promise<Finding> {
  const { implementation, native, bytesPerSecond } = await ports.measureHashing();
  const detail = `${implementation}, ${formatSize(bytesPerSecond)}/s${native ? '' : '; no native hash for this platform'}`;
  return { check: 'hash', ok: native, detail, essential: false };
}

async function writable(home: string): Promise<Finding> {
  const probe = path.join(home, `.doctor-${randomUUID()}`);
  try {
    makeFolders(home, 0o700);
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
    return { check: 'home', ok: true, detail: home, essential: true };
  } catch (error) {
    return { check: 'home', ok: false, detail: diskProblem(error, home).message, essential: true };
  }
}

async function diskSpace(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return {
    check: 'disk',
    ok: free >= minFreeDiskBytes,
    detail: `${formatSize(free)} free`,
    essential: false,
  };
}

async function listening(): Promise<Finding> {
  const here = await canListen({ host: '127.0.0.1', port: 0 });
  const everywhere = await canListen({ host: '0.0.0.0', port: 0 });
  const problem = here.ok ? (everywhere.ok ? undefined : everywhere.problem) : here.problem;
  const detail = problem?.message ?? 'can listen on this machine and beyond';
  return { check: 'listen', ok: problem === undefined, detail, essential: true };
}

async function trackerPort(): Promise<Finding> {
  const address = hostPort(defaultTracker);
  const free = await canListen(defaultTracker);
  const taken = (await answers(defaultTracker)) ? 'something answers there' : 'the port cannot be taken';
  const detail = free.ok ? `${address} is free for a tracker` : `${address}: ${taken}`;
  return { check: 'tracker port', ok: true, detail, essential: false };
}

function trackerFinding(tracker: TrackerView): Finding {
  const { host, port, id, problem } = tracker;
  const address = hostPort(tracker);
  const ok = id !== undefined && problem === undefined;
  // A peer brings up the default one itself, so its absence is news but no fault.
  const essential = !(isLoopback(host) && port === defaultTracker.port) || problem?.code === 'key-changed';
  const trouble = problem?.message ?? 'no answer yet';
  const detail = ok
    ? `${address} answers, its key is the pinned one: ${id}`
    : trouble.includes(address)
      ? trouble
      : `${address}: ${trouble}`;
  return { check: 'tracker', ok, detail, essential };
}

/** Whether a peer of this profile that runs now can be reached: its tracker knows best, as it looks from outside. */
async function reachability(
  context: CommandContext,
  snapshot: EngineSnapshot,
  peers: Result<PeerFindings>,
): Promise<Finding> {
  const reach = await toldReach(context);
  if (reach === undefined) return ownListener(snapshot, peers);
  const { isReachable: ok } = reach;
  return { check: 'reachability', ok, detail: reachWords(reach), essential: false };
}

/** What the trackers have told the peer of this profile that runs now. */
async function toldReach({ ports, settings }: CommandContext): Promise<Reach | undefined> {
  const running = await ports.connectEngine(settings.home);
  if (!running.ok) return undefined;
  const snapshot = await new EngineSession(running.value).ask('snapshot', {}, doctorAnswerTimeoutMs);
  running.value.close();
  return snapshot.ok ? reachOf(snapshot.value.trackers) : undefined;
}

/** The same as far as it can be seen from this machine. */
async function ownListener({ peer }: EngineSnapshot, peers: Result<PeerFindings>): Promise<Finding> {
  const own = peers.ok ? peers.value.peers.find((summary) => summary.peer === peer) : undefined;
  if (own === undefined) {
    const detail = 'no peer of this profile is online, so there is nothing to reach';
    return { check: 'reachability', ok: true, detail, essential: false };
  }
  const address = hostPort(own);
  const ok = await answers(own);
  const detail = ok ? `our peer answers at ${address}` : `our peer does not answer at ${address}`;
  return { check: 'reachability', ok, detail, essential: true };
}
