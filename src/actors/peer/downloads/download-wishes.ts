/**
 * What is asked for: a new download, or one that is in the book already, open or ended.
 * Invariant: what is asked for again has the row that it had, and what is finished stays so while its file is there.
 */
import type { Asked } from '../../../core/engine/engine-api.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { ActorContext, Asking } from '../../runtime/index.ts';
import { isStillThere } from './download-disk.ts';
import type { WorkKinds } from './download-work.ts';
import type { TransferBook } from './transfer-book.ts';
import { isOfKind, type DownloadRequest, type TransferRecord } from './transfer-record.ts';

/** Answered with the transfer's number as soon as it is known; how it goes is told to the observer. */
export type Wish = { readonly type: 'download' } & DownloadRequest & Asking<Result<Asked>>;

/** Whether a finished file that is asked for again is still where it was put. */
export interface LookedAt {
  readonly type: 'looked-at';
  readonly wish: Wish;
  readonly isThere: boolean;
}

export interface WishesNeeds {
  readonly ctx: ActorContext<LookedAt>;
  readonly book: TransferBook;
  readonly kinds: WorkKinds;
  /** It is in the queue, and was not there or had ended. */
  readonly takenUp: (record: TransferRecord) => void;
}

export class DownloadWishes {
  readonly #needs: WishesNeeds;

  constructor(needs: WishesNeeds) {
    this.#needs = needs;
  }

  receive(message: Wish | LookedAt): void {
    if (message.type === 'download') return this.#ask(message);
    const { wish, isThere } = message;
    // It may have been removed, or taken up again, while it was looked at.
    const earlier = this.#needs.book.endedFor(wish);
    const isSo = isThere && earlier?.state === 'done';
    wish.replyTo.reply(isSo ? ok({ transfer: earlier.transfer, was: 'done' }) : this.#takeUp(wish));
  }

  #ask(wish: Wish): void {
    const { ctx, book } = this.#needs;
    const earlier = book.endedFor(wish);
    // What a folder has by now only its peer knows.
    if (earlier?.state !== 'done' || !isOfKind(earlier, 'content'))
      return wish.replyTo.reply(this.#takeUp(wish));
    ctx.pipe(isStillThere(earlier), (outcome) => ({
      type: 'looked-at',
      wish,
      isThere: outcome.ok && outcome.value,
    }));
  }

  #takeUp(wish: Wish): Result<Asked> {
    const { book, kinds, takenUp } = this.#needs;
    const { target, outDir, bytesPerSecond, giveUpAfterMs, priority, order, sizeBytes } = wish;
    if (!kinds[target.kind]) return fail('bad-request', 'Folders are downloaded file by file');
    const request = { target, outDir, bytesPerSecond, giveUpAfterMs, priority, order, sizeBytes };
    const added = book.add(request, Date.now());
    if (!added.ok) return added;
    const { record, was } = added.value;
    if (was !== 'open') takenUp(record);
    return ok({ transfer: record.transfer, was });
  }
}
