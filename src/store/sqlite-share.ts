/**
 * Changes the share of one peer within a transaction. Invariant: after `save`, the peer's count, bytes and digest
 * are known to be those of its rows.
 */
import type { SharedFile } from '../core/catalogue.ts';
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

  join(file: SharedFile, place: Place): void {
    this.#rows.join(this.#pid, file, place);
    this.#sums.add(file, place.id);
    this.#moreBytes += file.sizeBytes;
    this.#added += 1;
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
}
