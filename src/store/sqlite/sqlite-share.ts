/**
 * Changes the share of one peer within a transaction. Invariant: after `save`, the peer's count, bytes and digest
 * are known to be those of its rows.
 */
import type { SharedFile } from '../../core/catalogue.ts';
import { contentId } from '../../core/ids.ts';
import { knownRowWeight, maxFilesPerShare } from '../../core/limits/stores.ts';
import type { Problem } from '../../core/result.ts';
import { refusalFor } from '../checks.ts';
import type { PreparedRow } from '../prepared-batch.ts';
import { bytesOf } from '../share-hash.ts';
import type { PeerRows } from './sqlite-peers.ts';
import type { HeldRow, ShareRows } from './sqlite-rows.ts';
import type { ShareSums } from '../share-sums.ts';

export class ShareWriter {
  readonly #rows: ShareRows;
  readonly #peers: PeerRows;
  readonly #pid: number;
  readonly #sums: ShareSums;
  #added = 0;
  #removed = 0;
  /** Of those added, files that others have too. */
  #joined = 0;
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
  add(row: PreparedRow): Problem | undefined {
    const place = this.#rows.find(row.id, row.pathBytes);
    const [only] = place.variants;
    // Nearly every place has one size. Who has that has this file, so one statement finds out and changes it.
    const isUsual = place.variants.length === 1 && only?.sizeBytes === row.sizeBytes;
    if (isUsual && row.flaw === undefined && this.count < maxFilesPerShare) {
      if (!this.#rows.joinKnown(this.#pid, only.fid)) return undefined;
      this.#joined += 1;
      this.#note(row);
      return undefined;
    }
    const held = this.#rows.heldBy(this.#pid, place);
    if (held?.sizeBytes === row.sizeBytes) return undefined;
    if (held !== undefined) this.leave({ ...held, id: contentId(row.id), path: row.path });
    const problem = refusalFor(row.flaw, this.count);
    if (problem !== undefined) return problem;
    this.#rows.join(this.#pid, row, place);
    this.#note(row);
    return undefined;
  }

  /** Takes out what the peer has of a content at a path, if anything. */
  remove(file: Pick<SharedFile, 'id' | 'path'>): void {
    const place = this.#rows.find(bytesOf(file.id), Buffer.from(file.path));
    const held = this.#rows.heldBy(this.#pid, place);
    if (held !== undefined) this.leave({ ...held, id: file.id, path: file.path });
  }

  leave(row: HeldRow): void {
    this.#rows.leave(this.#pid, row);
    this.#sums.remove(row);
    this.#moreBytes -= row.sizeBytes;
    this.#removed += 1;
  }

  /** Gives how many rows have changed, as a group counts them. */
  save(): number {
    const changed = this.#added + this.#removed;
    if (changed > 0) this.#peers.changed(this.#pid, this.#sums, this.#moreBytes);
    return changed + (knownRowWeight - 1) * this.#joined;
  }

  #note(row: PreparedRow): void {
    this.#sums.addRow(row);
    this.#moreBytes += row.sizeBytes;
    this.#added += 1;
  }
}
