/**
 * Finds what lies on the disk for a content that somebody asks for.
 * Invariant: what is opened here was, a moment ago, as it is shared.
 */
import { lstat } from 'node:fs/promises';
import { sameStamp, stampOf } from '../../../core/share/file-stamp.ts';
import { pieceLengthFor } from '../../../core/swarm/piece-length.ts';
import type { KnownFile } from './known-file.ts';
import type { OpenContent } from './library-messages.ts';

export interface Opened {
  readonly content: OpenContent | undefined;
  readonly changed: readonly KnownFile[];
}

/** The first of these files that is still as it was, and those before it that are not. */
export async function openFirst(files: readonly KnownFile[]): Promise<Opened> {
  const changed: KnownFile[] = [];
  for (const file of files) {
    const { filePath, stamp } = file;
    const stats = await lstat(filePath, { bigint: true }).catch(() => undefined);
    if (stats?.isFile() && sameStamp(stampOf(stats), stamp)) return { content: openContentOf(file), changed };
    changed.push(file);
  }
  return { content: undefined, changed };
}

/** Where a file should lie; nothing is looked at for it. */
export function openContentOf(file: KnownFile): OpenContent {
  const { stamp } = file;
  const { sizeBytes } = stamp;
  return { filePath: file.filePath, sizeBytes, pieceLength: pieceLengthFor(sizeBytes), stamp };
}
