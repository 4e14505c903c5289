/** `shoal status`: how the peer of this profile is, at one look. */
import type { Command } from 'commander';
import type {
  DownloadState,
  DownloadView,
  EngineSnapshot,
  TrackerView,
} from '../../core/engine/engine-api.ts';
import { hostPort } from '../../core/host.ts';
import { maxStatusWaits, statusSampleMs } from '../../core/limits/cli.ts';
import { othersAt } from '../../core/tracker/others-online.ts';
import { formatSize } from '../../core/quantity.ts';
import { reachOf, reachWords } from '../../core/tracker/reach-words.ts';
import type { Result } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import { downloadName } from '../../tui/transfer-text.ts';
import { askRunningPeer } from './attached.ts';
import { describedCommand, failed, type CommandContext, type Run } from '../command.ts';
import type { EngineSession } from '../engine-session.ts';
import { exitCode } from '../exit-codes.ts';
import { stateGroups } from '../queue/queue-targets.ts';
import { waitWords } from '../get/wait-words.ts';
import { counted } from '../words.ts';

export function statusCommand(run: Run): Command {
  return describedCommand(
    'status',
    'Show how the running peer of this profile is.',
    'shoal status --json',
  ).action(async (_flags: object, command: Command) => run(command, status));
}

async function status(context: CommandContext): Promise<number> {
  return askRunningPeer(context, async (session, { pid }) => {
    const measured = await measure(context, session);
    if (!measured.ok) return failed(context, measured.problem);
    const { snapshot, downloadBytesPerSecond, uploadBytesPerSecond } = measured.value;
    const speeds = { downloadBytesPerSecond, uploadBytesPerSecond };
    context.output.event(statusObject(snapshot, pid, speeds));
    context.output.line(...statusLines(snapshot, pid, speeds));
    return exitCode.done;
  });
}

export interface Speeds {
  readonly downloadBytesPerSecond: number;
  readonly uploadBytesPerSecond: number;
}

/** How all is, and how fast it was during a moment before. */
export async function measure(
  { ports, stop }: CommandContext,
  session: EngineSession,
): Promise<Result<Speeds & { readonly snapshot: EngineSnapshot }>> {
  const before = await session.ask('snapshot', {});
  if (!before.ok) return before;
  const startMs = ports.now();
  await ports.wait(statusSampleMs, stop.signal);
  const after = await session.ask('snapshot', {});
  if (!after.ok) return after;
  const seconds = Math.max(1, ports.now() - startMs) / 1000;
  const speed = (count: (snapshot: EngineSnapshot) => number): number =>
    Math.max(0, Math.round((count(after.value) - count(before.value)) / seconds));
  return {
    ok: true,
    value: {
      snapshot: after.value,
      downloadBytesPerSecond: speed(({ downloads }) => sum(downloads.map((view) => view.fetchedBytes))),
      uploadBytesPerSecond: speed(({ uploads }) => sum(uploads.map((view) => view.sentBytes))),
    },
  };
}

type Counts = Readonly<Record<keyof typeof stateGroups, number>>;

function countsOf({ downloads }: EngineSnapshot): Counts {
  const count = (states: readonly DownloadState[]): number =>
    downloads.filter(({ state }) => states.includes(state)).length;
  const { active, waiting, paused, done, failed: over } = stateGroups;
  return {
    active: count(active),
    waiting: count(waiting),
    paused: count(paused),
    done: count(done),
    failed: count(over),
  };
}

function uploadCounts({ uploads }: EngineSnapshot): { readonly active: number; readonly waiting: number } {
  return {
    active: uploads.filter(({ state }) => state === 'uploading').length,
    waiting: uploads.filter(({ state }) => state === 'queued').length,
  };
}

/** The object that scripts get. */
export function statusObject(snapshot: EngineSnapshot, pid: number, speeds: Speeds): object {
  const { peer, name, port, startedMs, stopsWhenIdle, trackers, share, shares, disk } = snapshot;
  return {
    event: 'status',
    peer,
    name,
    pid,
    port: port ?? null,
    reachable: reachOf(trackers)?.isReachable ?? null,
    startedMs,
    stopsWhenIdle,
    trackers: trackers.map((tracker) => ({
      tracker: hostPort(tracker),
      ...(tracker.via && { via: hostPort(tracker.via) }),
      state: tracker.state,
      files: tracker.files,
      peers: tracker.peers ?? null,
      latencyMs: tracker.latencyMs ?? null,
      reachable: tracker.reach?.isReachable ?? null,
      problem: tracker.problem ?? null,
    })),
    downloads: { ...countsOf(snapshot), bytesPerSecond: speeds.downloadBytesPerSecond },
    waits: waitsOf(snapshot).map(({ transfer, name: file, problem, nextAttemptMs }) => ({
      transfer,
      name: file,
      problem,
      nextAttemptMs: nextAttemptMs ?? null,
    })),
    uploads: { ...uploadCounts(snapshot), bytesPerSecond: speeds.uploadBytesPerSecond },
    share: { files: share.files, bytes: share.bytes, hashing: share.hashing },
    shares: shares.map(({ folder, state, files, bytes }) => ({ folder, state, files, bytes })),
    disk: { folder: disk.folder, freeBytes: disk.freeBytes ?? null },
  };
}

/** The same for people. */
export function statusLines(snapshot: EngineSnapshot, pid: number, speeds: Speeds): readonly string[] {
  const { name, peer, port, trackers, share, shares, disk } = snapshot;
  const downloads = countsOf(snapshot);
  const reach = reachOf(trackers);
  const uploads = uploadCounts(snapshot);
  return [
    `${name}, id ${peer}`,
    `Process ${pid}, ${port === undefined ? 'not listening yet' : `listening at port ${port}`}`,
    ...(reach ? [reachWords(reach)] : []),
    ...trackers.map((tracker) => `Tracker ${hostPort(tracker)}: ${trackerText(tracker)}`),
    `Downloads: ${listed(downloads)}, ${formatSize(speeds.downloadBytesPerSecond)}/s`,
    ...waitLines(snapshot),
    `Uploads: ${listed(uploads)}, ${formatSize(speeds.uploadBytesPerSecond)}/s`,
    `Sharing ${counted(share.files, 'file')}, ${formatSize(share.bytes)}${hashingText(snapshot)}`,
    ...shares.map(({ folder, files, bytes, problem }) =>
      problem === undefined
        ? `  ${folder}: ${counted(files, 'file')}, ${formatSize(bytes)}`
        : `  ${folder}: ${problem.message}`,
    ),
    `Downloads go to ${disk.folder}${disk.freeBytes === undefined ? '' : `, ${formatSize(disk.freeBytes)} free`}`,
    ...(snapshot.stopsWhenIdle ? ['Stops when its downloads are done'] : []),
  ];
}

/** Downloads that something keeps from going on. */
const waitsOf = ({ downloads }: EngineSnapshot): readonly DownloadView[] =>
  downloads.filter(({ state, problem }) => state === 'waiting' && problem !== undefined);

function waitLines(snapshot: EngineSnapshot): readonly string[] {
  const waits = waitsOf(snapshot);
  const more = waits.length - maxStatusWaits;
  return [
    ...waits
      .slice(0, maxStatusWaits)
      .map((view) => `  ${displayName(downloadName(view))} waits: ${displayName(waitWords(view))}`),
    ...(more > 0 ? [`  and ${counted(more, 'other')} likewise, see --json`] : []),
  ];
}

function trackerText(tracker: TrackerView): string {
  const { state, via, files, problem } = tracker;
  if (problem !== undefined) return problem.message;
  const others = othersAt(tracker);
  const online = others === undefined ? '' : `, ${counted(others, 'other peer')} online`;
  const where = via === undefined ? '' : ` by way of ${hostPort(via)}`;
  return `${state}${where}, ${counted(files, 'file')}${online}`;
}

function hashingText({ share: { hashing } }: EngineSnapshot): string {
  return hashing.files === 0 ? '' : `, ${hashing.files} more being hashed`;
}

const listed = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
