/**
 * A peer in this process from its start to its end: its engine, the tracker that may come with it, and whoever
 * watches: a screen, a running log, a script, or who started it in the background. Invariant: engine and tracker
 * have ended when it returns, and the terminal is as it was.
 */
import { resolveLinks } from '../../actors/peer/library/share-places.ts';
import type { EngineClient, EngineConfig, EngineEvent } from '../../core/engine/engine-api.ts';
import type { Problem } from '../../core/result.ts';
import type { TrackerClient } from '../../core/tracker/tracker-api.ts';
import { canDraw, stoppedElsewhere } from './attach.ts';
import { backgroundLog, startInBackground, StarterReport } from './background.ts';
import { failed, type CommandContext } from '../command.ts';
import { embeddedTracker } from './embedded-tracker.ts';
import { EngineSession } from '../engine-session.ts';
import { exitCode } from '../exit-codes.ts';
import { PeerEvents } from './peer-events.ts';
import { PeerLog } from './peer-log.ts';
import type { PeerFlags } from './peer-config.ts';
import { Refusals } from '../refusals.ts';
import { drawScreen, screenFault, type ScreenEnd } from './screen.ts';
import type { StopCause } from './stop.ts';

/** Why it does not go on; `halted`: another program told the engine to stop. */
type Reason = Problem | StopCause | 'halted';

interface Service {
  readonly context: CommandContext;
  readonly config: EngineConfig;
  readonly flags: PeerFlags;
  readonly client: EngineClient;
  readonly session: EngineSession;
  readonly tracker: TrackerClient | undefined;
  /** Settles when it cannot, or need not, go on. */
  readonly interrupted: Promise<Reason>;
  port: number;
  /** The folders that are shared now, each as it really lies; undefined until the engine has told. */
  shared: readonly string[] | undefined;
}

/** Runs it until it is stopped, or handed over to the background; returns the exit code. */
export async function servePeer(
  given: CommandContext,
  config: EngineConfig,
  flags: PeerFlags,
): Promise<number> {
  const draws = flags.background !== true && flags.tui && canDraw(given);
  const log = draws ? backgroundLog(given) : config.log;
  // Nothing may write on the screen but the screen itself.
  const context: CommandContext = { ...given, settings: { ...given.settings, log } };
  const report = flags.background === true ? new StarterReport(context.ports) : undefined;
  const embedded = await embeddedTracker(context, flags.embeddedTracker);
  if (!embedded.ok) {
    report?.failed(embedded.problem);
    if (flags.embeddedTracker === 'on') return failed(context, embedded.problem);
    context.output.note(`No tracker could be brought up here: ${embedded.problem.message}`);
  }
  const service = start(context, { ...config, log }, flags, embedded.ok ? embedded.value : undefined);
  if (report !== undefined) {
    service.session.subscribe((event) => report.receive(event));
    const reason = await service.interrupted;
    report.failed(typeof reason === 'object' ? reason : { code: 'cancelled', message: 'It was stopped' });
    return close(service, reason);
  }
  return draws ? serveOnScreen(service) : serveInLines(service);
}

function start(
  context: CommandContext,
  config: EngineConfig,
  flags: PeerFlags,
  tracker: TrackerClient | undefined,
): Service {
  const client = context.ports.launchEngine(config);
  const session = new EngineSession(client);
  const refusals = new Refusals(config.trackers.length);
  const interrupted = Promise.race<Reason>([
    context.stop.requested,
    session.ended.then((code) => (code === exitCode.done ? 'halted' : session.endProblem())),
    refusals.byAll,
    ...(tracker === undefined ? [] : [tracker.ended.then(() => trackerDied)]),
  ]);
  const service: Service = {
    context,
    config,
    flags,
    client,
    session,
    tracker,
    interrupted,
    port: config.port,
    shared: undefined,
  };
  session.subscribe((event: EngineEvent) => {
    refusals.receive(event);
    if (event.type === 'listening') service.port = event.port;
    if (event.type === 'shares') service.shared = event.shares.map(({ folder }) => folder);
  });
  return service;
}

async function serveInLines(service: Service): Promise<number> {
  const { session, config, tracker, interrupted } = service;
  const { output } = service.context;
  const watcher = output.json ? new PeerEvents(output) : new PeerLog(output, config, tracker !== undefined);
  const unsubscribe = session.subscribe((event) => {
    watcher.receive(event);
    return output.drained;
  });
  const reason = await interrupted;
  unsubscribe();
  watcher.close();
  if (reason === 'halted') output.note('The peer has stopped.');
  return close(service, reason);
}

async function serveOnScreen(service: Service): Promise<number> {
  const { context, client, config } = service;
  const screen = drawScreen(context, client, {
    name: config.name,
    home: config.home,
    downloadsDir: config.downloads,
    isAttached: false,
  });
  const first = await Promise.race([screen, service.interrupted.then((reason) => ({ reason }))]);
  if ('reason' in first) {
    const code = await close(service, first.reason, screen);
    if (first.reason === 'halted') context.output.note(stoppedElsewhere(config.name));
    return code;
  }
  return afterScreen(service, first);
}

/** The screen is gone and the terminal as it was. */
async function afterScreen(service: Service, end: ScreenEnd): Promise<number> {
  const { context, session } = service;
  const { output } = context;
  switch (end.kind) {
    case 'background':
      return handOver(service);
    case 'stop-when-done':
      output.note('It stops when its downloads are done; Ctrl-C stops it now.');
      return serveInLines(service);
    case 'crashed':
      output.error(screenFault(end.error).message);
      output.note('The peer itself goes on; Ctrl-C stops it.');
      return serveInLines(service);
    case 'stop':
    case 'detached':
    case 'engine-ended': {
      const ended = await session.stop();
      await service.tracker?.stop();
      if (end.kind === 'engine-ended' && ended === exitCode.done)
        output.note(stoppedElsewhere(service.config.name));
      return ended === exitCode.done ? ended : failed(context, session.endProblem());
    }
  }
}

/** Ends this engine and starts one in the background that goes on where it was. */
async function handOver(service: Service): Promise<number> {
  const { context, flags, session, tracker, port, shared } = service;
  const { stop } = context;
  // Those added on the screen the profile remembers; a given one that is shared no longer is not to come back.
  const shares = service.config.shares.filter((share) => shared?.includes(resolveLinks(share)) ?? true);
  const config = { ...service.config, shares };
  const ended = await session.stop();
  await tracker?.stop();
  if (ended !== exitCode.done) return failed(context, session.endProblem());
  const again = await startInBackground(context, { ...config, port }, flags.embeddedTracker, shared);
  if (again.ok) return exitCode.done;
  // Somebody may have taken the port meanwhile; unless it was asked for, another one does as well.
  const other =
    flags.port === 0 && again.problem.code === 'bad-request'
      ? await startInBackground(context, { ...config, port: 0 }, flags.embeddedTracker, shared)
      : again;
  if (other.ok) return exitCode.done;
  return stop.cause === undefined ? failed(context, other.problem) : stop.exitCode('service');
}

/** Ends engine, tracker and screen; the exit code says why. */
async function close(
  { context, session, tracker }: Service,
  reason: Reason,
  screen?: Promise<ScreenEnd>,
): Promise<number> {
  const ended = await session.stop();
  await tracker?.stop();
  // It notices that the engine has ended, and gives the terminal back.
  await screen;
  if (typeof reason === 'object') return failed(context, reason);
  return ended === exitCode.done ? context.stop.exitCode('service') : ended;
}

const trackerDied: Problem = {
  code: 'internal',
  message: 'the tracker in this process has stopped by itself; its log says why',
};
