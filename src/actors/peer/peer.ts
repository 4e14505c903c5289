/**
 * The root of a peer: what comes later needs what came before, so a failure takes along all that follows it.
 * The listener opens last of what serves and closes first. Holds no logic: commands go to the desk. A guest
 * asks and downloads, and has no share, no uploads and no door.
 */
import { randomBytes } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type {
  EngineCommand,
  EngineConfig,
  EngineEvent,
  EngineSnapshot,
} from '../../core/engine/engine-api.ts';
import { SentBook } from '../../core/uploads/sent-book.ts';
import type { Identity } from '../../identity/identity.ts';
import { Preferences } from '../../profile/preferences.ts';
import { TransferStore } from '../../profile/transfer-store.ts';
import type { HashJobs } from '../../workers/contract.ts';
import type { Pool } from '../../workers/pool.ts';
import type { TransferJobs } from '../../workers/transfer-contract.ts';
import { actor, systemClock } from '../runtime/index.ts';
import type { ActorRef, ActorSnapshot, ActorSystem, Backoff } from '../runtime/index.ts';
import { Calls } from './sessions/calls.ts';
import { deskActor } from './desk.ts';
import { downloadPoolActor } from './downloads/download-pool.ts';
import { emptyLibraryActor } from './library/empty-library.ts';
import { guestDoorActor, type OpenDoor } from './uploads/guest-door.ts';
import { libraryActor } from './library/library.ts';
import { listenerActor } from './listener.ts';
import { copiesOfIndex, copiesOfLibrary, withFinished } from './downloads/local-copies.ts';
import { Partials } from './downloads/partials.ts';
import { reaperActor } from './reaper.ts';
import type { Sweep } from './reaper.ts';
import { Rules } from './rules.ts';
import { ShareFolders } from './library/share-folders.ts';
import { giveBackMemory } from './spent-memory.ts';
import type { TrackerQuestion } from './trackers/trackers-messages.ts';
import { trackersActor } from './trackers/trackers.ts';
import { TransferBook } from './downloads/transfer-book.ts';
import { uploadPoolActor } from './uploads/upload-pool.ts';

export interface PeerArgs {
  readonly config: EngineConfig;
  readonly identity: Identity;
  readonly agent: string;
  readonly database: DatabaseSync;
  readonly hashing: Pool<HashJobs>;
  readonly transfers: Pool<TransferJobs>;
  /** What the engine is in beside its actors. */
  readonly life: Pick<EngineSnapshot, 'startedMs' | 'stopsWhenIdle' | 'log'>;
  readonly observer: ActorRef<EngineEvent>;
  readonly ask: ActorSystem['ask'];
  readonly actors: () => readonly ActorSnapshot[];
}

/** Parts come back fast, but not so fast that they spin. */
const backoff: Backoff = { minMs: 50, maxMs: 5_000, jitter: 0.2, resetAfterMs: 60_000 };

export const peerActor = actor<EngineCommand, PeerArgs>(
  'peer',
  (ctx, args) => {
    const { config, identity, agent, transfers, observer } = args;
    const name = config.role === 'share' ? config.name : '';
    const me = { identity, name: config.name, agent, insecure: config.insecure, ticketKeys: randomBytes(48) };
    const door: { port: number | undefined } = { port: undefined };
    const disk = { folder: config.downloads, freeBytes: undefined };
    // What outlives the restarts of those who work with it.
    const rules = new Rules(args.database, config.limits);
    const folders = new ShareFolders(config.shares, new Preferences(args.database), config.home);
    const sent = new SentBook();
    const partials = new Partials();
    const calls = new Calls();
    // The queue is the sharing peer's: a guest beside it has its own for as long as it runs.
    const book = new TransferBook(config.role === 'share' ? new TransferStore(args.database) : undefined);

    const library =
      config.role === 'share'
        ? ctx.spawn(
            libraryActor,
            {
              folders,
              sent,
              revocations: partials.revocations,
              database: args.database,
              pool: args.hashing,
              observer,
              onSettled: giveBackMemory,
            },
            { backoff },
          )
        : undefined;
    const served = library ?? ctx.spawn(emptyLibraryActor, undefined, { backoff });
    const uploads = ctx.spawn(
      uploadPoolActor,
      { me, transfers, library: served, partials, calls, observer, rules },
      { backoff },
    );
    const trackersToCome = new LaterRef<TrackerQuestion>('/peer/trackers');
    const guestDoorToCome = new LaterRef<OpenDoor>('/peer/guest-door');
    const shared = library ? copiesOfLibrary(library, args.ask) : copiesOfIndex(args.database);
    const downloads = ctx.spawn(
      downloadPoolActor,
      {
        me,
        transfers,
        library,
        copies: withFinished(shared, (ids) => book.finishedPaths(ids)),
        observer,
        book,
        trackers: trackersToCome,
        partials,
        calls,
        rules,
      },
      { backoff },
    );
    const owners: readonly ActorRef<Sweep>[] = [uploads, downloads];
    ctx.spawn(reaperActor, { owners }, { backoff });
    const trackers = ctx.spawn(
      trackersActor,
      {
        identity,
        name,
        agent,
        library,
        observer,
        trackers: config.trackers,
        home: config.home,
        uploads,
        guestDoor: library ? undefined : guestDoorToCome,
        clock: systemClock,
        random: Math.random,
      },
      { backoff },
    );
    trackersToCome.ref = trackers;
    const { host, port } = config;
    const doorArgs = { host, port, door, uploads, trackers, observer };
    if (library) ctx.spawn(listenerActor, doorArgs, { backoff });
    else guestDoorToCome.ref = ctx.spawn(guestDoorActor, doorArgs, { backoff });
    const desk = ctx.spawn(
      deskActor,
      {
        name: config.name,
        rules,
        disk,
        door,
        library,
        uploads,
        downloads,
        trackers,
        observer,
        peer: identity.id,
        life: args.life,
        ask: args.ask,
        actors: args.actors,
      },
      { backoff },
    );
    return {
      receive(command) {
        if (command.type === 'stop') ctx.stop();
        else if (command.type !== 'stay') desk.tell(command);
      },
    };
  },
  { supervision: { strategy: 'rest-for-one', maxRestarts: 5, withinMs: 30_000 } },
);

/** The ref of an actor that starts later than those who need it, so that its failures do not take them along. */
class LaterRef<M> implements ActorRef<M> {
  readonly path: string;
  ref: ActorRef<M> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  tell(message: M): void {
    this.ref?.tell(message);
  }

  offer(message: M): boolean {
    return this.ref?.offer(message) ?? false;
  }
}
