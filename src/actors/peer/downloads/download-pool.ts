/**
 * All downloads of this engine, and one connection to each peer for all of them.
 * Invariant: at most one download works on a content in a folder at a time, and what the records say outlives
 * every failure below and of this actor itself.
 */
import type { ListPage, Source } from '../../../core/catalogue.ts';
import type {
  DownloadDetails,
  DownloadView,
  EngineEvent,
  TransferCommand,
} from '../../../core/engine/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import * as limits from '../../../core/limits/downloads.ts';
import { calledPeer } from '../../../core/peer-words.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import { sqliteProblem } from '../../../profile/database.ts';
import type { Pool } from '../../../workers/pool.ts';
import type { Introduction, ListRequest, TransferJobs } from '../../../workers/transfer-contract.ts';
import { actor, type ActorRef, type Asking, type ReplyTo } from '../../runtime/index.ts';
import type { Calls } from '../sessions/calls.ts';
import type { DiskRoom } from './disk-room.ts';
import { control } from './download-control.ts';
import type { DownloadHost } from './download-messages.ts';
import { DownloadTurns, type TurnsMessage } from './download-turns.ts';
import { DownloadWishes, type LookedAt, type Wish } from './download-wishes.ts';
import { discard, workKinds, type WorkKinds } from './download-work.ts';
import type { LocalCopies } from './local-copies.ts';
import type { LibraryCommand } from '../library/library-messages.ts';
import type { Partials } from './partials.ts';
import { QueueRoom, type RoomMessage } from './queue-room.ts';
import type { Sweep } from '../reaper.ts';
import type { Rules } from '../rules.ts';
import type { SessionCommand } from '../sessions/session.ts';
import { SessionTable, type SessionOver } from '../sessions/session-table.ts';
import type { TrackerQuestion } from '../trackers/trackers-messages.ts';
import type { TransferBook } from './transfer-book.ts';
import { hasEnded, viewOf, type TransferRecord } from './transfer-record.ts';

export type DownloadPoolCommand =
  | Wish
  | TransferCommand
  | ({ readonly type: 'snapshot' } & Asking<readonly DownloadView[]>)
  | ({ readonly type: 'details'; readonly transfer: number } & Asking<Result<DownloadDetails>>)
  /** Those of the rules have been set anew. */
  | { readonly type: 'limits-changed' }
  /** Ends the connection with a peer. */
  | { readonly type: 'disconnect'; readonly peer: PeerId }
  /** One page of what a peer shares. */
  | ({ readonly type: 'browse'; readonly source: Source } & ListRequest & Asking<Result<ListPage>>)
  | Sweep;

type DownloadPoolMessage =
  | DownloadPoolCommand
  | DownloadHost
  | TurnsMessage
  | RoomMessage
  | SessionOver
  | { readonly type: 'discarded'; readonly release: () => void }
  | LookedAt
  | { readonly type: 'save' | 'renumber' };

export interface DownloadPoolArgs {
  readonly me: Introduction;
  readonly transfers: Pool<TransferJobs>;
  readonly trackers: ActorRef<TrackerQuestion>;
  /** None where nothing is shared. */
  readonly library: ActorRef<LibraryCommand> | undefined;
  readonly copies?: LocalCopies | undefined;
  /** What others may have of the downloads. */
  readonly partials: Partials;
  /** Where those who cannot be dialled are waited for. */
  readonly calls: Calls;
  readonly observer: ActorRef<EngineEvent>;
  readonly rules: Pick<Rules, 'limits' | 'rates' | 'isBlocked'>;
  readonly book: TransferBook;
  /** Who works on downloads of each kind; others only in tests, like the two that follow. */
  readonly kinds?: WorkKinds;
  readonly room?: DiskRoom;
  readonly now?: () => number;
  readonly random?: () => number;
}

export const downloadPoolActor = actor<DownloadPoolMessage, DownloadPoolArgs>(
  'download-pool',
  (ctx, args) => {
    const {
      book,
      me,
      transfers,
      trackers,
      library,
      partials,
      calls,
      observer,
      rules,
      kinds = workKinds,
    } = args;
    const { now = () => performance.now(), random = Math.random } = args;
    const sessions = new SessionTable(ctx, { me, transfers, rates: rules.rates.shared, calls, trackers });
    const turns = new DownloadTurns({
      ctx,
      book,
      kinds,
      work: { me, transfers, host: ctx.self, trackers, library, copies: args.copies, partials },
      slots: () => rules.limits.downloadsAtOnce,
      now,
      random,
      changed,
    });
    const wishes = new DownloadWishes({
      ctx,
      book,
      kinds,
      takenUp(record) {
        changed(record);
        turns.wake();
        room.lookSoon();
      },
    });
    const room = new QueueRoom({ ctx, book, turns, changed, now, room: args.room });
    /** What is to be taken off the disk once nobody works on it. */
    const toDiscard = new Map<number, { readonly record: TransferRecord; readonly release: () => void }>();
    /** The chores that a timer is set for. */
    const awaited = new Set<string>();
    let isComplaining = false;

    turns.takeUpAll();
    room.lookSoon();

    /** Shows a record, and sees to what follows from what it says now. */
    function changed(record: TransferRecord): void {
      if (hasEnded(record)) {
        if (record.state === 'done') record.keptBytes = record.doneBytes;
        tellRemoved(book.end(record, Date.now()));
      }
      book.worked(record);
      observer.tell({ type: 'download', download: viewOf(record) });
    }

    function tellRemoved(records: readonly TransferRecord[]): void {
      if (records.length === 0) return;
      observer.tell({ type: 'removed', transfers: records.map(({ transfer }) => transfer) });
    }

    function remove(records: readonly TransferRecord[], deletesData: boolean): void {
      for (const record of records) {
        book.remove(record);
        const isIdle = turns.stop(record);
        if (!deletesData || book.sharesFile(record)) continue;
        toDiscard.set(record.transfer, { record, release: turns.reserve(record) });
        if (isIdle) discardNow(record.transfer);
      }
      tellRemoved(records);
    }

    function discardNow(transfer: number): void {
      const entry = toDiscard.get(transfer);
      if (!entry) return;
      toDiscard.delete(transfer);
      ctx.pipe(discard(kinds, entry.record), () => ({ type: 'discarded', release: entry.release }));
    }

    function details(transfer: number, replyTo: ReplyTo<Result<DownloadDetails>>): void {
      const record = book.get(transfer);
      if (!record) return replyTo.reply(fail('not-found', 'There is no such download'));
      const isAsked = turns.workerOf(record)?.offer({ type: 'details', replyTo });
      if (!isAsked) replyTo.reply(ok(noDetails(viewOf(record))));
    }

    function save(): void {
      try {
        book.save(limits.maxTransfersSavedAtOnce);
        isComplaining = false;
        if (book.hasUnsaved) soon('save', limits.saveMoreMs);
      } catch (error) {
        const { message } = sqliteProblem(error);
        soon('save', limits.saveRetryMs);
        if (isComplaining) return;
        isComplaining = true;
        const line = { atMs: Date.now(), level: 'warn', source: 'downloads', text: message } as const;
        observer.tell({ type: 'log', line });
      }
    }

    function renumber(): void {
      for (const record of book.renumber(limits.maxRenumberedAtOnce))
        observer.tell({ type: 'download', download: viewOf(record) });
    }

    /** What is done now and then while there is something to do. */
    function keepBooks(): void {
      if (book.hasUnsaved) soon('save', limits.saveTransfersMs);
      if (!book.isNumbered) soon('renumber', limits.renumberMs);
    }

    function soon(type: 'save' | 'renumber', afterMs: number): void {
      if (awaited.has(type)) return;
      awaited.add(type);
      ctx.timers.once(type, afterMs, { type });
    }

    function handle(message: DownloadPoolMessage): void {
      switch (message.type) {
        case 'download':
        case 'looked-at':
          return wishes.receive(message);
        case 'pause':
        case 'resume':
        case 'cancel':
        case 'retry':
        case 'find-sources':
        case 'remove':
        case 'prioritise':
        case 'move':
        case 'limit':
        case 'order-pieces':
          room.lookSoon();
          return control(message, { book, turns, changed, remove });
        case 'snapshot':
          // Who has just moved something looks where it is.
          renumber();
          return message.replyTo.reply(Array.from(book.records(), viewOf));
        case 'details':
          return details(message.transfer, message.replyTo);
        case 'browse': {
          const { source, path, recursive, cursor, limit, replyTo } = message;
          const session = sessionWith(source);
          if (!session.ok) return replyTo.reply(session);
          const isAsked = session.value.offer({ type: 'list', path, recursive, cursor, limit, replyTo });
          if (!isAsked) replyTo.reply(tooMany);
          return;
        }
        case 'session':
          return message.replyTo.reply(sessionWith(message.source));
        case 'room':
        case 'begins':
        case 'look-at-room':
        case 'room-known':
          return room.receive(message);
        case 'tree-files':
          return observer.tell(message);
        case 'changed': {
          const record = book.get(message.transfer);
          if (!record) return;
          turns.noted(record);
          return changed(record);
        }
        case 'work-over': {
          const { transfer } = message;
          room.release(transfer);
          turns.receive(message);
          const record = book.get(transfer);
          if (record) book.worked(record);
          return discardNow(transfer);
        }
        case 'turns':
        case 'rested':
          return turns.receive(message);
        case 'discarded':
          return message.release();
        case 'session-over':
          return sessions.over(message);
        case 'limits-changed':
          return turns.wake();
        case 'disconnect':
          return sessions.disconnect(message.peer);
        case 'save':
          awaited.delete('save');
          return save();
        case 'renumber':
          awaited.delete('renumber');
          return renumber();
        case 'sweep':
      }
    }

    function sessionWith(source: Source): Result<ActorRef<SessionCommand>> {
      if (rules.isBlocked(source.peer))
        return fail('unauthorised', `${calledPeer(source.name)} is blocked here`);
      const session = sessions.with(source);
      return session ? ok(session) : tooMany;
    }

    return {
      receive(message) {
        handle(message);
        keepBooks();
      },
      stopped() {
        book.save(Infinity);
      },
    };
  },
  { mailbox: { capacity: limits.downloadPoolMailbox } },
);

const tooMany = fail('busy', 'Too many connections are open');

/** Of a download that nobody works on. */
function noDetails(download: DownloadView): DownloadDetails {
  const unknown = { pieceLength: undefined, pieces: undefined, pieceMap: undefined };
  return { download, ...unknown, sources: [], openFiles: [] };
}
