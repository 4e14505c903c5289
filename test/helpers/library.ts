/** A library over real folders, with what it told kept, and hashing in this thread so that it can be counted. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { libraryActor } from '../../src/actors/peer/library/library.ts';
import type { LibraryArgs } from '../../src/actors/peer/library/library-parts.ts';
import type {
  LibraryCommand,
  LibraryStats,
  ShareChange,
} from '../../src/actors/peer/library/library-messages.ts';
import {
  actor,
  ActorSystem,
  type ActorRef,
  type Answer,
  type Question,
} from '../../src/actors/runtime/index.ts';
import { ShareFolders } from '../../src/actors/peer/library/share-folders.ts';
import type { SharedFile } from '../../src/core/catalogue.ts';
import type { EngineEvent } from '../../src/core/engine/engine-api.ts';
import { SentBook } from '../../src/core/uploads/sent-book.ts';
import { openDatabase } from '../../src/profile/database.ts';
import { Preferences } from '../../src/profile/preferences.ts';
import type { HashJobs } from '../../src/workers/contract.ts';
import { hashFiles } from '../../src/workers/jobs/hash.ts';
import type { Pool } from '../../src/workers/pool.ts';
import { until } from './poll.ts';

/** Quick enough for tests; changes are still told apart by the disk's clock. */
export const quick = {
  rescanIntervalMs: 3_600_000,
  watchDebounceMs: 10,
  fileSettleMs: 20,
  shareFlushMs: 5,
  shareViewMs: 5,
};

export interface Rig {
  readonly system: ActorSystem;
  readonly library: ActorRef<LibraryCommand>;
  readonly events: EngineEvent[];
  readonly changes: ShareChange[];
  /** Paths of the files hashed so far. */
  readonly hashed: string[];
  /** What subscribers know the share to be, by path. */
  readonly known: ReadonlyMap<string, SharedFile>;
  /** Failures of actors; those left at the end fail the test. */
  readonly failures: Error[];
  /** As a subscriber does that restarts with the library: forgets everything and subscribes. */
  resubscribe(): void;
  ask<const Q extends Question<LibraryCommand>>(question: Q): Promise<Answer<LibraryCommand, Q>>;
  stats(): Promise<LibraryStats>;
  /** Waits until the first scan and all hashing are done and told. */
  ready(): Promise<void>;
  /** Waits until subscribers know exactly these paths. */
  shares(...paths: readonly string[]): Promise<void>;
  skipped(): readonly string[];
  stop(): Promise<void>;
}

/** Hashes in this thread. `before` runs ahead of each job. */
export function localPool(hashed: string[], before: () => void = () => {}): Pool<HashJobs> {
  return {
    capacity: 2,
    async run(_name, input) {
      await Promise.resolve();
      before();
      hashed.push(...input.files.map(({ filePath }) => filePath));
      return hashFiles(input);
    },
    threadIds: () => [],
    killThread: () => Promise.resolve(false),
    destroy: () => Promise.resolve(),
  };
}

export function startLibrary(
  home: string,
  shares: readonly string[],
  options: Partial<LibraryArgs> = {},
): Rig {
  mkdirSync(home, { recursive: true });
  const opened = openDatabase(path.join(home, 'profile.sqlite'));
  if (!opened.ok) throw new Error(opened.problem.message);
  const database: DatabaseSync = opened.value;
  const failures: Error[] = [];
  const system = new ActorSystem({ onFailure: (_path, error) => failures.push(error) });
  const events: EngineEvent[] = [];
  const changes: ShareChange[] = [];
  const known = new Map<string, SharedFile>();
  const hashed: string[] = [];
  const observer = system.start(
    actor<EngineEvent>('observer', () => ({ receive: (event) => void events.push(event) })),
    undefined,
  );
  const subscriber = system.start(
    actor<ShareChange>('subscriber', () => ({
      receive(change) {
        changes.push(change);
        if (change.type === 'share-scanned') return;
        for (const { path } of change.removed) known.delete(path);
        for (const { id, path, sizeBytes } of change.added) known.set(path, { id, path, sizeBytes });
      },
    })),
    undefined,
  );
  const args = {
    folders: new ShareFolders(shares, new Preferences(database), home),
    sent: new SentBook(),
    database,
    pool: localPool(hashed),
    observer: observer.ref,
    timing: quick,
    ...options,
  };
  const spawned: ActorRef<LibraryCommand>[] = [];
  system.start(
    actor<never>('peer', (ctx) => {
      spawned.push(ctx.spawn(libraryActor, args));
      return { receive: () => undefined };
    }),
    undefined,
  );
  const [first] = spawned;
  if (!first) throw new Error('Expected a library');
  const library: ActorRef<LibraryCommand> = first;
  const subscribe = (): void => library.tell({ type: 'subscribe', ref: subscriber.ref });
  subscribe();

  async function ask<const Q extends Question<LibraryCommand>>(
    question: Q,
  ): Promise<Answer<LibraryCommand, Q>> {
    const outcome = await system.ask(library, question, 60_000);
    if (!outcome.ok) throw new Error(`The library did not answer: ${outcome.error}`);
    return outcome.value;
  }
  const stats = (): Promise<LibraryStats> => ask({ type: 'stats' });

  return {
    system,
    library,
    events,
    changes,
    hashed,
    known,
    failures,
    ask,
    stats,
    resubscribe() {
      changes.length = 0;
      known.clear();
      subscribe();
    },
    async ready() {
      await until('the first scan', () => changes.some(({ type }) => type === 'share-scanned'));
      await until('hashing', async () => (await stats()).hashing.files === 0);
      await until('telling', async () => (await stats()).files === known.size);
    },
    async shares(...paths) {
      const wanted = new Set(paths);
      const isSo = (): boolean => known.size === wanted.size && paths.every((path) => known.has(path));
      await until(`sharing ${paths.join(' ')}`, isSo).catch((error: unknown) => {
        throw new Error(`${String(error)}; known: ${[...known.keys()].join(' ')}`, { cause: error });
      });
    },
    skipped: () => events.flatMap((event) => (event.type === 'skipped' ? [event.path] : [])),
    async stop() {
      await system.stop();
      database.close();
      if (failures.length > 0) throw new AggregateError(failures, 'The library failed');
    },
  };
}
