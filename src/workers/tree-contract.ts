/**
 * What is said about the files of a tree between the actor that downloads it, the jobs that fetch its small files
 * and the job that puts them on the disk. File data goes from job to job over a port of their own.
 */
import type { MessagePort } from 'node:worker_threads';
import type { FileStamp } from '../core/share/file-stamp.ts';
import type { ContentId } from '../core/ids.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import type { Problem } from '../core/result.ts';

/** A small file to fetch, under a number of the caller's. `sizeBytes` is what the list claims. */
export interface WantedFile {
  readonly file: number;
  readonly id: ContentId;
  readonly sizeBytes: number;
}

/** A file and its place below the output folder; the names are safe. */
export interface PlacedFile extends WantedFile {
  readonly folders: readonly string[];
  readonly name: string;
}

// Fetching

/** A tree whose small files are fetched over a connection, under a number of the caller's. */
export interface OpenedTree {
  readonly tree: number;
  /** Where verified files go; the other end is with the job that writes them. */
  readonly store: MessagePort;
  /** The words of a `SharedRate`. */
  readonly rate: SharedArrayBuffer;
  /** The words of a `SharedWeight`. */
  readonly weight: SharedArrayBuffer;
}

/** A file that will not come over this connection, unless it is wanted again. */
export interface RefusedFile {
  readonly file: number;
  readonly problem: Problem;
}

/** What happened to one tree since the last report. What was written is told by who writes. */
export interface TreeReport {
  readonly tree: number;
  readonly refused: readonly RefusedFile[];
  /** Payload that came, whatever became of it. */
  readonly receivedBytes: number;
}

/** Numbers of `FilesForDisk.files` for each file. */
export const wordsPerFile = 3;

/** From a fetch job to the writer: verified files, one behind the other. The memory is handed over. */
export interface FilesForDisk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of each: its number, where it begins, its length. */
  readonly files: Uint32Array<ArrayBuffer>;
}

/** And back: they are in the hands of the system, and the memory may be used again. */
export interface FilesTaken {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

// Writing

export interface WriteTreeInput {
  readonly link: MessagePort;
  readonly outDir: string;
  /** A folder on the same volume that is ours alone, empty: files lie there until they have their names. */
  readonly staging: string;
  /** Whether to tell what finished files were made of. */
  readonly adopts: boolean;
}

export interface TreePage {
  /** Folders to be made below the output folder. */
  readonly folders: readonly (readonly string[])[];
  readonly files: readonly PlacedFile[];
}

/** A file that lies at `path` now, verified and flushed. */
export interface WrittenFile {
  readonly file: number;
  readonly path: string;
  readonly id: ContentId;
  /** What the library needs to share it without hashing it, where that was asked for. */
  readonly adoption: { readonly stamp: FileStamp; readonly manifest: Manifest } | undefined;
}

export interface FailedFile {
  readonly file: number;
  readonly problem: Problem;
  /** It is the disk that refuses, not this file. */
  readonly isDisk: boolean;
}

/** Files that have come to their end since the last report. */
export interface WriterReport {
  /** Those that have the very names they were to have, and no adoption. */
  readonly named: readonly number[];
  readonly written: readonly WrittenFile[];
  readonly failed: readonly FailedFile[];
  /** Read of files that are being copied. */
  readonly copiedBytes: number;
}

export interface TreePrepared extends WriterReport {
  /** The first folder that could not be made, and why not. */
  readonly problem: Problem | undefined;
}

/** What the writer tells the actor that started it. */
export interface TreeWriterHost {
  report(report: WriterReport): void;
}

/** What the writer lets its actor do. */
export interface TreeWriterControl {
  /**
   * Makes the folders and takes note of where the files go. Those that lie there already, verified, are in the
   * answer as written; those that cannot be had here as failed. The others may be fetched.
   */
  prepare(page: TreePage): Promise<TreePrepared>;
  /** Takes files from a fetch job. */
  connect(store: MessagePort): void;
  /** Copies a file that lies at `from` to the place of `file`, verified on the way. Answers in a report. */
  copy(file: number, from: string): void;
  /** They come later than those that were asked for, by themselves, or not: nothing waits for them. */
  setAside(files: readonly number[]): void;
  /** They will not come. */
  forget(files: readonly number[]): void;
  /** Waits until all that has come is under its name or has failed, reports it, and ends. */
  stop(): void;
}
