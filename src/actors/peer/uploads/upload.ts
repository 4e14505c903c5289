/**
 * One connection to a visitor, accepted or dialled because it called: the proxy of its serve job. Passes on what the visitor asks to the library and to
 * the pool of slots, and what they say back.
 * Invariant: the connection ends with this actor, and this actor with the connection.
 */
import type { Socket } from 'node:net';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import type { UploadView } from '../../../core/engine/engine-api.ts';
import { dropOldest } from '../../../core/drop-oldest.ts';
import { maxNamedContents } from '../../../core/limits/connections.ts';
import { libraryAnswerTimeoutMs } from '../../../core/limits/uploads.ts';
import type { ContentId, PeerId } from '../../../core/ids.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { fail, ok, type Problem, type Result } from '../../../core/result.ts';
import { SentContents } from '../../../core/uploads/sent-contents.ts';
import { handOver, openChannel } from '../../../workers/channel.ts';
import type { Pool } from '../../../workers/pool.ts';
import type {
  Caller,
  Claimed,
  Ended,
  Introduction,
  RemotePeer,
  ServedFile,
  ServedPartial,
  ServeControl,
  ServeHost,
  ServeReport,
  SlotWants,
  TransferJobs,
} from '../../../workers/transfer-contract.ts';
import { actor, type ActorRef, type Asking, type AskFailure, type Outcome } from '../../runtime/index.ts';
import type { Calls } from '../sessions/calls.ts';
import type { Partial, Partials } from '../downloads/partials.ts';
import type { SpoiledPiece } from './piece-check.ts';
import type { LibraryCommand, OpenContent } from '../library/library-messages.ts';

/** What an upload says to the pool that owns the slots. */
export type UploadHost =
  | ({ readonly type: 'authorize'; readonly upload: number; readonly remote: RemotePeer } & Asking<
      Result<SharedArrayBuffer>
    >)
  /** The visitor is one that we called: it is asked by the session that called, and wants nothing. */
  | { readonly type: 'claimed'; readonly upload: number }
  | { readonly type: 'want-slot'; readonly upload: number; readonly wants: SlotWants }
  | ({ readonly type: 'progress'; readonly upload: number } & SentContent)
  | { readonly type: 'sent-files'; readonly peer: PeerId; readonly ids: readonly ContentId[] };

/** What was sent so far, and what was sent last. */
type SentContent = Pick<UploadView, 'sentBytes' | 'id' | 'name' | 'sizeBytes'>;

export type UploadCommand =
  /** A place in the queue: 0 holds a slot. `hasMinislot`: small files may be sent all the same. */
  | { readonly type: 'place'; readonly position: number; readonly hasMinislot: boolean }
  /** Ends the connection; the visitor is told why. */
  | { readonly type: 'end'; readonly reason: Problem };

type Settle<T> = (result: Result<T>) => void;

type UploadMessage =
  | UploadCommand
  /** A question of the job: put to someone, and answered by the promise that it waits for. */
  | { readonly type: 'ask'; readonly put: () => void }
  | { readonly type: 'answered'; readonly settle: () => void }
  | { readonly type: 'stale'; readonly id: NonNullable<UploadView['id']>; readonly reason: string }
  | { readonly type: 'reported'; readonly report: ServeReport }
  | { readonly type: 'over'; readonly outcome: Outcome<Ended> };

/** Where a visitor comes from: it dialled us, or called and is dialled. */
export type Visitor = { readonly socket: Socket } | { readonly caller: Caller };

export interface UploadArgs {
  readonly upload: number;
  readonly visitor: Visitor;
  readonly me: Introduction;
  readonly transfers: Pool<TransferJobs>;
  readonly library: ActorRef<LibraryCommand>;
  readonly partials: Partials;
  readonly calls: Calls;
  /** The words of the engine's `EngineRates`. */
  readonly rates: SharedArrayBuffer;
  readonly pool: ActorRef<UploadHost>;
  readonly checker: ActorRef<SpoiledPiece>;
}

export const uploadActor = actor<UploadMessage, UploadArgs>('upload', (ctx, args) => {
  const { upload, visitor, me, transfers, library, partials, rates, pool, checker } = args;
  const socket = 'socket' in visitor ? visitor.socket : undefined;

  const { port1, port2 } = new MessageChannel();

  /** Lets the job wait for what `put` brings: questions are asked while handling a message, as always. */
  function answer<T>(put: (settle: Settle<T>) => void): Promise<Result<T>> {
    return new Promise((resolve) => {
      if (!ctx.self.offer({ type: 'ask', put: () => put(resolve) }))
        resolve(fail('busy', 'Too many questions at once'));
    });
  }

  function answered<T>(settle: Settle<T>) {
    return (outcome: Outcome<Result<T>, AskFailure>): UploadMessage => ({
      type: 'answered',
      settle: () => settle(outcome.ok ? outcome.value : fail('busy', 'The library is busy')),
    });
  }

  /** What the contents that were asked for last are called here. */
  const contents = new Map<ContentId, { readonly name: string; readonly sizeBytes: number }>();
  function note(id: ContentId, name: string, sizeBytes: number): void {
    contents.delete(id);
    contents.set(id, { name, sizeBytes });
    dropOldest(contents, maxNamedContents);
  }

  const sent = new SentContents();
  let peer: PeerId | undefined;
  function tellSent(ids: readonly ContentId[]): void {
    if (peer !== undefined && ids.length > 0) pool.offer({ type: 'sent-files', peer, ids });
  }

  const timeoutMs = libraryAnswerTimeoutMs;
  const host: ServeHost = {
    authorize: (remote) =>
      answer<SharedArrayBuffer>((settle) => {
        ({ peer } = remote);
        ctx.ask(pool, { type: 'authorize', upload, remote }, timeoutMs, answered(settle));
      }),
    claim: async ({ peer }, token) => {
      const claimed = await answer<Claimed>((settle) => {
        const claim = args.calls.claim(peer, token);
        if (!claim) return settle(fail('unauthorised', 'You were not called from here, or too long ago'));
        claim.settle(job);
        pool.tell({ type: 'claimed', upload });
        settle(ok({ link: claim.link }));
      });
      return claimed.ok ? handOver(claimed, [claimed.value.link]) : claimed;
    },
    open: async (id) => {
      const found = await answer<OpenContent>((settle) =>
        ctx.ask(library, { type: 'open', id }, timeoutMs, answered(settle)),
      );
      if (found.ok) note(id, path.basename(found.value.filePath), found.value.sizeBytes);
      const partial = found.ok ? undefined : partials.find(id);
      if (partial) note(id, partial.name, partial.manifest.sizeBytes);
      return found.ok ? served(found) : (servedPart(partial) ?? found);
    },
    openAll: async (ids) => {
      const found = await answer<readonly Result<OpenContent>[]>((settle) =>
        ctx.ask(library, { type: 'open-all', ids }, timeoutMs, answered(settle)),
      );
      if (!found.ok) return ids.map(() => found);
      for (const [index, each] of found.value.entries()) {
        const id = ids[index];
        if (each.ok && id !== undefined) note(id, path.basename(each.value.filePath), each.value.sizeBytes);
      }
      return found.value.map(served);
    },
    manifest: async (id) => {
      const found = await answer<Manifest>((settle) =>
        ctx.ask(library, { type: 'manifest', id }, timeoutMs, answered(settle)),
      );
      const partial = partials.find(id);
      return !found.ok && partial ? ok(partial.manifest) : found;
    },
    list: (request) =>
      answer((settle) => ctx.ask(library, { type: 'list', ...request }, timeoutMs, answered(settle))),
    stale: (id, reason) => void ctx.self.offer({ type: 'stale', id, reason }),
    spoiled: (id, piece) => void checker.offer({ type: 'spoiled', id, piece }),
    wantSlot: (wants) => pool.tell({ type: 'want-slot', upload, wants }),
    report: (report) => void ctx.self.offer({ type: 'reported', report }),
  };
  const channel = openChannel<ServeControl>(port1, host);
  // Gone before we looked: then there is nothing to hand over.
  const job: Promise<Ended> = socket?.destroyed
    ? Promise.resolve({ problem: { code: 'closed', message: 'The visitor left' } })
    : transfers.run(
        'serve',
        { ...visitor, link: port2, me, rates, revocations: partials.revocations.shared },
        { transferList: socket ? [socket, port2] : [port2] },
      );
  ctx.pipe(job, (outcome) => ({ type: 'over', outcome }));

  return {
    receive(message) {
      switch (message.type) {
        case 'ask':
          return message.put();
        case 'answered':
          return message.settle();
        case 'place':
          channel.remote.place(message.position, message.hasMinislot).catch(() => undefined);
          return;
        case 'reported': {
          const { sentBytes, id, parts } = message.report;
          const of = id === undefined ? undefined : contents.get(id);
          pool.offer({ type: 'progress', upload, sentBytes, id, name: of?.name, sizeBytes: of?.sizeBytes });
          if (parts.length === 0) return;
          library.offer({ type: 'sent', parts });
          return tellSent(sent.add(parts, (each) => contents.get(each)?.sizeBytes));
        }
        case 'end':
          channel.remote.stop(message.reason).catch(() => undefined);
          return;
        case 'stale':
          return library.tell({ type: 'stale', id: message.id, reason: message.reason });
        case 'over':
          tellSent(sent.end());
          if (!message.outcome.ok) throw message.outcome.error;
          ctx.stop();
      }
    },
    stopped() {
      channel.close();
      // Still ours when no thread had come to take it; a socket handed over is destroyed already, here.
      socket?.destroy();
    },
  };
});

/** What is there of a content that is being downloaded. */
function servedPart(partial: Partial | undefined): Result<ServedPartial> | undefined {
  if (!partial) return undefined;
  const { filePath, manifest, offer } = partial;
  return ok({ filePath, sizeBytes: manifest.sizeBytes, offer: offer.memory });
}

function served(found: Result<OpenContent>): Result<ServedFile> {
  return found.ok ? ok({ filePath: found.value.filePath, stamp: found.value.stamp }) : found;
}
