/**
 * Puts a peer together: identity, profile, pools of worker threads and the actor tree on them; and takes it
 * apart again, in the reverse order. Runs on the engine's thread, and in tests on theirs.
 */
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { peerActor } from '../actors/peer/peer.ts';
import { ActorSystem } from '../actors/runtime/index.ts';
import type { ActorRef, Root } from '../actors/runtime/index.ts';
import { diskProblem } from '../core/disk-problem.ts';
import type { EngineCommand, EngineConfig, EngineEvent, EngineSnapshot } from '../core/engine/engine-api.ts';
import { fail, ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { loadIdentity } from '../identity/identity.ts';
import type { Identity } from '../identity/identity.ts';
import { openDatabase } from '../profile/database.ts';
import { tryLock } from '../profile/file-lock.ts';
import type { FileLock } from '../profile/file-lock.ts';
import { prepareHome } from '../profile/home.ts';
import type { HomeLayout } from '../profile/home.ts';
import type { HashJobs } from '../workers/contract.ts';
import { createHashPool } from '../workers/hash-pool.ts';
import type { Pool } from '../workers/pool.ts';
import type { TransferJobs } from '../workers/transfer-contract.ts';
import { createTransferPool } from '../workers/transfer-pool.ts';
import type { Logger } from './log.ts';

export interface PeerSystem {
  readonly identity: Identity;
  readonly system: ActorSystem;
  readonly root: Root<EngineCommand>;
  readonly hashing: Pool<HashJobs>;
  readonly transfers: Pool<TransferJobs>;
  /** Ends the tree, the pools and the database. To be called once, also when the tree has ended by itself. */
  readonly close: () => Promise<void>;
}

export interface PeerSystemOptions {
  readonly config: EngineConfig;
  /** What we call ourselves to others: program and version. */
  readonly agent: string;
  readonly log: Logger;
  /** What the engine is in beside its actors. */
  readonly life: Pick<EngineSnapshot, 'startedMs' | 'stopsWhenIdle' | 'log'>;
  readonly observe: (event: EngineEvent) => void;
}

/**
 * Starts it; `root.ready` says when it is up. Problems are those of the profile's folder: `io`, `version`, and
 * `bad-request` when a peer shares with this profile already. Guests may use it beside one.
 */
export async function startPeer(options: PeerSystemOptions): Promise<Result<PeerSystem>> {
  const home = prepareHome(options.config.home);
  if (!home.ok) return home;
  const lock = options.config.role === 'share' ? lockProfile(options.config) : ok(undefined);
  if (!lock.ok) return lock;
  const profile = await openProfile(home.value);
  if (profile.ok) return ok(assemble(options, profile.value, lock.value));
  lock.value?.release();
  return profile;
}

interface Profile {
  readonly identity: Identity;
  readonly database: DatabaseSync;
}

async function openProfile(layout: HomeLayout): Promise<Result<Profile>> {
  const identity = await loadIdentity(layout.home);
  if (!identity.ok) return identity;
  const database = openDatabase(layout.database);
  return database.ok ? ok({ identity: identity.value, database: database.value }) : database;
}

/** Two peers of one profile would take each other's place at every tracker, and each other's share index. */
function lockProfile({ home, name }: EngineConfig): Result<FileLock | undefined> {
  try {
    const lock = tryLock(path.join(home, 'peer.lock'));
    if (lock) return ok(lock);
  } catch (error) {
    return { ok: false, problem: diskProblem(error, home) };
  }
  return fail(
    'bad-request',
    `A peer with the profile ${name} (${home}) runs already; start another with another --name or --home`,
  );
}

function assemble(
  options: PeerSystemOptions,
  { identity, database }: Profile,
  lock: FileLock | undefined,
): PeerSystem {
  const { config, agent, log } = options;
  const onIdleFault = (error: unknown): void => log.warn({ error }, 'a worker thread died');
  const hashing = createHashPool();
  const transfers = createTransferPool(onIdleFault, config.role === 'guest' ? 'here' : 'thread');
  const system = new ActorSystem({
    onFailure: (path, error) => log.error({ path, error }, 'an actor failed'),
    logDeadLetter: (note) => log.debug(note, 'a message went nowhere'),
  });
  const root = system.start(peerActor, {
    config,
    identity,
    agent,
    database,
    hashing,
    transfers,
    life: options.life,
    observer: observer(options.observe),
    ask: (ref, question, timeoutMs) => system.ask(ref, question, timeoutMs),
    actors: () => system.snapshot(),
  });
  return {
    identity,
    system,
    root,
    hashing,
    transfers,
    async close() {
      await system.stop();
      await Promise.all([hashing.destroy(), transfers.destroy()]);
      database.close();
      lock?.release();
    },
  };
}

/** The clients' end as the actors see it: somewhere to tell events. */
function observer(observe: (event: EngineEvent) => void): ActorRef<EngineEvent> {
  return {
    path: '/clients',
    tell: observe,
    offer(event) {
      observe(event);
      return true;
    },
  };
}
