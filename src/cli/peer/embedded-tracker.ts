/**
 * The tracker that a peer brings up in its own process when the default one on this machine does not answer.
 * Invariant: of several peers that start at once only one brings it up, the others use it; a lock file beside
 * the tracker's data says who is at it.
 */
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrackerAddress } from '../../core/engine/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import { embeddedTrackerRetryMs, embeddedTrackerWaitMs } from '../../core/limits/cli.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { TrackerClient } from '../../core/tracker/tracker-api.ts';
import type { CommandContext } from '../command.ts';
import { answers, isLoopback } from './probe.ts';
import { defaultTracker } from './settings.ts';
import { embeddedTrackerDataDir } from '../tracker/tracker-data.ts';

export const embeddedTrackerModes = ['auto', 'on', 'off'] as const;
export type EmbeddedTrackerMode = (typeof embeddedTrackerModes)[number];

/**
 * A running tracker of our own, or undefined where none is wanted or another already answers. `auto` means the
 * one at the default port of this machine, if that is among the trackers to ask.
 */
export async function embeddedTracker(
  context: CommandContext,
  mode: EmbeddedTrackerMode,
  defaultPort: number = defaultTracker.port,
): Promise<Result<TrackerClient | undefined>> {
  const { trackers } = context.settings;
  if (mode === 'off') return ok(undefined);
  if (mode === 'on') {
    const address = trackers.find(({ host }) => isLoopback(host));
    if (address === undefined)
      return fail('bad-request', '--embedded-tracker: expected a --tracker on this machine to run, got none');
    if (await answers(address))
      return fail(
        'bad-request',
        `--embedded-tracker: a tracker already answers at ${hostPort(address)}; use auto`,
      );
    return launch(context, address);
  }
  const address = trackers.find(({ host, port }) => isLoopback(host) && port === defaultPort);
  if (address === undefined || (await answers(address))) return ok(undefined);
  return launchUnlessAnotherDoes(context, address);
}

async function launchUnlessAnotherDoes(
  context: CommandContext,
  address: TrackerAddress,
): Promise<Result<TrackerClient | undefined>> {
  const { ports, stop } = context;
  const lockFile = `${embeddedTrackerDataDir(ports, address.port)}.starting`;
  const deadlineMs = ports.now() + embeddedTrackerWaitMs;
  await mkdir(path.dirname(lockFile), { recursive: true, mode: 0o700 });
  while (!stop.signal.aborted) {
    if (await lock(lockFile)) {
      try {
        if (await answers(address)) return ok(undefined);
        const launched = await launch(context, address);
        // Whoever took the port meanwhile is the tracker we wanted.
        return !launched.ok && (await answers(address)) ? ok(undefined) : launched;
      } finally {
        await rm(lockFile, { force: true });
      }
    }
    if (await answers(address)) return ok(undefined);
    if (ports.now() >= deadlineMs)
      return fail('timeout', `nobody brought up a tracker at ${hostPort(address)}`);
    await sleep(embeddedTrackerRetryMs, undefined, { signal: stop.signal }).catch(() => undefined);
  }
  return ok(undefined);
}

async function launch(
  context: CommandContext,
  { host, port }: TrackerAddress,
): Promise<Result<TrackerClient>> {
  const tracker = context.ports.launchTracker({
    host,
    port,
    dataDir: embeddedTrackerDataDir(context.ports, port),
    store: 'sqlite',
    // So that `tracker stats` and the others reach it.
    admin: { port: undefined },
    log: context.settings.log,
  });
  const ready = await tracker.ready;
  if (ready.ok) return ok(tracker);
  await tracker.stop();
  return ready;
}

/** Takes the lock; false while a living process holds it. A lock whose holder died is taken away. */
async function lock(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  // An empty file is one whose writer has just made it.
  if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
  return false;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
