/**
 * One download at work: finds sources, has pieces fetched from them, and ends with the whole file under its
 * name, or with the reason why not. What was fetched stays on the disk however this ends.
 * Invariant: while it is not complete it has a source at work, a question open or a time for the next attempt.
 */
import type { DownloadState } from '../../../core/engine/engine-api.ts';
import type { PeerId } from '../../../core/ids.ts';
import * as limits from '../../../core/limits/downloads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { fail, ok, type Problem } from '../../../core/result.ts';
import { SourceBook } from '../../../core/swarm/source-book.ts';
import type { PartialFile } from '../../../profile/partial-file.ts';
import { actor } from '../../runtime/index.ts';
import { Crew } from './download-crew.ts';
import { detailsOf } from './download-details.ts';
import { knownHere } from './download-copy.ts';
import { adoption } from './download-disk.ts';
import { DownloadFile, type FileMessage } from './download-file.ts';
import type { DownloadArgs, DownloadMessage } from './download-messages.ts';
import { DownloadPieces } from './download-pieces.ts';
import { Seeker } from './download-seeker.ts';
import { reasonOf, takeDown, type Standing } from './download-status.ts';
import type { SessionNews } from '../sessions/session.ts';
import type { FoundSources } from '../trackers/trackers-messages.ts';
import { Showing } from './transfer-showing.ts';

export const downloadActor = actor<DownloadMessage, DownloadArgs>('download', (ctx, args) => {
  const { record, me, transfers, host, trackers, partials } = args;
  const { now = () => performance.now(), random = Math.random } = args;
  const { request, transfer } = record;
  const { target } = request;
  const sources = new SourceBook(me.identity.id, random);
  const crew = new Crew({ ctx, host, sources, transfer, id: target.id, now });
  const showing = new Showing(record, () => host.tell({ type: 'changed', transfer }));
  const events = { opened, lost, blocked, placed, failed: (problem: Problem) => end('failed', problem) };
  const file = new DownloadFile({ ctx, host, transfers, record, now, random, events });
  const pieces = new DownloadPieces({ record, file, sources, now, random });
  const hasEnough = (): boolean => sources.inUse >= limits.maxSourcesInUse;
  const seeker = new Seeker({ ctx, trackers, partials, record, now, random, hasEnough });
  let manifest: Manifest | undefined;
  let isFinishing = false;
  let isOver = false;
  /** Sources that may still write to the finished file. */
  let writers = 0;
  let progressMs = now();
  /** Sources lost and questions for more in vain, since a piece last came. */
  let attempts = 0;

  sources.learn(target.sources);
  ctx.pipe(knownHere(request.outDir, target.id, args.copies), (outcome) => ({ type: 'stored', outcome }));
  ctx.timers.every('tick', limits.downloadTickMs, { type: 'tick' });
  ctx.timers.every('rotate', limits.rotateSourcesMs, { type: 'rotate' });

  /** Sees to it that everybody has something to do, and that there are enough of them. */
  function employ(): void {
    if (file.obstacle || isFinishing || file.isCopying || pieces.areHere) return;
    crew.recruit();
    crew.engage(lose);
    crew.carryOut(pieces.assignment?.topUp(now()));
  }

  function lose(peer: PeerId, problem?: Problem): void {
    attempts += 1;
    crew.lose(peer, problem);
    pieces.assignment?.leave(peer);
    if (sources.inUse === 0) seeker.seekSoon();
    employ();
  }

  function learn({ id, sources: whole, partial }: FoundSources): void {
    if (id !== target.id) return;
    sources.learn(whole);
    sources.learn(partial, true);
  }

  function know(known: Manifest): void {
    manifest ??= known;
    crew.needsManifest = false;
    record.sizeBytes = manifest.sizeBytes;
    file.open(manifest);
  }

  function opened(partial: PartialFile): void {
    const { path: filePath, id } = partial;
    pieces.open(partial);
    if (pieces.areRight) return finish();
    file.checkSome();
    seeker.begin();
    seeker.offer(partial);
    const [rate, weight] = [record.rate.shared, record.weight.shared];
    const writers = partial.writers.shared;
    crew.content = { content: transfer, id, manifest: partial.manifest, filePath, rate, weight, writers };
    employ();
  }

  function lost(wrong: readonly number[]): void {
    pieces.lost(wrong);
    employ();
  }

  /** Some of what an earlier run left has been read, which counts if it is of the file that is open. */
  function checked({ partial, outcome }: FileMessage & { readonly type: 'checked' }): void {
    if (partial === file.partial && outcome.ok && outcome.value.ok) progressMs = now();
    if (pieces.areRight) return finish();
    // Who delivers comes first: then it goes on with the next beat.
    if (pieces.assignment?.working(now()) === 0) file.checkSome();
  }

  /** All sources rest until the file is open again. */
  function blocked(): void {
    isFinishing = false;
    seeker.withdraw(true);
    crew.content = undefined;
    for (const peer of crew.dismissAll()) pieces.assignment?.leave(peer);
    show();
  }

  function delivered(message: SessionNews & { readonly type: 'delivered' }): void {
    const { peer, report, queuePosition } = message;
    record.fetchedBytes += report.receivedBytes;
    const [partial, assignment] = [file.partial, pieces.assignment];
    if (!assignment || !partial) return;
    // Who is no longer at work is given none, whatever it still says; a partial source joins only here.
    if (crew.stageOf(peer) === 'attached') crew.carryOut(assignment.told(peer, report, now()));
    assignment.queued(peer, queuePosition);
    const { isNews, orders } = pieces.delivered(message, assignment, partial);
    if (isNews) [progressMs, attempts] = [now(), 0];
    crew.carryOut(orders);
    if (pieces.areRight) return finish();
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
    seeker.withdraw(false);
    record.doneBytes = record.sizeBytes ?? 0;
    record.path = path;
    if (!args.library || !manifest) return end('done', undefined);
    ctx.pipe(adoption(path, target.id, manifest), (outcome) => ({ type: 'adoptable', outcome }));
  }

  function end(state: DownloadState, problem: Problem | undefined): void {
    if (isOver) return;
    record.problem = problem;
    record.retry = state === 'failed' ? 'never' : undefined;
    record.nextAttemptMs = undefined;
    record.queuePosition = undefined;
    record.sources = 0;
    record.uncheckedBytes = 0;
    isOver = true;
    showing.show(state, now());
    ctx.stop();
  }

  function show(): void {
    if (isOver) return;
    seeker.countSent();
    showing.show(takeDown(record, standing()), now());
  }

  function standing(): Standing {
    const facts = { isFinishing, attempts, nowMs: now(), dateMs: Date.now() };
    return { file, assignment: pieces.assignment, sources, seeker, ...facts };
  }

  function tick(): void {
    employ();
    file.flushIfDue();
    file.checkSome();
    const { giveUpAfterMs = Infinity } = request;
    if (!isFinishing && now() - progressMs > giveUpAfterMs) return end('failed', reasonOf(standing()));
    show();
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'stored':
          if (!file.place.ok) return end('failed', file.place.problem);
          file.copy = message.outcome.ok ? message.outcome.value.copy : undefined;
          if (message.outcome.ok && message.outcome.value.manifest) know(message.outcome.value.manifest);
          employ();
          if (!file.isCopying) seeker.begin();
          return show();
        case 'found': {
          const found = seeker.found(message);
          if (sources.inUse === 0) attempts += 1;
          if (!found.ok) sources.note(found.problem);
          else for (const one of found.value) learn(one);
          employ();
          return show();
        }
        case 'came':
          learn(message.found);
          employ();
          return show();
        case 'session': {
          const { peer, outcome } = message;
          const session = outcome.ok ? outcome.value : tooMany;
          if (session.ok) crew.joined(peer, session.value);
          else if (session.problem.code !== 'unauthorised') return lose(peer, session.problem);
          // Blocked here: it is not tried again unless somebody names it anew.
          else sources.drop(peer, session.problem);
          employ();
          return show();
        }
        case 'manifest': {
          const { peer, outcome } = message;
          if (crew.stageOf(peer) === 'asked-manifest') crew.moveTo(peer, 'idle');
          const answer = outcome.ok ? outcome.value : unanswered;
          if (answer.ok) know(answer.value);
          else if (!manifest && crew.has(peer)) lose(peer, answer.problem);
          return employ();
        }
        case 'attached':
          // It has been sent to rest meanwhile, or away.
          if (crew.stageOf(message.peer) !== 'attaching') return;
          crew.moveTo(message.peer, 'attached');
          if (!sources.of(message.peer)?.isPartial)
            pieces.assignment?.join(message.peer, 'everything', now());
          employ();
          return show();
        case 'queued':
          pieces.assignment?.queued(message.peer, message.queuePosition);
          sources.silent(message.peer, message.stallsAtMs);
          employ();
          return show();
        case 'delivered':
          return delivered(message);
        case 'detached':
          if (!crew.has(message.peer) || isFinishing) return;
          if (message.at === 'source') return lose(message.peer, message.problem);
          return file.blockedBy(message.problem);
        case 'session-gone':
          if (isFinishing || !crew.isServedBy(message.session, message.peer)) return;
          return lose(message.peer);
        case 'let-go':
          writers -= 1;
          return writers === 0 && isFinishing ? file.giveName() : undefined;
        case 'room':
        case 'prepared':
        case 'flushed':
        case 'placed':
        case 'copied':
        case 'checked':
        case 'probe':
          file.receive(message);
          if (message.type === 'copied') progressMs = now();
          if (message.type === 'checked') checked(message);
          return show();
        case 'adoptable':
          if (message.outcome.ok) args.library?.tell(message.outcome.value);
          return end('done', undefined);
        case 'seek':
          return seeker.seek();
        case 'reachable':
          sources.hurryUnreached();
          employ();
          return show();
        case 'rotate':
          if (pieces.assignment) crew.rotate(pieces.assignment);
          return employ();
        case 'tick':
          return tick();
        case 'retry':
          file.retry();
          sources.learn(target.sources);
          sources.hurry();
          seeker.seek();
          return employ();
        case 'find-sources':
          return seeker.seek();
        case 'order-pieces':
          return pieces.reorder();
        case 'details':
          return message.replyTo.reply(ok(detailsOf({ ...standing(), record, manifest, sources })));
      }
    },
    async stopped() {
      seeker.withdraw(true);
      seeker.leave();
      crew.dismissAll();
      await file.close();
    },
  };
});

const tooMany = fail('busy', 'Too many connections are open');
const unanswered = fail('timeout', 'There was no answer in time');
