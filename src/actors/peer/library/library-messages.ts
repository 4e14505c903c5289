/**
 * What the library may be told and asked, and what it tells its subscribers. Plain data throughout.
 */
import type { ListPage, SharedFile, VirtualPath } from '../../../core/catalogue.ts';
import type { ShareEntry, ShareView } from '../../../core/engine/engine-api.ts';
import type { FileStamp } from '../../../core/share/file-stamp.ts';
import type { ContentId } from '../../../core/ids.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import type { Result } from '../../../core/result.ts';
import type { SentPart } from '../../../core/uploads/sent-book.ts';
import type { ActorRef, Asking } from '../../runtime/index.ts';

/** A shared content as it lies on the disk: served only while the file still has this stamp. */
export interface OpenContent {
  readonly filePath: string;
  readonly sizeBytes: number;
  readonly pieceLength: number;
  readonly stamp: FileStamp;
}

/**
 * Told to subscribers. `share-changed` comes in bounded batches: `removed` first, then `added`; a path in both
 * now has another content. Batches may repeat what `share-state` already contained, never contradict it.
 * `share-scanned`: every file there at start has been looked at, and what was known by the cache or could be
 * hashed at once is published; the rest follows as it is hashed. A late subscriber is told at once.
 */
export type ShareChange =
  | {
      readonly type: 'share-changed';
      readonly added: readonly SharedFile[];
      readonly removed: readonly SharedFile[];
    }
  | { readonly type: 'share-scanned' };

export interface LibraryStats {
  readonly files: number;
  readonly bytes: number;
  /** What is still to be hashed. */
  readonly hashing: { readonly files: number; readonly bytes: number };
  /** Whether the first scan is complete. */
  readonly scanned: boolean;
  /** Files not shared, each with a reason that observers were told. */
  readonly skipped: number;
  /** False when the system's watch limit was hit, so that changes are found by scans only. */
  readonly watching: boolean;
}

export type LibraryCommand =
  /** `not-shared`, `busy` before the first walk is over, or `stale` when no file with this content is as it was. */
  | ({ readonly type: 'open'; readonly id: ContentId } & Asking<Result<OpenContent>>)
  /** Many at once, in their order, and without a look at the disk: who reads them does that. Always ok. */
  | ({ readonly type: 'open-all'; readonly ids: readonly ContentId[] } & Asking<
      Result<readonly Result<OpenContent>[]>
    >)
  | ({ readonly type: 'manifest'; readonly id: ContentId } & Asking<Result<Manifest>>)
  /**
   * One page of a folder (or one file): folders first, then files, each sorted. Recursive: each folder is
   * followed by what is below it. `not-found` for an unknown path.
   */
  | ({
      readonly type: 'list';
      readonly path: string;
      readonly recursive: boolean;
      readonly cursor: string | undefined;
      readonly limit: number;
    } & Asking<Result<ListPage>>)
  | ({ readonly type: 'share-state' } & Asking<readonly SharedFile[]>)
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly ref: ActorRef<ShareChange> }
  /** A served file was found changed: it is unpublished at once and looked at again. */
  | { readonly type: 'stale'; readonly id: ContentId; readonly reason: string }
  /** A finished, verified download: known from now on, so that it is shared without being hashed. */
  | {
      readonly type: 'adopt';
      readonly filePath: string;
      readonly id: ContentId;
      readonly manifest: Manifest;
      readonly stamp: FileStamp;
    }
  /** Looks at a shared folder again, or at all of them. */
  | {
      readonly type: 'adopt-all';
      readonly files: readonly {
        readonly filePath: string;
        readonly id: ContentId;
        readonly manifest: Manifest;
        readonly stamp: FileStamp;
      }[];
    }
  | { readonly type: 'rescan'; readonly folder?: string | undefined }
  /** Shares a folder beside the others, from now on and after the next start. See `ShareFolders`. */
  | ({ readonly type: 'add-share' | 'remove-share'; readonly folder: string } & Asking<Result<void>>)
  | ({ readonly type: 'shares' } & Asking<readonly ShareView[]>)
  /** What lies directly in a folder, and what others got of it. `not-found`. */
  | ({ readonly type: 'share-entries'; readonly path: VirtualPath } & Asking<Result<readonly ShareEntry[]>>)
  /** Something was sent to a visitor. */
  | { readonly type: 'sent'; readonly parts: readonly SentPart[] }
  | ({ readonly type: 'stats' } & Asking<LibraryStats>);
