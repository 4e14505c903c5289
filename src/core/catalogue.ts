/** What is shared and who shares it, as every part of the program speaks of it. */
import type { ContentId, PeerId } from './ids.ts';

/**
 * A path inside a share as others see it: `/<folder>/a/b.txt`. Starts with `/`, `/` between components, NFC,
 * no `.`/`..`/empty components, no trailing slash for files; folders end in `/` where both may appear.
 */
export type VirtualPath = string;

/** One shared file: the same content under two paths is two of these. */
export interface SharedFile {
  readonly id: ContentId;
  readonly path: VirtualPath;
  readonly sizeBytes: number;
}

/** What a user sees a file as, from its extension. */
export type FileType = 'audio' | 'video' | 'image' | 'document' | 'archive' | 'software' | 'other';

/** Where a content can be had. `host` is the address the tracker saw, never one that a peer claimed. */
export interface Source {
  readonly peer: PeerId;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Whether its tracker got through to that address; undefined when nobody tried. */
  readonly reachable?: boolean | undefined;
}

/** One search result: a content, the name that matched best, all its names and sources. */
export interface SearchResult {
  readonly id: ContentId;
  readonly name: string;
  readonly names: readonly string[];
  /** Where it lies in a share, as `name`: what tells two of the same name apart. Undefined: it was not said. */
  readonly folder?: VirtualPath | undefined;
  readonly sizeBytes: number;
  readonly type: FileType;
  readonly sources: readonly Source[];
}

/** What is to be said of a search beside what it found. */
export interface SearchEnd {
  /** Asks for the next page; undefined when there is none. */
  readonly cursor?: string | undefined;
  /** There may be more that no cursor leads to: other words find it. */
  readonly isCut?: boolean;
  /** A part of a catalogue did not answer in time. */
  readonly isPartial?: boolean;
  /** What to search for instead where nothing was found: a query that can be asked, fit to be shown. */
  readonly suggestion?: string | undefined;
}

export interface SearchFindings {
  /** Best first. */
  readonly results: readonly SearchResult[];
  readonly end: SearchEnd;
}

export interface PeerSummary extends Source {
  readonly files: number;
  readonly bytes: number;
}

/** Who is online. */
export interface PeerFindings {
  readonly peers: readonly PeerSummary[];
  /** There are more than a tracker is asked for. */
  readonly isCut?: boolean;
  /** A part of a catalogue did not answer in time: its peers are missing. */
  readonly isPartial?: boolean;
}

/** One line of a browse: a folder (path ends in `/`, `id` undefined, `files` below it) or a file. */
export type ListEntry =
  | {
      readonly kind: 'folder';
      readonly path: VirtualPath;
      readonly files: number;
      readonly sizeBytes: number;
    }
  | ({ readonly kind: 'file' } & SharedFile);

export interface ListPage {
  readonly entries: readonly ListEntry[];
  /** Give it back to get the next page; undefined on the last. */
  readonly cursor: string | undefined;
}
