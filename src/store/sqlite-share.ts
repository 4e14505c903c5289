/**
 * Changes the share of one peer within a transaction. Invariant: after `save`, the peer's count, bytes and digest
 * are known to be those of its rows.
 */
import type { SharedFile } from '../core/catalogue.ts';
import { maxFilesPerShare } from '../core/limits.ts';
import type { Problem } from '../core/result.ts';
import type { AddedFile } from './catalog-store.ts';
import { refusalOf } from './checks.ts';
import type { PeerRows } from './sqlite-peers.ts';
import type { HeldRow, Place, ShareRows } from './sqlite-rows.ts';
import type { ShareSums } from './share-sums.ts';

export class ShareWriter {
  readonly #rows: ShareRows;
  readonly #peers: PeerRows;
  readonly #pid: number;
  readonly #sums: ShareSums;
  #added = 0;
  #removed = 0;
  #moreBytes = 0;

  constructor(rows: ShareRows, peers: PeerRows, pid: number) {
    this.#rows = rows;
    this.#peers = peers;
    this.#pid = pid;
    this.#sums = peers.sums(pid);
  }

  get added(): number {
    return this.#added;
  }

  get removed(): number {
    return this.#removed;
  }

  get count(): number {
    return this.#sums.count;
  }

  /** Adds a file, in place of the same content at its path with another size. Gives why not, if it cannot be. */
  add(file: AddedFile): Problem | undefined {
    const place = this.#rows.find(file);
    const [only] = place.variants;
    // Nearly every place has one size. Who has that has this file, so one statement finds out and changes it.
    const isUsual = place.variants.length === 1 && only?.sizeBytes === file.sizeBytes;
    if (isUsual && file.isDenied !== true && this.count < maxFilesPerShare) {
      if (this.#rows.joinKnown(this.#pid, only.fid)) this.#note(file, place);
      return undefined;
    }
    const held = this.#rows.heldBy(this.#pid, file, place);
    if (held?.sizeBytes === file.sizeBytes) return undefined;
    if (held !== undefined) this.leave(held);
    const problem = refusalOf(file, this.count);
    if (problem !== undefined) return problem;
    this.#rows.join(this.#pid, file, place);
    this.#note(file, place);
    return undefined;
  }

  /** Takes out what the peer has of a content at a path, if anything. */
  remove(file: Pick<SharedFile, 'id' | 'path'>): void {
    const held = this.#rows.heldBy(this.#pid, file, this.#rows.find(file));
    if (held !== undefined) this.leave(held);
  }

  leave(row: HeldRow): void {
    this.#rows.leave(this.#pid, row);
    this.#sums.remove(row);
    this.#moreBytes -= row.sizeBytes;
    this.#removed += 1;
  }

  /** Gives how many rows have changed. */
  save(): number {
    const changed = this.#added + this.#removed;
    if (changed > 0) this.#peers.changed(this.#pid, this.#sums, this.#moreBytes);
    return changed;
  }

  #note(file: SharedFile, { id }: Place): void {
    this.#sums.add(file, id);
    this.#moreBytes += file.sizeBytes;
    this.#added += 1;
  }
}
