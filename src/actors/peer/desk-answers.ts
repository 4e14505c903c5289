/**
 * What the desk answers: each request becomes questions to the other actors, and what they say the answer. Where
 * an answer comes in parts, those before the last go to the observer at once.
 */
import type { SearchFindings, Source } from '../../core/catalogue.ts';
import type { EngineAnswer, EngineRequest } from '../../core/engine/engine-answers.ts';
import type { DiskView, EngineEvent, EngineSnapshot } from '../../core/engine/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import { deskAskTimeoutMs, maxBrowsePages, maxTransferHistory } from '../../core/limits/engine.ts';
import { maxEntriesPerPage } from '../../core/limits/wire.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import type { ActorRef, ActorSnapshot, ActorSystem, AskFailure, Outcome } from '../runtime/index.ts';
import type { DownloadPoolCommand } from './downloads/download-pool.ts';
import { plainFile } from './library/known-file.ts';
import type { LibraryCommand } from './library/library-messages.ts';
import type { Rules } from './rules.ts';
import type { SearchProgress, TrackersCommand } from './trackers/trackers-messages.ts';
import type { UploadPoolCommand } from './uploads/upload-pool.ts';

export interface DeskArgs {
  readonly peer: PeerId;
  readonly name: string;
  readonly rules: Rules;
  /** What the engine is in beside its actors. */
  readonly life: Pick<EngineSnapshot, 'startedMs' | 'stopsWhenIdle' | 'log'>;
  /** Where downloads go when nothing else is said, and what the desk last saw of it. */
  readonly disk: { -readonly [Field in keyof DiskView]: DiskView[Field] };
  /** The port we serve at, once there is one. */
  readonly door: { readonly port: number | undefined };
  /** Guests share nothing, so they have neither. */
  readonly library: ActorRef<LibraryCommand> | undefined;
  readonly uploads: ActorRef<UploadPoolCommand> | undefined;
  readonly downloads: ActorRef<DownloadPoolCommand>;
  readonly trackers: ActorRef<TrackersCommand>;
  /** Where answers and news go. */
  readonly observer: ActorRef<EngineEvent>;
  readonly ask: ActorSystem['ask'];
  readonly actors: () => readonly ActorSnapshot[];
}

type Named<Type extends EngineRequest['type']> = Extract<EngineRequest, { readonly type: Type }>;

/** The last part of the answer, or all of it. */
export async function answerOf(request: EngineRequest, args: DeskArgs): Promise<EngineAnswer> {
  const { requestId } = request;
  const { ask, trackers, downloads, library } = args;
  switch (request.type) {
    case 'search':
      return search(request, args);
    case 'browse':
      return browse(request, args);
    case 'snapshot':
      return { type: 'answer-snapshot', requestId, answer: ok(await snapshot(args)) };
    case 'find-name': {
      const found = await ask(trackers, { type: 'find-name', name: request.name }, deskAskTimeoutMs);
      return { type: 'answer-find-name', requestId, answer: settled(found) };
    }
    case 'find-contents': {
      const found = await ask(trackers, { type: 'find-contents', ids: request.ids }, deskAskTimeoutMs);
      return { type: 'answer-find-contents', requestId, answer: settled(found) };
    }
    case 'peers': {
      const found = settled(await ask(trackers, { type: 'peers' }, deskAskTimeoutMs));
      if (!found.ok) return { type: 'answer-peers', requestId, answer: found };
      const { peers, ...missing } = found.value;
      return { type: 'answer-peers', requestId, answer: ok(peers), ...missing };
    }
    case 'find-peer': {
      const found = await ask(trackers, { type: 'find-peer', peer: request.peer }, deskAskTimeoutMs);
      return { type: 'answer-find-peer', requestId, answer: settled(found) };
    }
    case 'shared': {
      const share = library && (await ask(library, { type: 'share-state' }, deskAskTimeoutMs));
      const answer = share ? settled(plain(share)) : ok([]);
      return {
        type: 'answer-shared',
        requestId,
        answer: answer.ok ? ok(answer.value.map(plainFile)) : answer,
      };
    }
    case 'download': {
      const asked = settled(await ask(downloads, { ...request, type: 'download' }, deskAskTimeoutMs));
      if (!asked.ok) return { type: 'answer-download', requestId, answer: asked };
      const { transfer, was } = asked.value;
      return { type: 'answer-download', requestId, answer: ok(transfer), was };
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
  }
}

/** All results so far whenever a tracker has answered, then all there are. */
async function search(
  { requestId, query, limit, cursor }: Named<'search'>,
  { ask, trackers, observer }: DeskArgs,
): Promise<EngineAnswer> {
  let counts: SearchProgress['trackers'] = { asked: 0, answered: 0 };
  const progress = listener<SearchProgress>('/desk/search', ({ results, trackers: heard }) => {
    counts = heard;
    if (results !== undefined && heard.answered < heard.asked)
      observer.tell({ type: 'answer-search', requestId, answer: ok(results), last: false, trackers: heard });
  });
  const question = { type: 'search', query, limit, cursor, progress } as const;
  const found: Result<SearchFindings> = settled(await ask(trackers, question, deskAskTimeoutMs));
  const answer = found.ok ? ok(found.value.results) : found;
  const end = found.ok ? found.value.end : {};
  return { type: 'answer-search', requestId, answer, last: true, trackers: counts, end };
}

/** Finds the peer, then passes on its pages as they come; the last one is the answer. */
async function browse(
  { requestId, peer, path, recursive }: Named<'browse'>,
  { ask, trackers, downloads, observer }: DeskArgs,
): Promise<EngineAnswer> {
  const found: Result<Source> = settled(await ask(trackers, { type: 'find-peer', peer }, deskAskTimeoutMs));
  if (!found.ok) return { type: 'answer-browse', requestId, answer: found, last: true };
  let cursor: string | undefined;
  // Another peer says when its list is over, and might never.
  for (let pages = 1; pages <= maxBrowsePages; pages++) {
    const question = { path, recursive, cursor, limit: maxEntriesPerPage } as const;
    const page = settled(
      await ask(downloads, { type: 'browse', source: found.value, ...question }, deskAskTimeoutMs),
    );
    if (!page.ok) {
      const none = fail('not-found', `${found.value.name} shares no folder ${displayName(path)}`);
      const answer = page.problem.code === 'not-found' ? none : page;
      return { type: 'answer-browse', requestId, answer, last: true };
    }
    const { entries } = page.value;
    const last = page.value.cursor === undefined || page.value.cursor === cursor;
    if (last) return { type: 'answer-browse', requestId, answer: ok(entries), last };
    observer.tell({ type: 'answer-browse', requestId, answer: ok(entries), last });
    cursor = page.value.cursor;
  }
  return { type: 'answer-browse', requestId, answer: fail('limit', 'Its list is too long'), last: true };
}

async function snapshot(args: DeskArgs): Promise<EngineSnapshot> {
  const { ask, library, uploads, rules, life } = args;
  const [trackers, downloads, uploading, share, shares] = await Promise.all([
    ask(args.trackers, { type: 'snapshot' }, deskAskTimeoutMs),
    ask(args.downloads, { type: 'snapshot' }, deskAskTimeoutMs),
    uploads && ask(uploads, { type: 'snapshot' }, deskAskTimeoutMs),
    library && ask(library, { type: 'stats' }, deskAskTimeoutMs),
    library && ask(library, { type: 'shares' }, deskAskTimeoutMs),
  ]);
  const { files = 0, bytes = 0, hashing = { files: 0, bytes: 0 } } = share?.ok ? share.value : {};
  return {
    peer: args.peer,
    name: args.name,
    port: args.door.port,
    trackers: trackers.ok ? trackers.value : [],
    downloads: downloads.ok ? downloads.value.slice(-maxTransferHistory) : [],
    uploads: uploading?.ok ? uploading.value : [],
    share: { files, bytes, hashing },
    shares: shares?.ok ? shares.value : [],
    limits: rules.limits,
    blocked: rules.blocked,
    disk: { ...args.disk },
    log: life.log,
    startedMs: life.startedMs,
    stopsWhenIdle: life.stopsWhenIdle,
    actors: args.actors(),
  };
}

/** Somewhere an actor of this thread can tell things to. */
function listener<M>(path: string, tell: (message: M) => void): ActorRef<M> {
  return {
    path,
    tell,
    offer(message) {
      tell(message);
      return true;
    },
  };
}

const sharesNothing = fail('not-shared', 'A guest shares nothing');

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
