/**
 * One download at work: finds sources, has pieces fetched from them, and ends with the whole file under its
 * name, or with the reason why not. What was fetched stays on the disk however this ends.
 * Invariant: while it is not complete it has a source at work, a question open or a time for the next attempt.
 */
import type { Source } from '../../core/catalogue.ts';
import { Assignment, type Order } from '../../core/assignment.ts';
import { jitteredMs } from '../../core/backoff.ts';
import type { DownloadState } from '../../core/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits.ts';
import type { Manifest } from '../../core/manifest.ts';
import { pieceSize } from '../../core/piece-length.ts';
import { countPieces } from '../../core/piece-ranges.ts';
import { fail, type Problem, type Result } from '../../core/result.ts';
import { SourceBook } from '../../core/source-book.ts';
import { PartialFile } from '../../profile/partial-file.ts';
import type { Pool } from '../../workers/pool.ts';
import type { Introduction, TransferJobs } from '../../workers/transfer-contract.ts';
import { actor, type ActorRef, type Asking, type AskFailure, type Outcome } from '../runtime/index.ts';
import { adoption, placeOf, prepare, type Prepared } from './download-disk.ts';
import type { LibraryCommand } from './library-messages.ts';
import type { SessionCommand, SessionNews } from './session.ts';
import type { TrackerQuestion } from './trackers-messages.ts';
import type { FoundSources } from './trackers-messages.ts';
import { hasEnded, type TransferRecord } from './transfer-record.ts';

/** What a download needs of the pool it belongs to. */
export type DownloadHost =
  /** Undefined when there are too many connections. */
  | ({ readonly type: 'session'; readonly source: Source } & Asking<ActorRef<SessionCommand> | undefined>)
  /** The record has changed and is to be shown. */
  | { readonly type: 'changed'; readonly transfer: number };

export interface DownloadArgs {
  readonly record: TransferRecord;
  readonly me: Introduction;
  readonly transfers: Pool<TransferJobs>;
  readonly host: ActorRef<DownloadHost>;
  readonly trackers: ActorRef<TrackerQuestion>;
  readonly library: ActorRef<LibraryCommand> | undefined;
  readonly now?: () => number;
  readonly random?: () => number;
}

/** `cancel`: end and leave nothing on the disk. */
export type DownloadCommand = { readonly type: 'cancel' };

type DownloadMessage =
  | DownloadCommand
  | SessionNews
  | { readonly type: 'stored'; readonly outcome: Outcome<Manifest | undefined> }
  | { readonly type: 'found'; readonly outcome: Outcome<Result<readonly FoundSources[]>, AskFailure> }
  | {
      readonly type: 'session';
      readonly peer: PeerId;
      readonly outcome: Outcome<ActorRef<SessionCommand> | undefined, AskFailure>;
    }
  | {
      readonly type: 'manifest';
      readonly peer: PeerId;
      readonly outcome: Outcome<Result<Manifest>, AskFailure>;
    }
  | { readonly type: 'prepared'; readonly outcome: Outcome<Result<Prepared>> }
  | { readonly type: 'flushed'; readonly outcome: Outcome<Result<void>> }
  | { readonly type: 'let-go' }
  | { readonly type: 'finished'; readonly outcome: Outcome<Result<string>> }
  | { readonly type: 'adoptable'; readonly outcome: Outcome<Extract<LibraryCommand, { type: 'adopt' }>> }
  | { readonly type: 'tick' | 'seek' | 'prepare' };

/** A session in use: `wanted` of it is a manifest, pieces, or nothing yet. */
interface Member {
  readonly session: ActorRef<SessionCommand>;
  stage: 'idle' | 'asked-manifest' | 'attaching' | 'attached';
}

export const downloadActor = actor<DownloadMessage, DownloadArgs>('download', (ctx, args) => {
  const { record, me, transfers, now = () => performance.now(), random = Math.random } = args;
  const { request, transfer } = record;
  const { target, outDir } = request;
  const sources = new SourceBook(me.identity.id, random);
  const members = new Map<PeerId, Member>();
  const place = placeOf(request);
  let manifest: Manifest | undefined;
  let preparing: Promise<Result<Prepared>> | undefined;
  let partial: PartialFile | undefined;
  let assignment: Assignment | undefined;
  /** Why the disk refused; nothing is fetched meanwhile. */
  let obstacle: Problem | undefined;
  let isSeeking = false;
  let isFlushing = false;
  let isCancelled = false;
  let isFinishing = false;
  /** Sessions that may still write to the finished file. */
  let writers = 0;
  let flushedMs = now();
  let progressMs = now();
  let shownMs = -Infinity;
  let shown = '';
  let shownState: DownloadState | undefined;

  sources.learn(target.sources);
  ctx.pipe(PartialFile.storedManifest(outDir, target.id), (outcome) => ({ type: 'stored', outcome }));
  ctx.timers.every('tick', limits.downloadTickMs, { type: 'tick' });

  function seek(): void {
    ctx.timers.once('seek', jitteredMs(limits.seekEveryMs, 0.2, random), { type: 'seek' });
    if (isSeeking || sources.inUse >= limits.maxSourcesInUse) return;
    isSeeking = true;
    const question = { type: 'sources', ids: [target.id] } as const;
    ctx.ask(args.trackers, question, limits.sourceAnswerTimeoutMs, (outcome) => ({ type: 'found', outcome }));
  }

  /** Takes sources into use while there are some and more are wanted. */
  function recruit(): void {
    if (obstacle || isFinishing) return;
    while (sources.inUse < limits.maxSourcesInUse) {
      const source = sources.take(now());
      if (!source) return;
      ctx.ask(args.host, { type: 'session', source }, limits.sourceAnswerTimeoutMs, (outcome) => ({
        type: 'session',
        peer: source.peer,
        outcome,
      }));
    }
  }

  /** Gives a member the next thing to do: the manifest if it is missing, then pieces. */
  function engage(peer: PeerId, member: Member): void {
    if (member.stage !== 'idle' || obstacle) return;
    if (manifest && partial) {
      member.stage = 'attaching';
      const opened = {
        content: transfer,
        id: target.id,
        manifest,
        filePath: partial.path,
        rate: record.rate.shared,
      };
      if (!member.session.offer({ type: 'attach', opened, download: ctx.self })) lose(peer, gone);
      return;
    }
    const asked = [...members.values()].filter(({ stage }) => stage === 'asked-manifest').length;
    if (manifest || asked >= limits.manifestsAskedAtOnce) return;
    member.stage = 'asked-manifest';
    ctx.ask(member.session, { type: 'manifest', id: target.id }, limits.sourceAnswerTimeoutMs, (outcome) => ({
      type: 'manifest',
      peer,
      outcome,
    }));
  }

  function setStage(peer: PeerId, stage: Member['stage']): void {
    const member = members.get(peer);
    if (member) member.stage = stage;
  }

  function engageAll(): void {
    for (const [peer, member] of members) engage(peer, member);
  }

  function lose(peer: PeerId, problem: Problem): void {
    members.delete(peer);
    assignment?.leave(peer);
    sources.lost(peer, problem, now());
    engageAll();
    recruit();
    carryOut(assignment?.topUp(now()));
  }

  function dismiss(peer: PeerId): void {
    members.get(peer)?.session.offer({ type: 'forget', content: transfer });
  }

  function carryOut(orders: readonly Order[] = []): void {
    for (const { type, peer, ranges } of orders)
      members.get(peer)?.session.offer({ type, content: transfer, ranges });
  }

  function startPreparing(): void {
    if (!manifest || !place.ok || preparing || partial) return;
    record.sizeBytes = manifest.sizeBytes;
    preparing = prepare(transfers, request, place.value, manifest);
    ctx.pipe(preparing, (outcome) => ({ type: 'prepared', outcome }));
  }

  function prepared(result: Result<Prepared>): void {
    preparing = undefined;
    if (!result.ok) return blockedBy(result.problem);
    if (result.value.kind === 'here') {
      record.doneBytes = record.sizeBytes ?? 0;
      return succeed(result.value.path);
    }
    obstacle = undefined;
    partial = result.value.partial;
    const { have } = partial;
    assignment = new Assignment(partial.manifest, (piece) => have.has(piece));
    record.doneBytes = 0;
    for (let piece = 0; piece < have.length; piece++) if (have.has(piece)) countDone(piece);
    if (assignment.isComplete) return finish();
    engageAll();
    recruit();
  }

  function countDone(piece: number): void {
    record.doneBytes += pieceSize(record.sizeBytes ?? 0, piece);
  }

  /** The disk, or another process at work on the same file, is in the way: all sources rest until it is not. */
  function blockedBy(problem: Problem): void {
    if (problem.code === 'bad-name' || (request.giveUpAfterMs !== undefined && problem.code !== 'busy'))
      return failWith(problem);
    obstacle = problem;
    isFinishing = false;
    for (const [peer, member] of members) {
      dismiss(peer);
      member.stage = 'idle';
      assignment?.leave(peer);
    }
    ctx.timers.once('prepare', limits.diskRetryMs, { type: 'prepare' });
    show('waiting');
  }

  /** Opens the partial file anew: what was written since the last flush is looked at again. */
  async function reopen(
    content: Manifest,
    known: Result<{ folders: readonly string[]; name: string }>,
  ): Promise<Result<Prepared>> {
    await partial?.close(false);
    partial = undefined;
    return known.ok ? prepare(transfers, request, known.value, content) : known;
  }

  function flushIfDue(): void {
    if (!partial || isFlushing || partial.unflushedPieces === 0) return;
    const isMuch = partial.unflushedPieces * partial.manifest.pieceLength >= limits.flushBytes;
    if (!isMuch && now() - flushedMs < limits.flushEveryMs) return;
    isFlushing = true;
    ctx.pipe(partial.flush(), (outcome) => ({ type: 'flushed', outcome }));
  }

  function delivered(peer: PeerId, { report, queuePosition }: SessionNews & { type: 'delivered' }): void {
    record.fetchedBytes += report.receivedBytes;
    if (!assignment || !partial) return;
    assignment.queued(peer, queuePosition);
    const { fresh, orders } = assignment.delivered(peer, report, now());
    for (const piece of fresh) if (partial.add(piece)) countDone(piece);
    if (fresh.length > 0) {
      progressMs = now();
      record.usedSources.add(peer);
      sources.delivered(peer);
    }
    carryOut(orders);
    const wrong = countPieces(report.spoiled);
    if (wrong > 0 && sources.strike(peer, wrong)) {
      dismiss(peer);
      return lose(peer, { code: 'piece-mismatch', message: 'It sent pieces that are wrong' });
    }
    if (assignment.isComplete) return finish();
    carryOut(assignment.topUp(now()));
    flushIfDue();
    show();
  }

  /** All is there. Nobody may write to it any more before it gets its name. */
  function finish(): void {
    if (isFinishing || obstacle) return;
    isFinishing = true;
    show('finishing');
    const attached = [...members.values()].filter(
      ({ stage }) => stage === 'attaching' || stage === 'attached',
    );
    writers = attached.length;
    for (const { session } of attached)
      ctx.ask(session, { type: 'detach', content: transfer }, limits.detachTimeoutMs, () => ({
        type: 'let-go',
      }));
    if (writers === 0) giveName();
  }

  function giveName(): void {
    members.clear();
    if (!partial || !place.ok) return;
    const { folders, name } = place.value;
    ctx.pipe(partial.finish(folders, name), (outcome) => ({ type: 'finished', outcome }));
  }

  function succeed(path: string): void {
    record.path = path;
    partial = undefined;
    if (!args.library || !manifest) return end('done', undefined);
    ctx.pipe(adoption(path, target.id, manifest), (outcome) => ({ type: 'adoptable', outcome }));
  }

  function failWith(problem: Problem): void {
    end('failed', problem);
  }

  function end(state: DownloadState, problem: Problem | undefined): void {
    record.problem = problem;
    show(state);
    ctx.stop();
  }

  /** Tells what has changed: a state at once, counters a few times a second. */
  function show(state: DownloadState = currentState()): void {
    record.state = state;
    record.sources = assignment?.delivering(now()) ?? 0;
    record.queuePosition = assignment?.queuePosition;
    if (!hasEnded(record)) record.problem = state === 'waiting' ? (obstacle ?? waitingFor()) : undefined;
    record.nextAttemptMs = state === 'waiting' ? nextAttempt() : undefined;
    const { doneBytes, fetchedBytes, sources: delivering, queuePosition, problem } = record;
    const shows = [doneBytes, fetchedBytes, delivering, queuePosition, problem?.message].join();
    if (state === shownState && (shows === shown || now() - shownMs < limits.transferViewMs)) return;
    shownState = state;
    shown = shows;
    shownMs = now();
    args.host.tell({ type: 'changed', transfer });
  }

  function currentState(): DownloadState {
    if (isFinishing) return 'finishing';
    if (obstacle) return 'waiting';
    if (!assignment || assignment.size === 0)
      return members.size > 0 || sources.inUse > 0 || (isSeeking && sources.problem === undefined)
        ? 'finding'
        : 'waiting';
    return assignment.queuePosition === undefined ? 'downloading' : 'waiting';
  }

  function waitingFor(): Problem {
    if (assignment?.queuePosition !== undefined)
      return { code: 'busy', message: 'All sources are busy; waiting for our turn' };
    return sources.problem ?? { code: 'not-found', message: 'Nobody who is online has it' };
  }

  /** In the time of the wall clock, for people. */
  function nextAttempt(): number | undefined {
    const nextMs = sources.nextAttemptMs();
    if (obstacle) return Date.now() + limits.diskRetryMs;
    return Date.now() + (nextMs === undefined ? limits.seekEveryMs : Math.max(0, nextMs - now()));
  }

  function tick(): void {
    if (!isFinishing && !obstacle) {
      recruit();
      engageAll();
      carryOut(assignment?.topUp(now()));
      flushIfDue();
    }
    const { giveUpAfterMs } = request;
    if (giveUpAfterMs !== undefined && !isFinishing && now() - progressMs > giveUpAfterMs)
      return failWith(obstacle ?? waitingFor());
    show();
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'stored':
          if (message.outcome.ok) manifest ??= message.outcome.value;
          if (!place.ok) return failWith(place.problem);
          startPreparing();
          recruit();
          seek();
          return show();
        case 'found': {
          isSeeking = false;
          const { outcome } = message;
          if (outcome.ok && outcome.value.ok)
            for (const found of outcome.value.value) if (found.id === target.id) sources.learn(found.sources);
          if (outcome.ok && !outcome.value.ok) sources.note(outcome.value.problem);
          recruit();
          return show();
        }
        case 'session': {
          const { peer, outcome } = message;
          if (!outcome.ok || !outcome.value) return lose(peer, tooMany);
          const member: Member = { session: outcome.value, stage: 'idle' };
          members.set(peer, member);
          engage(peer, member);
          return show();
        }
        case 'manifest': {
          const { peer, outcome } = message;
          const member = members.get(peer);
          if (member) member.stage = 'idle';
          const answer = outcome.ok ? outcome.value : fail('timeout', 'The source did not answer in time');
          if (!answer.ok && !manifest) return lose(peer, answer.problem);
          if (answer.ok) manifest ??= answer.value;
          startPreparing();
          if (member) engage(peer, member);
          return;
        }
        case 'prepared':
          return prepared(resultOf(message.outcome));
        case 'prepare':
          if (!obstacle || preparing || !manifest) return;
          obstacle = undefined;
          assignment = undefined;
          preparing = reopen(manifest, place);
          return ctx.pipe(preparing, (outcome) => ({ type: 'prepared', outcome }));
        case 'attached':
          setStage(message.peer, 'attached');
          assignment?.join(message.peer, now());
          carryOut(assignment?.topUp(now()));
          return show();
        case 'queued':
          assignment?.queued(message.peer, message.queuePosition);
          carryOut(assignment?.topUp(now()));
          return show();
        case 'delivered':
          return delivered(message.peer, message);
        case 'detached':
          if (!members.has(message.peer)) return;
          if (message.at === 'here') return blockedBy(message.problem);
          if (isFinishing) return;
          return lose(message.peer, message.problem);
        case 'flushed': {
          isFlushing = false;
          flushedMs = now();
          const flushed = resultOf(message.outcome);
          if (!flushed.ok && !isFinishing) blockedBy(flushed.problem);
          return;
        }
        case 'let-go':
          writers -= 1;
          return writers === 0 ? giveName() : undefined;
        case 'finished': {
          const finished = resultOf(message.outcome);
          return finished.ok ? succeed(finished.value) : blockedBy(finished.problem);
        }
        case 'adoptable':
          if (message.outcome.ok) args.library?.tell(message.outcome.value);
          return end('done', undefined);
        case 'seek':
          return seek();
        case 'tick':
          return tick();
        case 'cancel':
          isCancelled = true;
          return end('cancelled', undefined);
      }
    },
    async stopped() {
      for (const peer of members.keys()) dismiss(peer);
      const late = await preparing;
      if (late?.ok && late.value.kind === 'partial') partial ??= late.value.partial;
      if (!isCancelled) await partial?.close((assignment?.size ?? 0) === 0);
      else if (partial) await partial.discard();
      else await PartialFile.discard(outDir, target.id);
    },
  };
});

const gone: Problem = { code: 'closed', message: 'The connection was lost' };
const tooMany: Problem = { code: 'busy', message: 'Too many connections are open' };

/** A promise of ours that rejects is a fault of ours. */
function resultOf<T>(outcome: Outcome<Result<T>>): Result<T> {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
