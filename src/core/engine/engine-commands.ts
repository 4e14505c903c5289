/**
 * What a client says to its engine. Invariant: plain data; what wants an answer carries a `requestId`, all else is
 * told and shows in the views that follow.
 */
import type { Source, VirtualPath } from '../catalogue.ts';
import type { EngineLimits } from './engine-config.ts';
import type { ContentId, PeerId } from '../ids.ts';

/** What to download: a content by id, or a whole folder of one peer. */
export type DownloadTarget = ContentTarget | TreeTarget;

export interface ContentTarget {
  readonly kind: 'content';
  readonly id: ContentId;
  /** The name to give it, as a remote gave it: made safe by the engine. */
  readonly name: string;
  /** Folders below `outDir`, likewise made safe; empty for none. */
  readonly folders: readonly string[];
  /** Sources already known, tried beside those the trackers give. */
  readonly sources: readonly Source[];
}

export interface TreeTarget {
  readonly kind: 'tree';
  readonly source: Source;
  /** A folder of the peer's share, ending in `/`; `/` is the whole share. Its last folder is made in `outDir`. */
  readonly path: VirtualPath;
}

export type Priority = 'high' | 'normal' | 'low';

/** In which order the pieces of one content come: rarest first, or from the front, for those who look on. */
export type PieceOrder = 'rarest' | 'sequential';

/** What can be done to transfers, any number at once; unknown and ended ones are passed over. */
export type TransferCommand =
  /** Cancelled: it stops, what is on the disk stays, and `retry` takes it up again. */
  | {
      readonly type: 'pause' | 'resume' | 'cancel' | 'retry' | 'find-sources';
      readonly transfers: readonly number[];
    }
  /** Forgets them. `deletesData`: and then deletes what they wrote, but for finished files of folders. */
  | { readonly type: 'remove'; readonly transfers: readonly number[]; readonly deletesData: boolean }
  | { readonly type: 'prioritise'; readonly transfers: readonly number[]; readonly priority: Priority }
  | {
      readonly type: 'move';
      readonly transfers: readonly number[];
      readonly to: 'up' | 'down' | 'top' | 'bottom';
    }
  /** 0 = unlimited. */
  | { readonly type: 'limit'; readonly transfers: readonly number[]; readonly bytesPerSecond: number }
  | { readonly type: 'order-pieces'; readonly transfers: readonly number[]; readonly order: PieceOrder };

export type EngineCommand =
  | TransferCommand
  /** The limit for what those get whom these connections are of, while they are connected; 0 = unlimited. */
  | { readonly type: 'limit-uploads'; readonly uploads: readonly number[]; readonly bytesPerSecond: number }
  | {
      readonly type: 'search';
      readonly requestId: number;
      readonly query: string;
      /** Results of each catalogue at most; more than a tracker gives at once are fetched page by page. */
      readonly limit: number;
      /** What the page before gave (`SearchEnd`); none: the first. */
      readonly cursor?: string | undefined;
    }
  | { readonly type: 'find-name'; readonly requestId: number; readonly name: string }
  /** Many contents by their ids; of those that nobody shares now there is no answer. */
  | { readonly type: 'find-contents'; readonly requestId: number; readonly ids: readonly ContentId[] }
  | { readonly type: 'peers'; readonly requestId: number }
  /** Where one peer is, by its name or id. */
  | { readonly type: 'find-peer'; readonly requestId: number; readonly peer: string }
  | {
      readonly type: 'browse';
      readonly requestId: number;
      /** A peer's name or id. */
      readonly peer: string;
      readonly path: string;
      readonly recursive: boolean;
    }
  /** All that is shared, for scripts. */
  | { readonly type: 'shared'; readonly requestId: number }
  /** One level of our own share, for people. */
  | { readonly type: 'share-entries'; readonly requestId: number; readonly path: VirtualPath }
  /** The folder is remembered with the profile. Answered once it is known to be a folder that can be read. */
  | { readonly type: 'add-share'; readonly requestId: number; readonly folder: string }
  | { readonly type: 'remove-share'; readonly requestId: number; readonly folder: string }
  /** Undefined: all of them. */
  | { readonly type: 'rescan'; readonly folder: string | undefined }
  | {
      readonly type: 'download';
      readonly requestId: number;
      readonly target: DownloadTarget;
      readonly outDir: string;
      /** 0 = unlimited. */
      readonly bytesPerSecond: number;
      /** Default `normal`. */
      readonly priority?: Priority;
      /** Default `rarest`. */
      readonly order?: PieceOrder;
      /** What it is said to be, for its room on the disk before it begins; unknown: it is looked at then. */
      readonly sizeBytes?: number | undefined;
      /** Without progress for so long it fails, and at once when the disk refuses; undefined: it waits for ever. */
      readonly giveUpAfterMs?: number;
    }
  /** Everything about one download, as it is now: asked again as often as it is to be shown. */
  | { readonly type: 'details'; readonly requestId: number; readonly transfer: number }
  | { readonly type: 'set-limits'; readonly limits: Partial<EngineLimits> }
  /** A blocked peer gets nothing of us and is asked for nothing, until it is unblocked. */
  | { readonly type: 'block' | 'unblock'; readonly peer: PeerId; readonly name: string }
  /** Ends the connections with a peer; it may come back. */
  | { readonly type: 'disconnect'; readonly peer: PeerId }
  | { readonly type: 'snapshot'; readonly requestId: number }
  /** `idle`: when no download is left that could go on. A later `stop` replaces an earlier one. */
  | { readonly type: 'stop'; readonly when: 'now' | 'idle' }
  /** Takes back a `stop` that waits. */
  | { readonly type: 'stay' };
