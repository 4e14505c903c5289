/**
 * Puts a peer together: identity, profile, pools of worker threads and the actor tree on them; and takes it
 * apart again, in the reverse order. Runs on the engine's thread, and in tests on theirs.
 */
import type { DatabaseSync } from 'node:sqlite';
import { peerActor } from '../actors/peer/peer.ts';
import { ActorSystem } from '../actors/runtime/index.ts';
import type { ActorRef, Root } from '../actors/runtime/index.ts';
import type { EngineCommand, EngineConfig, EngineEvent } from '../core/engine-api.ts';
import { ok } from '../core/result.ts';
import type { Result } from '../core/result.ts';
import { loadIdentity } from '../identity/identity.ts';
import type { Identity } from '../identity/identity.ts';
import { openDatabase } from '../profile/database.ts';
import { prepareHome } from '../profile/home.ts';
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
  readonly observe: (event: EngineEvent) => void;
}

/** Starts it; `root.ready` says when it is up. Problems are those of the profile's folder: `io`, `version`. */
export async function startPeer(options: PeerSystemOptions): Promise<Result<PeerSystem>> {
  const home = prepareHome(options.config.home);
  if (!home.ok) return home;
  const identity = await loadIdentity(options.config.home);
  if (!identity.ok) return identity;
  const database = openDatabase(home.value.database);
  if (!database.ok) return database;
  return ok(assemble(options, identity.value, database.value));
}

function assemble(options: PeerSystemOptions, identity: Identity, database: DatabaseSync): PeerSystem {
  const { config, agent, log } = options;
  const onIdleFault = (error: unknown): void => log.warn({ error }, 'a worker thread died');
  const hashing = createHashPool();
  const transfers = createTransferPool(onIdleFault);
  const system = new ActorSystem({
    onFailure: (path, error) => log.error({ path, error }, 'an actor failed'),
    logDeadLetter: (note) => log.debug({ note }, 'dead letter'),
  });
  const root = system.start(peerActor, {
    config,
    identity,
    agent,
    database,
    hashing,
    transfers,
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
