/**
 * What the library is made of, shared by those who do its work within the one actor: what it is started with, the
 * messages it gives itself, and its parts.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { EngineEvent } from '../../../core/engine/engine-api.ts';
import type { ContentId } from '../../../core/ids.ts';
import {
  fileSettleMs,
  rescanIntervalMs,
  shareFlushMs,
  shareViewMs,
  watchDebounceMs,
} from '../../../core/limits/library.ts';
import type { Problem, Result } from '../../../core/result.ts';
import type { Revocations } from '../../../core/uploads/revocations.ts';
import type { SentBook } from '../../../core/uploads/sent-book.ts';
import type { HashCache } from '../../../profile/hash-cache.ts';
import type { HashJobs, ScanJobs, ScanOutput } from '../../../workers/contract.ts';
import type { HashedFiles } from '../../../workers/hashed-files.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { ActorContext, ActorRef, Outcome, ReplyTo } from '../../runtime/index.ts';
import type { LibraryCommand, OpenContent } from './library-messages.ts';
import type { ShareFolders } from './share-folders.ts';
import type { HashRun, ShareHasher } from './share-hasher.ts';
import type { ShareNews } from './share-news.ts';
import type { Opened } from './share-opening.ts';
import type { ShareOutbox } from './share-outbox.ts';
import type { ShareStatus } from './share-status.ts';
import type { ShareTable } from './share-table.ts';
import type { ShareWatcher } from './share-watcher.ts';

export interface LibraryTiming {
  readonly rescanIntervalMs: number;
  readonly watchDebounceMs: number;
  readonly fileSettleMs: number;
  readonly shareFlushMs: number;
  readonly shareViewMs: number;
}

export interface LibraryArgs {
  /** What is shared, and what was sent of it: both outlive the restarts of this actor. */
  readonly folders: ShareFolders;
  readonly sent: SentBook;
  /** Where it is counted that something is not shared any more; default: nowhere. */
  readonly revocations?: Revocations;
  readonly database: DatabaseSync;
  readonly pool: Pool<HashJobs>;
  /** Where shares are scanned; default: a pool of one thread that the library makes and ends itself. */
  readonly scanner?: Pool<ScanJobs>;
  /** Told `shared`, `unshared` and `skipped`. */
  readonly observer: ActorRef<EngineEvent>;
  /** Called once, a while after the first scan has been told of; default: nothing. */
  readonly onSettled?: () => void;
  /** Milliseconds since 1970, as the disk's clock; default `Date.now`. */
  readonly now?: () => number;
  /** In [0, 1); default `Math.random`. */
  readonly random?: () => number;
  readonly timing?: Partial<LibraryTiming>;
}

/** What the library is told by others and by itself. */
export type LibraryMessage =
  | LibraryCommand
  | { readonly type: 'look' }
  | { readonly type: 'looked'; readonly outcome: Outcome<ScanOutput> }
  | { readonly type: 'probe' }
  | { readonly type: 'settled' }
  | { readonly type: 'commit' }
  | {
      readonly type: 'hashed';
      readonly run: HashRun;
      readonly outcome: Outcome<HashedFiles>;
    }
  | {
      readonly type: 'opened';
      readonly id: ContentId;
      readonly outcome: Outcome<Opened>;
      readonly replyTo: ReplyTo<Result<OpenContent>>;
    }
  | {
      readonly type: 'checked';
      readonly outcome: Outcome<Result<string>>;
      readonly replyTo: ReplyTo<Result<void>>;
    }
  | { readonly type: 'flush' | 'patience' | 'views' | 'start-over' };

export const defaultTiming: LibraryTiming = {
  rescanIntervalMs,
  watchDebounceMs,
  fileSettleMs,
  shareFlushMs,
  shareViewMs,
};

/** The parts of one incarnation. */
export interface LibraryParts {
  readonly ctx: Pick<ActorContext<LibraryMessage>, 'pipe' | 'timers'>;
  readonly timing: LibraryTiming;
  readonly now: () => number;
  readonly folders: ShareFolders;
  readonly status: ShareStatus;
  readonly cache: HashCache;
  readonly hasher: ShareHasher;
  readonly outbox: ShareOutbox;
  readonly table: ShareTable;
  readonly watcher: ShareWatcher;
  readonly news: ShareNews;
}

export const watchLimit: Problem = {
  code: 'limit',
  message:
    'The system watches no more folders (see fs.inotify.max_user_watches): changes are found by scanning',
};
