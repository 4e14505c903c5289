/**
 * One download at work: finds sources, has pieces fetched from them, and ends with the whole file under its
 * name, or with the reason why not. What was fetched stays on the disk however this ends.
 * Invariant: while it is not complete it has a source at work, a question open or a time for the next attempt.
 */
import { Assignment } from '../../core/assignment.ts';
import { jitteredMs } from '../../core/backoff.ts';
import type { DownloadState } from '../../core/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import * as limits from '../../core/limits.ts';
import type { Manifest } from '../../core/manifest.ts';
import { pieceCount, pieceSize } from '../../core/piece-length.ts';
import { countPieces } from '../../core/piece-ranges.ts';
import { fail, ok, type Problem } from '../../core/result.ts';
import { SourceBook } from '../../core/source-book.ts';
import { PartialFile } from '../../profile/partial-file.ts';
import { actor } from '../runtime/index.ts';
import { Crew } from './download-crew.ts';
import { adoption } from './download-disk.ts';
import { DownloadFile } from './download-file.ts';
import type { DownloadArgs, DownloadMessage } from './download-messages.ts';
import type { SessionNews } from './session.ts';
import { viewOf } from './transfer-record.ts';
import { Showing } from './transfer-showing.ts';

export const downloadActor = actor<DownloadMessage, DownloadArgs>('download', (ctx, args) => {
  const { record, me, transfers, host, now = () => performance.now(), random = Math.random } = args;
  const { request, transfer } = record;
  const { target } = request;
  const sources = new SourceBook(me.identity.id, random);
  const crew = new Crew({ ctx, host, sources, transfer, id: target.id, now });
  const showing = new Showing(record, () => host.tell({ type: 'changed', transfer }));
  const file = new DownloadFile({
    ctx,
    host,
    transfers,
    record,
    now,
    random,
    events: { opened, blocked, placed, failed: (problem) => end('failed', problem) },
  });
  let manifest: Manifest | undefined;
  let assignment: Assignment | undefined;
  let isSeeking = false;
  let isFinishing = false;
  let isOver = false;
  /** Sources that may still write to the finished file. */
  let writers = 0;
  let progressMs = now();

  sources.learn(target.sources);
  ctx.pipe(PartialFile.storedManifest(request.outDir, target.id), (outcome) => ({ type: 'stored', outcome }));
  ctx.timers.every('tick', limits.downloadTickMs, { type: 'tick' });

  function seek(): void {
    ctx.timers.once('seek', jitteredMs(limits.seekEveryMs, 0.2, random), { type: 'seek' });
    if (isSeeking || sources.inUse >= limits.maxSourcesInUse) return;
    isSeeking = true;
    const question = { type: 'sources', ids: [target.id] } as const;
    ctx.ask(args.trackers, question, limits.sourceAnswerTimeoutMs, (outcome) => ({ type: 'found', outcome }));
  }

  /** Sees to it that everybody has something to do, and that there are enough of them. */
  function employ(): void {
    if (file.obstacle || isFinishing) return;
    crew.recruit();
    crew.engage((peer) => lose(peer, gone));
    crew.carryOut(assignment?.topUp(now()));
  }

  function lose(peer: PeerId, problem: Problem): void {
    crew.lose(peer, problem);
    assignment?.leave(peer);
    employ();
  }

  function know(known: Manifest): void {
    manifest ??= known;
    crew.needsManifest = false;
    record.sizeBytes = manifest.sizeBytes;
    file.open(manifest);
  }

  function opened(partial: PartialFile): void {
    const { have, path, id } = partial;
    assignment = new Assignment(partial.manifest, have);
    record.doneBytes = 0;
    for (let piece = 0; piece < have.length; piece++) if (have.has(piece)) countDone(piece);
    if (assignment.isComplete) return finish();
    crew.content = {
      content: transfer,
      id,
      manifest: partial.manifest,
      filePath: path,
      rate: record.rate.shared,
      isPartial: false,
    };
    employ();
  }

  function countDone(piece: number): void {
    record.doneBytes += pieceSize(record.sizeBytes ?? 0, piece);
  }

  /** All sources rest until the file is open again. */
  function blocked(): void {
    isFinishing = false;
    crew.content = undefined;
    for (const peer of crew.dismissAll()) assignment?.leave(peer);
    show();
  }

  function delivered({ peer, report, queuePosition }: SessionNews & { readonly type: 'delivered' }): void {
    record.fetchedBytes += report.receivedBytes;
    const { partial } = file;
    if (!assignment || !partial) return;
    assignment.queued(peer, queuePosition);
    const { fresh, orders } = assignment.delivered(peer, report, now());
    for (const piece of fresh) if (partial.add(piece)) countDone(piece);
    if (fresh.length > 0) {
      progressMs = now();
      record.usedSources.add(peer);
      sources.delivered(peer);
    }
    crew.carryOut(orders);
    const wrong = countPieces(report.spoiled);
    if (wrong > 0 && sources.strike(peer, wrong)) {
      crew.dismiss(peer);
      lose(peer, { code: 'piece-mismatch', message: 'It sent pieces that are wrong' });
    }
    if (assignment.isComplete) return finish();
    employ();
    file.flushIfDue();
    show();
  }

  /** All is there. Nobody may write to it any more before it gets its name. */
  function finish(): void {
    if (isFinishing || file.obstacle) return;
    isFinishing = true;
    show();
    writers = crew.release();
    if (writers === 0) file.giveName();
  }

  function placed(path: string): void {
    record.doneBytes = record.sizeBytes ?? 0;
    record.path = path;
    if (!args.library || !manifest) return end('done', undefined);
    ctx.pipe(adoption(path, target.id, manifest), (outcome) => ({ type: 'adoptable', outcome }));
  }

  function end(state: DownloadState, problem: Problem | undefined): void {
    record.problem = problem;
    record.nextAttemptMs = undefined;
    record.sources = 0;
    isOver = true;
    showing.show(state, now());
    ctx.stop();
  }

  function show(): void {
    if (isOver) return;
    const state = currentState();
    record.sources = assignment?.delivering(now()) ?? 0;
    record.queuePosition = assignment?.queuePosition;
    record.problem = state === 'waiting' ? waitingFor() : undefined;
    record.nextAttemptMs =
      state === 'waiting' ? Date.now() + Math.max(0, nextAttemptMs() - now()) : undefined;
    showing.show(state, now());
  }

  function currentState(): DownloadState {
    if (isFinishing) return 'finishing';
    if (file.obstacle) return 'waiting';
    if (assignment && assignment.size > 0)
      return assignment.queuePosition === undefined ? 'downloading' : 'waiting';
    const mayFind = sources.inUse > 0 || file.isOpening || (isSeeking && sources.problem === undefined);
    return mayFind ? 'finding' : 'waiting';
  }

  function waitingFor(): Problem {
    if (file.obstacle) return file.obstacle.problem;
    if (assignment?.queuePosition !== undefined)
      return { code: 'busy', message: 'All sources are busy; waiting for our turn' };
    return sources.problem ?? { code: 'not-found', message: 'Nobody who is online has it' };
  }

  function nextAttemptMs(): number {
    return file.obstacle?.untilMs ?? sources.nextAttemptMs() ?? now() + limits.seekEveryMs;
  }

  function tick(): void {
    employ();
    file.flushIfDue();
    const { giveUpAfterMs } = request;
    if (giveUpAfterMs !== undefined && !isFinishing && now() - progressMs > giveUpAfterMs)
      return end('failed', waitingFor());
    show();
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'stored':
          if (!file.place.ok) return end('failed', file.place.problem);
          if (message.outcome.ok && message.outcome.value) know(message.outcome.value);
          employ();
          // A small file is here before the trackers would have answered.
          if (target.sources.length === 0) seek();
          else ctx.timers.once('seek', limits.downloadTickMs, { type: 'seek' });
          return show();
        case 'found': {
          isSeeking = false;
          const found = message.outcome.ok ? message.outcome.value : unanswered;
          if (!found.ok) sources.note(found.problem);
          else for (const { id, sources: them } of found.value) if (id === target.id) sources.learn(them);
          employ();
          return show();
        }
        case 'session': {
          const { peer, outcome } = message;
          if (!outcome.ok || !outcome.value) return lose(peer, tooMany);
          crew.joined(peer, outcome.value);
          employ();
          return show();
        }
        case 'manifest': {
          const { peer, outcome } = message;
          crew.moveTo(peer, 'idle');
          const answer = outcome.ok ? outcome.value : unanswered;
          if (answer.ok) know(answer.value);
          else if (!manifest && crew.has(peer)) lose(peer, answer.problem);
          return employ();
        }
        case 'attached':
          crew.moveTo(message.peer, 'attached');
          assignment?.join(message.peer, 'everything', now());
          employ();
          return show();
        case 'queued':
          assignment?.queued(message.peer, message.queuePosition);
          employ();
          return show();
        case 'delivered':
          return delivered(message);
        case 'detached':
          if (!crew.has(message.peer) || isFinishing) return;
          if (message.at === 'source') return lose(message.peer, message.problem);
          return file.blockedBy(message.problem);
        case 'let-go':
          writers -= 1;
          return writers === 0 ? file.giveName() : undefined;
        case 'room':
        case 'prepared':
        case 'flushed':
        case 'placed':
        case 'probe':
          file.receive(message);
          return show();
        case 'adoptable':
          if (message.outcome.ok) args.library?.tell(message.outcome.value);
          return end('done', undefined);
        case 'seek':
          return seek();
        case 'tick':
          return tick();
        case 'retry':
          file.probe();
          return seek();
        case 'find-sources':
          return seek();
        case 'order-pieces':
          return;
        case 'details':
          return message.replyTo.reply(
            ok({
              download: viewOf(record),
              pieceLength: manifest?.pieceLength,
              pieces: manifest && pieceCount(manifest.sizeBytes),
              pieceMap: undefined,
              sources: [],
              openFiles: [],
            }),
          );
      }
    },
    async stopped() {
      crew.dismissAll();
      await file.close((assignment?.size ?? 0) === 0);
    },
  };
});

const gone: Problem = { code: 'closed', message: 'The connection was lost' };
const tooMany: Problem = { code: 'busy', message: 'Too many connections are open' };
const unanswered = fail('timeout', 'There was no answer in time');
