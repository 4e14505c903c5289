/**
 * Puts a tracker together: identity, actor system, tree, log. Invariant: what a person can mend (a taken port, a
 * folder that cannot be written) is a Problem that says so; anything else is a fault.
 */
import path from 'node:path';
import { actor, ActorSystem, systemClock, type Root } from '../actors/runtime/index.ts';
import type { CatalogueWait } from '../actors/tracker/catalogue-wait.ts';
import type { Listening } from '../actors/tracker/gate.ts';
import { trackerActor, trackerThreads, type TrackerCommand } from '../actors/tracker/tracker.ts';
import { diskProblem } from '../core/disk-problem.ts';
import { hostPort } from '../core/host.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { TrackerConfig, TrackerEndpoint } from '../core/tracker/tracker-api.ts';
import { TrackerCounters } from '../core/tracker/tracker-counters.ts';
import { loadIdentity } from '../identity/identity.ts';
import { TicketKeys } from '../identity/ticket-keys.ts';
import { tryLock, type FileLock } from '../profile/file-lock.ts';
import { makeFolders } from '../profile/make-folders.ts';
import { openStore } from '../store/open-store.ts';
import { startAdmin } from './admin.ts';
import type { Logger } from './log.ts';
import { limitsOf, TrackerOperator } from './tracker-operator.ts';
import { loadTrackerSettings } from './tracker-settings-file.ts';
import { watchTracker } from './tracker-watch.ts';

export interface RunningTracker {
  readonly system: ActorSystem;
  readonly root: Root<TrackerCommand>;
  readonly endpoint: TrackerEndpoint;
  readonly counters: TrackerCounters;
  readonly operator: TrackerOperator;
  /** Ends what looks after the tracker; the tracker itself has been stopped. */
  readonly close: () => Promise<void>;
}

/** Resolves when the door is open, or with why it cannot be opened; aborted, it waits for no catalogue any more. */
export async function startTracker(
  config: TrackerConfig,
  log: Logger,
  signal?: AbortSignal,
): Promise<Result<RunningTracker>> {
  const { dataDir } = config;
  try {
    makeFolders(dataDir, 0o700);
  } catch (error) {
    return fail('io', `The tracker's folder ${dataDir} cannot be made: ${messageOf(error)}`);
  }
  const lock = lockFolder(dataDir);
  if (!lock.ok) return lock;
  const started = await startLocked(config, log, signal);
  if (started.ok) void started.value.root.done.then(() => lock.value.release());
  else lock.value.release();
  return started;
}

/** Each of two trackers of one catalogue would take its own peers for all there are, and hide the other's. */
function lockFolder(dataDir: string): Result<FileLock> {
  try {
    const lock = tryLock(path.join(dataDir, 'tracker.lock'));
    if (lock) return ok(lock);
  } catch (error) {
    return { ok: false, problem: diskProblem(error, dataDir) };
  }
  return fail(
    'bad-request',
    `Another tracker runs with the folder ${dataDir}; stop it, or name another folder with --data`,
  );
}

async function startLocked(
  config: TrackerConfig,
  log: Logger,
  signal?: AbortSignal,
): Promise<Result<RunningTracker>> {
  const { host, port, dataDir } = config;
  const identity = await loadIdentity(dataDir);
  if (!identity.ok) return identity;
  const { id } = identity.value;
  const store = config.store === 'sqlite' ? path.join(dataDir, 'catalogue.sqlite') : config.store;
  const usable = await tryStore(store, log, signal);
  if (!usable.ok) return usable;
  const settings = await loadTrackerSettings(dataDir);
  if (!settings.ok) return settings;
  const limits = limitsOf(config, settings.value);
  if (!limits.ok) return limits;

  const system = new ActorSystem({
    onFailure: (actorPath, error) => log.error({ actor: actorPath, error }, 'an actor failed'),
    // An answer that nobody waits for any more is all that comes of a pause of this machine.
    logDeadLetter: (note) =>
      log[note.why === 'late-reply' ? 'debug' : 'info'](note, 'a message went nowhere'),
  });
  const counters = new TrackerCounters(trackerThreads(limits.value));
  const door = Promise.withResolvers<Listening>();
  const observer = system.start(observerActor, (listening: Listening) => {
    log.info({ host: listening.host, port: listening.port, id }, 'listening');
    door.resolve(listening);
  });
  const waits = system.start(waitsActor, log);
  const root = system.start(trackerActor, {
    host,
    port,
    identity: identity.value,
    store,
    announce: config.announce,
    limits: limits.value,
    ticketKeys: TicketKeys.load(dataDir, Date.now()),
    deny: settings.value.deny,
    counters,
    placement: 'thread',
    clock: systemClock,
    wallMs: () => Date.now(),
    random: Math.random,
    observer: observer.ref,
    waits: waits.ref,
  });
  try {
    await root.ready;
  } catch (error) {
    await system.stop();
    return startProblem(error, config);
  }
  const { port: openPort } = await door.promise;
  const endpoint = { host, port: openPort, id };
  const operator = new TrackerOperator({
    config,
    endpoint,
    system,
    tracker: root.ref,
    counters,
    limits: limits.value,
    log,
  });
  const admin = config.admin;
  const opened =
    admin === undefined
      ? ok(undefined)
      : await startAdmin(system, { ...admin, dataDir, ports: operator, log });
  if (!opened.ok) {
    await system.stop();
    return opened;
  }
  const watch = watchTracker(counters, log);
  return ok({
    system,
    root,
    endpoint: opened.value === undefined ? endpoint : { ...endpoint, admin: opened.value },
    counters,
    operator,
    async close() {
      watch.close();
      await system.stop();
      log.info({}, 'the tracker has stopped');
    },
  });
}

/** Opens and closes it: the registry, on its own thread, could only fail without saying what is to be done. */
async function tryStore(store: string, log: Logger, signal?: AbortSignal): Promise<Result<void>> {
  const onWait = (reason: string): void => log.warn({ reason }, 'waiting for the catalogue');
  const onEmptied = (reason: string): void =>
    log.warn({ reason }, 'the catalogue has been emptied; peers fill it again as they come back');
  const opened = await openStore(store, undefined, { onWait, onEmptied, ...(signal && { signal }) });
  if (!opened.ok) return opened;
  await opened.value.close();
  return ok(undefined);
}

const observerActor = actor<Listening, (listening: Listening) => void>('observer', (_ctx, note) => ({
  receive: note,
}));

/** What the threads of the catalogue wait for once the tracker runs: after a failure they start again. */
const waitsActor = actor<CatalogueWait, Pick<Logger, 'warn'>>('waits', (_ctx, log) => ({
  receive: ({ who, reason }) => log.warn({ who, reason }, 'waiting for the catalogue'),
}));

function startProblem(error: unknown, { host, port }: TrackerConfig): Result<never> {
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
  if (reason !== undefined)
    return fail('bad-request', `Cannot listen at ${hostPort({ host, port })}: ${reason}`);
  return fail('internal', `The tracker could not start: ${messageOf(error)}`);
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already; choose another --port',
  EADDRNOTAVAIL: 'this machine does not have that address; choose another --host',
  EACCES: 'this needs more rights; choose a --port above 1023',
  ENOTFOUND: 'there is no host of that name; choose another --host',
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
