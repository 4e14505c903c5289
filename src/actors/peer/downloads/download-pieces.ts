/**
 * The pieces of one download once its file is open: which are here, who is to fetch the others, and what has come.
 * Invariant: the record's `doneBytes` are those of the pieces that are here, the ones in doubt included.
 */
import { Assignment } from '../../../core/swarm/assignment.ts';
import type { ContentTarget } from '../../../core/engine/engine-api.ts';
import { pieceSize } from '../../../core/swarm/piece-length.ts';
import type { Order } from '../../../core/swarm/piece-order.ts';
import type { SourceBook } from '../../../core/swarm/source-book.ts';
import type { PartialFile } from '../../../profile/partial-file.ts';
import type { DownloadFile } from './download-file.ts';
import type { SessionNews } from '../sessions/session.ts';
import type { TransferRecord } from './transfer-record.ts';

export interface PiecesNeeds {
  readonly record: TransferRecord<ContentTarget>;
  readonly file: Pick<DownloadFile, 'partial'>;
  readonly sources: SourceBook;
  readonly now: () => number;
  readonly random: () => number;
}

export class DownloadPieces {
  /** Undefined before the file is open for the first time. */
  assignment: Assignment | undefined;
  readonly #needs: PiecesNeeds;

  constructor(needs: PiecesNeeds) {
    this.#needs = needs;
  }

  /** The file is open, with what there is of it. */
  open({ claimed, manifest }: PartialFile): void {
    const { record, random } = this.#needs;
    this.assignment = new Assignment(manifest, claimed, random);
    this.reorder();
    record.doneBytes = 0;
    for (let piece = 0; piece < claimed.length; piece++) if (claimed.has(piece)) this.#count(piece);
  }

  /** The record says in which order they are to come. */
  reorder(): void {
    if (this.assignment) this.assignment.order = this.#needs.record.order;
  }

  /** Whether all is here, be it in doubt or not: nothing is to be fetched. */
  get areHere(): boolean {
    return this.assignment?.isComplete === true;
  }

  /** Whether the file may have its name: all is here, and none of it is in doubt. */
  get areRight(): boolean {
    return this.areHere && this.#needs.file.partial?.isInDoubt === false;
  }

  /** Those turned out wrong. */
  lost(pieces: readonly number[]): void {
    const { record } = this.#needs;
    for (const piece of pieces) record.doneBytes -= pieceSize(record.sizeBytes ?? 0, piece);
    this.assignment?.lost(pieces);
  }

  /** Takes in what a source delivered. `isNews`: some of it was not here before. */
  delivered(
    { peer, report }: Extract<SessionNews, { readonly type: 'delivered' }>,
    assignment: Assignment,
    partial: PartialFile,
  ): { readonly isNews: boolean; readonly orders: readonly Order[] } {
    const { record, sources, now } = this.#needs;
    const { fresh, wasted, orders } = assignment.delivered(peer, report, now());
    record.wastedBytes += wasted * assignment.pieceLength;
    for (const piece of fresh) if (partial.add(piece)) this.#count(piece);
    if (fresh.length > 0) {
      record.usedSources.add(peer);
      sources.delivered(peer);
    }
    const bytesPerSecond = assignment.stateOf(peer, now())?.bytesPerSecond ?? 0;
    if (report.receivedBytes > 0) sources.received(peer, report.receivedBytes, bytesPerSecond, now());
    return { isNews: fresh.length > 0, orders };
  }

  #count(piece: number): void {
    const { record } = this.#needs;
    record.doneBytes += pieceSize(record.sizeBytes ?? 0, piece);
  }
}
