/**
 * All downloads of this engine: the queue, how many run at once, one connection to each peer for all of them.
 * Invariant: at most one download works on a content in a folder at a time, and what the records say outlives
 * every failure below and of this actor itself.
 */
import type { ListPage, Source } from '../../core/catalogue.ts';
import type { DownloadView, EngineEvent, TransferCommand } from '../../core/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import {
  crashRetryMs,
  downloadPoolMailbox,
  maxDownloadActors,
  maxDownloadCrashes,
  maxDownloads,
  maxEndedDownloads,
  maxSessions,
} from '../../core/limits.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Pool } from '../../workers/pool.ts';
import type { Introduction, ListRequest, TransferJobs } from '../../workers/transfer-contract.ts';
import { actor, type ActorRef, type Asking, type StopReason } from '../runtime/index.ts';
import { DiskRoom } from './disk-room.ts';
import type { DownloadHost, WorkCommand } from './download-messages.ts';
import { workKinds, type WorkKinds } from './download-work.ts';
import type { LibraryCommand } from './library-messages.ts';
import type { Sweep } from './reaper.ts';
import type { Rules } from './rules.ts';
import { sessionActor, type SessionCommand } from './session.ts';
import type { TrackerQuestion } from './trackers-messages.ts';
import type { TransferBook } from './transfer-book.ts';
import {
  createRecord,
  hasEnded,
  isOfKind,
  viewOf,
  type DownloadRequest,
  type TransferRecord,
} from './transfer-record.ts';

export type DownloadPoolCommand =
  /** Answered with the transfer's number at once; how it goes is told to the observer. */
  | ({ readonly type: 'download' } & DownloadRequest & Asking<Result<number>>)
  | TransferCommand
  | ({ readonly type: 'snapshot' } & Asking<readonly DownloadView[]>)
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
  | { readonly type: 'download-over'; readonly transfer: number; readonly reason: StopReason }
  | { readonly type: 'session-over'; readonly peer: PeerId; readonly session: ActorRef<SessionCommand> }
  | { readonly type: 'crash-retry'; readonly transfer: number };

export interface DownloadPoolArgs {
  readonly me: Introduction;
  readonly transfers: Pool<TransferJobs>;
  readonly trackers: ActorRef<TrackerQuestion>;
  /** None where nothing is shared. */
  readonly library: ActorRef<LibraryCommand> | undefined;
  readonly observer: ActorRef<EngineEvent>;
  readonly rules: Pick<Rules, 'limits' | 'rates' | 'isBlocked'>;
  readonly book: TransferBook;
  /** Who works on downloads of each kind; others only in tests. */
  readonly kinds?: WorkKinds;
}

export const downloadPoolActor = actor<DownloadPoolMessage, DownloadPoolArgs>(
  'download-pool',
  (ctx, args) => {
    const { book, me, transfers, trackers, library, observer, rules, kinds = workKinds } = args;
    const running = new Map<number, ActorRef<WorkCommand>>();
    const sessions = new Map<PeerId, ActorRef<SessionCommand>>();
    const room = new DiskRoom();

    /** What has not ended by what it is for, and what has: thousands of records are not gone through for each event. */
    const open = new Map<string, TransferRecord>();
    const ended = new Set<TransferRecord>();

    // After a restart of this actor everything that was under way is to be taken up again.
    for (const record of book.records.values()) {
      if (hasEnded(record)) ended.add(record);
      else {
        open.set(purpose(record.request), record);
        if (record.state !== 'paused') record.state = 'queued';
      }
    }
    schedule();

    function download(wish: DownloadRequest): Result<number> {
      const { target, outDir, bytesPerSecond, giveUpAfterMs, priority, order } = wish;
      if (!kinds[target.kind]) return fail('bad-request', 'Folders are downloaded file by file');
      const request = { target, outDir, bytesPerSecond, giveUpAfterMs, priority, order };
      const same = open.get(purpose(request));
      if (same && !hasEnded(same)) return ok(same.transfer);
      if (open.size >= maxDownloads) return fail('limit', `More than ${maxDownloads} downloads`);
      const transfer = (book.lastTransfer += 1);
      const record = createRecord(transfer, request, Date.now());
      book.records.set(transfer, record);
      open.set(purpose(request), record);
      show(record);
      schedule();
      return ok(transfer);
    }

    /** Starts what may run. Who waits for a source does not keep others from running. */
    function schedule(): void {
      const started = [...running.keys()].flatMap((transfer) => book.records.get(transfer) ?? []);
      let free = rules.limits.downloadsAtOnce - started.filter(({ state }) => state !== 'waiting').length;
      if (free <= 0) return;
      const busy = new Set(started.map(workplace));
      for (const record of open.values()) {
        if (free <= 0 || running.size >= maxDownloadActors) return;
        if (record.state !== 'queued' || running.has(record.transfer) || busy.has(workplace(record)))
          continue;
        busy.add(workplace(record));
        free -= 1;
        start(record);
      }
    }

    function start(record: TransferRecord): void {
      const { transfer } = record;
      record.state = 'finding';
      const child = spawnWork(record);
      if (!child) return;
      running.set(transfer, child);
      ctx.watch(child, (reason) => ({ type: 'download-over', transfer, reason }));
    }

    function spawnWork(record: TransferRecord): ActorRef<WorkCommand> | undefined {
      const needs = { me, transfers, host: ctx.self, trackers, library };
      const options = { name: `download-${record.transfer}`, restart: 'temporary' } as const;
      if (isOfKind(record, 'content')) return kinds.content.start(ctx, { record, ...needs }, options);
      if (isOfKind(record, 'tree') && kinds.tree) return kinds.tree.start(ctx, { record, ...needs }, options);
      return undefined;
    }

    function over(record: TransferRecord, reason: StopReason): void {
      running.delete(record.transfer);
      room.release(record.transfer);
      if (reason.kind === 'failed' && !hasEnded(record) && record.state !== 'paused') {
        record.crashes += 1;
        record.state = 'queued';
        if (record.crashes > maxDownloadCrashes) {
          record.state = 'failed';
          record.problem = { code: 'internal', message: reason.error.message };
        } else {
          const { transfer } = record;
          record.state = 'waiting';
          ctx.timers.once(`retry-${transfer}`, crashRetryMs * record.crashes, {
            type: 'crash-retry',
            transfer,
          });
        }
        show(record);
      }
      settle(record);
      schedule();
    }

    function show(record: TransferRecord): void {
      observer.tell({ type: 'download', download: viewOf(record) });
    }

    function control(record: TransferRecord, command: TransferCommand): void {
      if (hasEnded(record)) return;
      if (command.type === 'pause') pause(record);
      else if (command.type === 'cancel') cancel(record);
      else if (command.type === 'limit') record.rate.setRate(command.bytesPerSecond);
      else if (command.type === 'resume' && record.state === 'paused') {
        record.state = 'queued';
        show(record);
        schedule();
      }
    }

    function pause(record: TransferRecord): void {
      const child = running.get(record.transfer);
      record.state = 'paused';
      record.nextAttemptMs = undefined;
      record.sources = 0;
      if (child) ctx.stopChild(child);
      show(record);
    }

    function cancel(record: TransferRecord): void {
      const child = running.get(record.transfer);
      record.state = 'cancelled';
      record.sources = 0;
      if (child) ctx.stopChild(child);
      show(record);
      settle(record);
    }

    /** Of those that have ended only the last are kept. */
    function settle(record: TransferRecord): void {
      if (!hasEnded(record)) return;
      const key = purpose(record.request);
      if (open.get(key) === record) open.delete(key);
      ended.add(record);
      for (const oldest of ended) {
        if (ended.size <= maxEndedDownloads) return;
        ended.delete(oldest);
        book.records.delete(oldest.transfer);
      }
    }

    /** The connection to a peer, made when there is none. */
    function sessionWith(source: Source): ActorRef<SessionCommand> | undefined {
      const known = sessions.get(source.peer);
      if (known) return known;
      if (sessions.size >= maxSessions || rules.isBlocked(source.peer)) return undefined;
      const session = ctx.spawn(
        sessionActor,
        { source, me, transfers, rates: rules.rates.shared },
        { restart: 'temporary' },
      );
      sessions.set(source.peer, session);
      ctx.watch(session, () => ({ type: 'session-over', peer: source.peer, session }));
      return session;
    }

    return {
      receive(message) {
        switch (message.type) {
          case 'download':
            message.replyTo.reply(download(message));
            return;
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
            for (const transfer of message.transfers) {
              const record = book.records.get(transfer);
              if (record) control(record, message);
            }
            return;
          case 'snapshot':
            message.replyTo.reply([...book.records.values()].map(viewOf));
            return;
          case 'browse': {
            const { source, path, recursive, cursor, limit, replyTo } = message;
            const session = sessionWith(source);
            const isAsked = session?.offer({ type: 'list', path, recursive, cursor, limit, replyTo });
            if (!isAsked) replyTo.reply(fail('busy', 'Too many connections are open'));
            return;
          }
          case 'session':
            message.replyTo.reply(sessionWith(message.source));
            return;
          case 'room': {
            const { transfer, sizeBytes, replyTo } = message;
            const record = book.records.get(transfer);
            if (record) void room.ask(record, sizeBytes).then((answer) => replyTo.reply(answer));
            return;
          }
          case 'changed': {
            const record = book.records.get(message.transfer);
            if (!record) return;
            show(record);
            schedule();
            return;
          }
          case 'download-over': {
            const record = book.records.get(message.transfer);
            if (record) over(record, message.reason);
            return;
          }
          case 'session-over':
            if (sessions.get(message.peer) === message.session) sessions.delete(message.peer);
            return;
          case 'crash-retry': {
            const record = book.records.get(message.transfer);
            if (record?.state === 'waiting') record.state = 'queued';
            schedule();
            return;
          }
          case 'limits-changed':
            schedule();
            return;
          case 'disconnect': {
            const session = sessions.get(message.peer);
            if (session) ctx.stopChild(session);
            return;
          }
          case 'sweep':
            return;
        }
      },
    };
  },
  { mailbox: { capacity: downloadPoolMailbox } },
);

/** What two downloads may not both be for. */
function purpose({ target, outDir }: DownloadRequest): string {
  return target.kind === 'content'
    ? [target.id, outDir, ...target.folders, target.name].join('\0')
    : [target.source.peer, outDir, target.path].join('\0');
}

/** Where a download works: two of the same would only stand in each other's way. */
function workplace({ request }: TransferRecord): string {
  const { target, outDir } = request;
  return target.kind === 'content' ? `${target.id}\0${outDir}` : purpose(request);
}
