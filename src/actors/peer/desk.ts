/**
 * The desk where the engine's clients ask: turns their commands into questions to the other actors, and the
 * answers into events. It owns nothing but the conversations under way, and those are bounded. Each command
 * that has a `requestId` is answered exactly once, by its problem if need be.
 */
import type { Source } from '../../core/catalogue.ts';
import type { EngineCommand, EngineEvent, EngineSnapshot } from '../../core/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import {
  deskAskTimeoutMs,
  maxBrowsePages,
  maxDeskConversations,
  maxEntriesPerPage,
  maxTransferHistory,
} from '../../core/limits.ts';
import { fail, ok } from '../../core/result.ts';
import type { Problem, Result } from '../../core/result.ts';
import { actor } from '../runtime/index.ts';
import type { ActorRef, ActorSnapshot, ActorSystem, AskFailure, Outcome } from '../runtime/index.ts';
import type { DownloadPoolCommand } from './download-pool.ts';
import type { LibraryCommand } from './library-messages.ts';
import type { Rules } from './rules.ts';
import type { TrackersCommand } from './trackers-messages.ts';
import { blockedPeer, type UploadPoolCommand } from './upload-pool.ts';

export interface DeskArgs {
  readonly peer: PeerId;
  readonly name: string;
  readonly rules: Rules;
  /** What the engine is in beside its actors. */
  readonly life: Pick<EngineSnapshot, 'startedMs' | 'stopsWhenIdle' | 'log'>;
  /** Where downloads go when nothing else is said. */
  readonly downloadsDir: string;
  /** The port we serve at, once there is one. */
  readonly door: { readonly port: number | undefined };
  /** Guests share nothing, so they have neither. */
  readonly library: ActorRef<LibraryCommand> | undefined;
  readonly uploads: ActorRef<UploadPoolCommand> | undefined;
  readonly downloads: ActorRef<DownloadPoolCommand>;
  readonly trackers: ActorRef<TrackersCommand>;
  /** Where the answers go: to all clients, each of which knows its own request ids. */
  readonly observer: ActorRef<EngineEvent>;
  readonly ask: ActorSystem['ask'];
  readonly actors: () => readonly ActorSnapshot[];
}

type Command = Exclude<EngineCommand, { readonly type: 'stop' }>;
type Request = Extract<Command, { readonly requestId: number }>;
type Answer = Extract<EngineEvent, { readonly requestId: number }>;
export type DeskMessage = Command | { readonly type: 'answered'; readonly answer: Answer };

export const deskActor = actor<DeskMessage, DeskArgs>('desk', (ctx, args) => {
  let conversations = 0;

  function converse(request: Request): void {
    if (conversations >= maxDeskConversations) {
      args.observer.tell(refusal(request, fail('busy', 'Too many questions at once; ask again in a moment')));
      return;
    }
    conversations += 1;
    ctx.pipe(answerOf(request, args), (outcome) => ({
      type: 'answered',
      answer: outcome.ok ? outcome.value : refusal(request, fail('internal', outcome.error.message)),
    }));
  }

  function disconnect(peer: PeerId, reason: Problem): void {
    args.uploads?.tell({ type: 'disconnect', peer, reason });
    args.downloads.tell({ type: 'disconnect', peer });
  }

  /** What holds all the same, but only until the end of this engine. */
  function complain(problem: Problem | undefined): void {
    if (!problem) return;
    const line = { atMs: Date.now(), level: 'warn', source: 'profile', text: problem.message } as const;
    args.observer.tell({ type: 'log', line });
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'answered':
          conversations -= 1;
          args.observer.tell(message.answer);
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
          args.downloads.tell(message);
          return;
        case 'search':
        case 'find-name':
        case 'peers':
        case 'find-peer':
        case 'browse':
        case 'shared':
        case 'download':
        case 'details':
        case 'share-entries':
        case 'add-share':
        case 'remove-share':
        case 'snapshot':
          converse(message);
          return;
        case 'set-limits':
          complain(args.rules.setLimits(message.limits));
          args.uploads?.tell({ type: 'limits-changed' });
          args.downloads.tell({ type: 'limits-changed' });
          args.observer.tell({ type: 'limits', limits: args.rules.limits });
          return;
        case 'block':
          complain(args.rules.block(message.peer, message.name));
          disconnect(message.peer, blockedPeer);
          args.observer.tell({ type: 'blocked', blocked: args.rules.blocked });
          return;
        case 'unblock':
          complain(args.rules.unblock(message.peer));
          args.observer.tell({ type: 'blocked', blocked: args.rules.blocked });
          return;
        case 'disconnect':
          disconnect(message.peer, disconnected);
          return;
        case 'rescan':
          args.library?.tell({ type: 'rescan', folder: message.folder });
          return;
        case 'stay':
          return;
      }
    },
  };
});

async function answerOf(request: Request, args: DeskArgs): Promise<Answer> {
  const { requestId } = request;
  const { ask, trackers, downloads, library } = args;
  switch (request.type) {
    case 'search': {
      const { query, limit } = request;
      const found = await ask(trackers, { type: 'search', query, limit }, deskAskTimeoutMs);
      const asked = { asked: 1, answered: found.ok ? 1 : 0 };
      return { type: 'answer-search', requestId, answer: settled(found), last: true, trackers: asked };
    }
    case 'find-name': {
      const found = await ask(trackers, { type: 'find-name', name: request.name }, deskAskTimeoutMs);
      return { type: 'answer-find-name', requestId, answer: settled(found) };
    }
    case 'peers': {
      const peers = await ask(trackers, { type: 'peers' }, deskAskTimeoutMs);
      return { type: 'answer-peers', requestId, answer: settled(peers) };
    }
    case 'find-peer': {
      const found = await ask(trackers, { type: 'find-peer', peer: request.peer }, deskAskTimeoutMs);
      return { type: 'answer-find-peer', requestId, answer: settled(found) };
    }
    case 'browse':
      return browse(request, args);
    case 'shared': {
      const share = library && (await ask(library, { type: 'share-state' }, deskAskTimeoutMs));
      return { type: 'answer-shared', requestId, answer: share ? settled(plain(share)) : ok([]) };
    }
    case 'download': {
      const started = await ask(downloads, { ...request, type: 'download' }, deskAskTimeoutMs);
      return { type: 'answer-download', requestId, answer: settled(started) };
    }
    case 'details': {
      const { transfer } = request;
      const details = await ask(downloads, { type: 'details', transfer }, deskAskTimeoutMs);
      return { type: 'answer-details', requestId, answer: settled(details) };
    }
    case 'share-entries': {
      const { path } = request;
      const entries = library && (await ask(library, { type: 'share-entries', path }, deskAskTimeoutMs));
      return { type: 'answer-share-entries', requestId, answer: entries ? settled(entries) : sharesNothing };
    }
    case 'add-share':
    case 'remove-share': {
      const { type, folder } = request;
      const done = library && (await ask(library, { type, folder }, deskAskTimeoutMs));
      return { type: `answer-${type}`, requestId, answer: done ? settled(done) : sharesNothing };
    }
    case 'snapshot':
      return { type: 'answer-snapshot', requestId, answer: ok(await snapshot(args)) };
  }
}

/** Finds the peer, then passes on its pages as they come; the last one is the answer. */
async function browse(
  { requestId, peer, path, recursive }: Extract<Request, { type: 'browse' }>,
  { ask, trackers, downloads, observer }: DeskArgs,
): Promise<Answer> {
  const found: Result<Source> = settled(await ask(trackers, { type: 'find-peer', peer }, deskAskTimeoutMs));
  if (!found.ok) return { type: 'answer-browse', requestId, answer: found, last: true };
  let cursor: string | undefined;
  // Another peer says when its list is over, and might never.
  for (let pages = 1; pages <= maxBrowsePages; pages++) {
    const question = { path, recursive, cursor, limit: maxEntriesPerPage } as const;
    const page = settled(
      await ask(downloads, { type: 'browse', source: found.value, ...question }, deskAskTimeoutMs),
    );
    if (!page.ok) return { type: 'answer-browse', requestId, answer: page, last: true };
    const { entries } = page.value;
    const last = page.value.cursor === undefined || page.value.cursor === cursor;
    if (last) return { type: 'answer-browse', requestId, answer: ok(entries), last };
    observer.tell({ type: 'answer-browse', requestId, answer: ok(entries), last });
    cursor = page.value.cursor;
  }
  return { type: 'answer-browse', requestId, answer: fail('limit', 'Its list is too long'), last: true };
}

async function snapshot(args: DeskArgs): Promise<EngineSnapshot> {
  const { ask, library, uploads } = args;
  const [trackers, downloads, uploading, share, shares] = await Promise.all([
    ask(args.trackers, { type: 'snapshot' }, deskAskTimeoutMs),
    ask(args.downloads, { type: 'snapshot' }, deskAskTimeoutMs),
    uploads && ask(uploads, { type: 'snapshot' }, deskAskTimeoutMs),
    library && ask(library, { type: 'stats' }, deskAskTimeoutMs),
    library && ask(library, { type: 'shares' }, deskAskTimeoutMs),
  ]);
  const stats = share?.ok ? share.value : undefined;
  return {
    peer: args.peer,
    name: args.name,
    port: args.door.port,
    trackers: trackers.ok ? trackers.value : [],
    downloads: downloads.ok ? downloads.value.slice(-maxTransferHistory) : [],
    uploads: uploading?.ok ? uploading.value : [],
    share: {
      files: stats?.files ?? 0,
      bytes: stats?.bytes ?? 0,
      hashing: stats?.hashing ?? { files: 0, bytes: 0 },
    },
    shares: shares?.ok ? shares.value : [],
    limits: args.rules.limits,
    blocked: args.rules.blocked,
    disk: { folder: args.downloadsDir, freeBytes: undefined },
    log: args.life.log,
    startedMs: args.life.startedMs,
    stopsWhenIdle: args.life.stopsWhenIdle,
    actors: args.actors(),
  };
}

const sharesNothing = fail('not-shared', 'A guest shares nothing');

const disconnected: Problem = { code: 'closed', message: 'Disconnected by the other side' };

/** An answer that is never a problem, as one that could be. */
function plain<T>(outcome: Outcome<T, AskFailure>): Outcome<Result<T>, AskFailure> {
  return outcome.ok ? { ok: true, value: ok(outcome.value) } : outcome;
}

/** An answer that did not come is a problem like any other. */
function settled<T>(outcome: Outcome<Result<T>, AskFailure>): Result<T> {
  return outcome.ok ? outcome.value : { ok: false, problem: noAnswer[outcome.error] };
}

const noAnswer: Readonly<Record<AskFailure, Problem>> = {
  timeout: { code: 'timeout', message: 'No answer in time' },
  stopped: { code: 'closed', message: 'The part that would answer was just restarted; try again' },
  full: { code: 'busy', message: 'Too much to do at the moment; try again' },
};

function refusal(request: Request, answer: Result<never>): Answer {
  const { requestId } = request;
  switch (request.type) {
    case 'search':
      return {
        type: 'answer-search',
        requestId,
        answer,
        last: true,
        trackers: { asked: 0, answered: 0 },
      };
    case 'find-name':
      return { type: 'answer-find-name', requestId, answer };
    case 'details':
      return { type: 'answer-details', requestId, answer };
    case 'share-entries':
      return { type: 'answer-share-entries', requestId, answer };
    case 'add-share':
      return { type: 'answer-add-share', requestId, answer };
    case 'remove-share':
      return { type: 'answer-remove-share', requestId, answer };
    case 'peers':
      return { type: 'answer-peers', requestId, answer };
    case 'find-peer':
      return { type: 'answer-find-peer', requestId, answer };
    case 'browse':
      return { type: 'answer-browse', requestId, answer, last: true };
    case 'download':
      return { type: 'answer-download', requestId, answer };
    case 'shared':
      return { type: 'answer-shared', requestId, answer };
    case 'snapshot':
      return { type: 'answer-snapshot', requestId, answer };
  }
}
