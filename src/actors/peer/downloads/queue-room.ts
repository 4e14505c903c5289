/**
 * Room on the disk for the whole queue. Who runs asks for its own here; of those that wait for a slot the ones that
 * will not fit are told at once, and wait without a turn until they would.
 * Invariant: while any download is kept from its turn here there is a time for the next look.
 */
import { diskProbeMaxMs, roomLookEachMs, roomLookMs } from '../../../core/limits/downloads.ts';
import type { Problem } from '../../../core/result.ts';
import type { ActorContext, Outcome } from '../../runtime/index.ts';
import { DiskRoom } from './disk-room.ts';
import type { DownloadHost } from './download-messages.ts';
import type { DownloadTurns } from './download-turns.ts';
import { workplace, type TransferBook } from './transfer-book.ts';
import type { TransferRecord } from './transfer-record.ts';

export type RoomMessage =
  | Extract<DownloadHost, { readonly type: 'room' | 'begins' }>
  | { readonly type: 'look-at-room' }
  | { readonly type: 'room-known'; readonly outcome: Outcome<ReadonlyMap<number, Problem>> };

export interface QueueRoomNeeds {
  readonly ctx: ActorContext<RoomMessage>;
  readonly book: TransferBook;
  readonly turns: DownloadTurns;
  /** What it waits for has changed. */
  readonly changed: (record: TransferRecord) => void;
  readonly now: () => number;
  /** Another only in tests. */
  readonly room?: DiskRoom | undefined;
}

export class QueueRoom {
  readonly #needs: QueueRoomNeeds;
  readonly #room: DiskRoom;
  /** Those that are kept from their turns. */
  readonly #kept = new Set<number>();
  /** When they were last told their numbers, which change with every byte that others write. */
  #toldMs = -Infinity;
  /** How many were looked at last. */
  #looked = 0;
  #isDue = false;
  #isLooking = false;

  constructor(needs: QueueRoomNeeds) {
    this.#needs = needs;
    this.#room = needs.room ?? new DiskRoom();
  }

  receive(message: RoomMessage): void {
    const { book } = this.#needs;
    switch (message.type) {
      case 'room': {
        const { transfer, sizeBytes, wholeBytes, replyTo } = message;
        const record = book.get(transfer);
        if (!record) return;
        const ahead = this.#ahead(record);
        void this.#room.ask(record, sizeBytes, ahead, wholeBytes).then((answer) => replyTo.reply(answer));
        return this.lookSoon();
      }
      case 'begins': {
        const record = book.get(message.transfer);
        return record && this.#room.begins(record);
      }
      case 'look-at-room':
        this.#isDue = false;
        return this.#look();
      case 'room-known':
        this.#isLooking = false;
        if (!message.outcome.ok) throw message.outcome.error;
        return this.#known(message.outcome.value);
    }
  }

  /** Nobody works on it any more. */
  release(transfer: number): void {
    this.#room.release(transfer);
    this.lookSoon();
  }

  /** What is to come, or its order, has changed. */
  lookSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const afterMs = roomLookMs + this.#looked * roomLookEachMs;
    this.#needs.ctx.timers.once('look-at-room', afterMs, { type: 'look-at-room' });
  }

  #look(): void {
    const { ctx, book } = this.#needs;
    if (this.#isLooking) return this.lookSoon();
    for (const transfer of this.#kept) {
      const record = book.get(transfer);
      if (!record || !this.#isKept(record)) this.#kept.delete(transfer);
    }
    const waiting = [...book.order()].filter((record) => this.#isToCome(record) || this.#isKept(record));
    this.#looked = waiting.length;
    if (waiting.length === 0) return;
    this.#isLooking = true;
    ctx.pipe(this.#room.lookAhead(waiting), (outcome) => ({ type: 'room-known', outcome }));
  }

  #known(problems: ReadonlyMap<number, Problem>): void {
    const { ctx, book, turns, changed } = this.#needs;
    const nextAttemptMs = Date.now() + diskProbeMaxMs;
    const nowMs = this.#needs.now();
    const isTold = nowMs - this.#toldMs >= diskProbeMaxMs;
    if (isTold) this.#toldMs = nowMs;
    for (const transfer of this.#kept) {
      const record = book.get(transfer);
      const problem = problems.get(transfer);
      if (record && this.#isKept(record) && problem) {
        if (!isTold || record.problem?.message === problem.message) continue;
        Object.assign(record, { problem, nextAttemptMs });
        changed(record);
      } else {
        this.#kept.delete(transfer);
        if (record) turns.rouse(record);
      }
    }
    for (const [transfer, problem] of problems) {
      const record = book.get(transfer);
      if (record && turns.keep(record, problem, nextAttemptMs)) this.#kept.add(transfer);
    }
    if (this.#kept.size > 0 && !this.#isDue)
      ctx.timers.once('look-at-room', diskProbeMaxMs, { type: 'look-at-room' });
  }

  /** Those before it in the queue that will ask for room as well, and do not wait for its end to do so. */
  #ahead(record: TransferRecord): readonly TransferRecord[] {
    const ahead: TransferRecord[] = [];
    const place = workplace(record);
    for (const other of this.#needs.book.order()) {
      if (other === record) break;
      if (this.#isToCome(other) && workplace(other) !== place) ahead.push(other);
    }
    return ahead;
  }

  /**
   * Its size is known, it has no room yet, and nothing but its turn keeps it from asking: who has it and finds nobody
   * may never ask.
   */
  #isToCome(record: TransferRecord): boolean {
    const { state, sizeBytes } = record;
    const mayAsk = state === 'queued' || (state === 'finding' && hasSource(record));
    return sizeBytes !== undefined && mayAsk && !this.#room.has(record);
  }

  #isKept(record: TransferRecord): boolean {
    const { turns } = this.#needs;
    return this.#kept.has(record.transfer) && turns.isKept(record);
  }
}

/** A folder has its peer from the start. */
function hasSource({ request, knownSources }: TransferRecord): boolean {
  return request.target.kind === 'tree' || knownSources > 0;
}
