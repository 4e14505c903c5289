/**
 * One folder of a peer being downloaded, as one transfer: lists it page by page, has small files fetched many at a
 * time and larger ones as contents of their own, and ends with every file under its name or with the reason why not.
 * Invariant: while a file is open something is being done for it, or there is a time for the next attempt.
 */
import { join } from 'node:path';
import { diskProbeMs } from '../../core/backoff.ts';
import type { ListPage } from '../../core/catalogue.ts';
import type { DownloadState } from '../../core/engine-api.ts';
import * as limits from '../../core/limits.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import type { TreePrepared, TreeReport, WriterReport } from '../../workers/tree-contract.ts';
import { actor, type Outcome } from '../runtime/index.ts';
import { viewOf } from './transfer-record.ts';
import { Showing } from './transfer-showing.ts';
import { TreeContents, type ContentEnd } from './tree-contents.ts';
import { rootOf, TreeDisk } from './tree-disk.ts';
import { TreeFiles, type OpenFile } from './tree-files.ts';
import { TreeList } from './tree-list.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';
import { TreeSupply } from './tree-supply.ts';
import type { FoundSources } from './trackers-messages.ts';

export const treeActor = actor<TreeMessage, TreeArgs>(
  'tree',
  (ctx, args) => {
    const { record, host, library, transfers, now = () => performance.now() } = args;
    const { request, transfer } = record;
    const { target, outDir } = request;
    const list = new TreeList(target.path);
    const files = new TreeFiles();
    const contents = new TreeContents(ctx, args);
    const supply = new TreeSupply(ctx, args);
    const showing = new Showing(record, () => host.tell({ type: 'changed', transfer }));
    /** Payload: of earlier incarnations; as the connection counts it; as the disk does; of contents that are over. */
    const fetched = { before: record.fetchedBytes, came: 0, written: 0, contents: 0 };
    let disk: TreeDisk | undefined;
    let opening: Promise<Result<TreeDisk>> | undefined;
    let obstacle: { readonly problem: Problem; readonly untilMs: number } | undefined;
    let cursor: string | undefined;
    let isListing = false;
    let isListed = false;
    /** Pages that the disk is being looked at for. */
    let preparing = 0;
    let folderProblem: Problem | undefined;
    let progressMs = now();
    let isFinishing = false;
    let isOver = false;

    record.path = rootOf(outDir, list.root);
    openDisk();
    ctx.timers.every('tick', limits.downloadTickMs, { type: 'tick' });

    function openDisk(): void {
      const report = (written: WriterReport): void => void ctx.self.offer({ type: 'wrote', report: written });
      opening = TreeDisk.open({ transfers, target, outDir, adopts: library !== undefined, report });
      ctx.pipe(opening, (outcome) => ({ type: 'disk', outcome }));
    }

    /** Sees to it that everything that can go on does. */
    function goOn(): void {
      if (!disk || obstacle || isFinishing) return;
      supply.dialIfDue();
      if (!isListing && !isListed && supply.isReady && files.openCount < limits.maxOpenTreeFiles) {
        isListing = true;
        supply.list(cursor);
      }
      if (isListed && preparing === 0 && files.openCount === 0) finish();
    }

    function listed(page: ListPage): void {
      progressMs = now();
      isListed = page.cursor === undefined || page.cursor === cursor;
      const read = list.read(page.entries);
      folderProblem ??= read.problem;
      const added = read.files.map((file) => files.add(file));
      for (const open of added) if (open.problem) files.fail(open, open.problem);
      look(
        added.filter(({ problem }) => !problem),
        isListed && files.counts.total === 0 ? [list.root, ...read.folders] : read.folders,
      );
      cursor = page.cursor;
      if (files.counts.total > limits.maxTreeFiles) {
        isListed = true;
        folderProblem ??= {
          code: 'limit',
          message: `There are more than ${limits.maxTreeFiles} files; get its folders one by one`,
        };
      }
      if (isListed) askForRoom();
    }

    function look(open: readonly OpenFile[], folders: readonly (readonly string[])[]): void {
      if (!disk || open.length + folders.length === 0) return;
      preparing++;
      const page = {
        folders,
        files: open.map(({ file, id, sizeBytes, folders: at, name }) => ({
          file,
          id,
          sizeBytes,
          folders: at,
          name,
        })),
      };
      ctx.pipe(disk.prepare(page), (outcome) => ({ type: 'prepared', files: open, outcome }));
    }

    function prepared(open: readonly OpenFile[], outcome: TreePrepared): void {
      folderProblem ??= outcome.problem;
      const ended = new Set([...outcome.written, ...outcome.failed].map(({ file }) => file));
      wrote(outcome);
      fetchAll(open.filter(({ file }) => !ended.has(file)));
    }

    /** Has files brought that are not here: each content once, the small ones together. */
    function fetchAll(open: readonly OpenFile[]): void {
      const wanted: OpenFile[] = [];
      for (const one of open) {
        if (!files.get(one.file)) continue;
        const lead = files.lead(one);
        if (lead.leads) wanted.push(one);
        else if (lead.path === placeOf(one)) succeed(one, lead.path);
        else if (lead.path !== undefined) {
          one.stage = 'copying';
          disk?.copy(one.file, lead.path);
        } else one.stage = 'following';
      }
      want(wanted);
    }

    function placeOf({ folders, name }: OpenFile): string {
      return join(outDir, ...folders, name);
    }

    function want(open: readonly OpenFile[]): void {
      const small: OpenFile[] = [];
      for (const one of open) {
        const isSmall = one.sizeBytes <= limits.maxSmallFileBytes;
        one.stage = isSmall ? 'wanted' : 'content';
        if (isSmall) small.push(one);
        else contents.add(one, [supply.source]);
      }
      if (small.length > 0 && supply.isReady) supply.want(small);
    }

    function succeed(open: OpenFile, path: string): void {
      progressMs = now();
      fetchAll(files.done(open, path));
    }

    /** It is on the disk under its name, and has been fetched for it unless it was found or copied. */
    function brought(open: OpenFile, path: string): void {
      if (open.stage === 'wanted') {
        open.fetchedBytes += open.sizeBytes;
        open.sources = 1;
        fetched.written += open.sizeBytes;
        record.usedSources.add(supply.source.peer);
      }
      succeed(open, path);
    }

    function giveUpOn(open: OpenFile, problem: Problem): void {
      disk?.forget([open.file]);
      fetchAll(files.fail(open, problem));
    }

    function wrote({ named, written, failed }: WriterReport): void {
      for (const file of named) {
        const open = files.get(file);
        if (open) brought(open, placeOf(open));
      }
      for (const { file, path } of written) {
        const open = files.get(file);
        if (open) brought(open, path);
      }
      for (const { file, problem, isDisk } of failed) {
        const open = files.get(file);
        if (!open) continue;
        if (isDisk) blockedBy(problem);
        else if (open.stage === 'copying' && problem.code === 'stale')
          fetchAll([open, ...files.forget(open)]);
        else giveUpOn(open, problem);
      }
      adopt(written);
    }

    function adopt(written: WriterReport['written']): void {
      if (!library) return;
      const adopted = written.flatMap(({ path, id, adoption }) =>
        adoption ? [{ filePath: path, id, ...adoption }] : [],
      );
      if (adopted.length > 0) library.tell({ type: 'adopt-all', files: adopted });
    }

    function came(report: TreeReport): void {
      if (report.receivedBytes > 0) {
        progressMs = now();
        fetched.came += report.receivedBytes;
        supply.delivered();
      }
      const refused: OpenFile[] = [];
      for (const { file, problem } of report.refused) {
        const open = files.get(file);
        if (!open) continue;
        open.refusal = problem;
        refused.push(open);
        if (problem.code === 'piece-mismatch' && supply.strike()) loseSupply(problem);
      }
      seekElsewhere(refused);
    }

    /** Asks the trackers who else has files that do not come from where they were to come from. */
    function seekElsewhere(open: readonly OpenFile[]): void {
      for (let at = 0; at < open.length; at += limits.maxContentsPerQuestion) {
        const some = open.slice(at, at + limits.maxContentsPerQuestion);
        const ids = some.map(({ id }) => id);
        for (const one of some) one.stage = 'content';
        ctx.ask(args.trackers, { type: 'sources', ids }, limits.sourceAnswerTimeoutMs, (outcome) => ({
          type: 'elsewhere',
          files: some,
          outcome,
        }));
      }
    }

    function foundElsewhere(open: readonly OpenFile[], found: readonly FoundSources[]): void {
      const others = new Map(
        found.map(({ id, sources }) => [id, sources.filter(({ peer }) => peer !== supply.source.peer)]),
      );
      for (const one of open) {
        if (!files.get(one.file)) continue;
        const sources = others.get(one.id) ?? [];
        if (sources.length > 0) contents.add(one, sources);
        else giveUpOn(one, one.refusal ?? nowhere);
      }
    }

    function contentOver({ open, path, problem }: ContentEnd): void {
      fetched.contents += open.fetchedBytes;
      if (path !== undefined) succeed(open, path);
      else giveUpOn(open, problem ?? nowhere);
    }

    function loseSupply(problem: Problem): void {
      supply.leave();
      supply.lost(problem);
      isListing = false;
    }

    /** The disk refuses: nothing more is fetched until it is looked at again. */
    function blockedBy(problem: Problem): void {
      if (obstacle || isOver) return;
      if (request.giveUpAfterMs !== undefined) return failAll(problem);
      const waitMs = diskProbeMs(1, Math.random);
      obstacle = { problem, untilMs: now() + waitMs };
      if (supply.isReady) loseSupply(problem);
      ctx.timers.once('look-again', waitMs, { type: 'look-again' });
    }

    function lookAgain(): void {
      obstacle = undefined;
      supply.hurry();
      if (!disk) return openDisk();
      const again = [...files.open].filter(({ stage }) => stage === 'wanted');
      for (const open of again) fetchAll(files.forget(open));
      for (let at = 0; at < again.length; at += limits.maxEntriesPerPage)
        look(again.slice(at, at + limits.maxEntriesPerPage), []);
    }

    function askForRoom(): void {
      const question = { type: 'room', transfer, sizeBytes: files.sizeBytes } as const;
      ctx.ask(host, question, limits.sourceAnswerTimeoutMs, (outcome) => ({ type: 'room-told', outcome }));
    }

    function failAll(problem: Problem): void {
      for (const open of files.open) files.fail(open, problem);
      folderProblem ??= problem;
      isListed = true;
      finish();
    }

    /** All has ended: what is hidden goes away, and then so do we. */
    function finish(): void {
      if (isFinishing) return;
      isFinishing = true;
      supply.leave();
      const stopped = disk?.stop() ?? Promise.resolve();
      disk = undefined;
      ctx.pipe(stopped, () => ({ type: 'finished' }));
      show();
    }

    function finished(): void {
      const { failed, total } = files.counts;
      const first = files.firstProblem ?? folderProblem;
      const message =
        failed > 1 ? `${failed} of ${total} files failed; the first: ${first?.message}` : first?.message;
      record.problem = first && { code: first.code, message: message ?? '' };
      record.retry = first && 'never';
      record.nextAttemptMs = undefined;
      isOver = true;
      show();
      ctx.stop();
    }

    function show(): void {
      const ended = files.takeEnded();
      if (ended.length > 0) host.tell({ type: 'tree-files', transfer, files: ended });
      contents.count();
      const { records } = contents;
      const sum = (field: 'doneBytes' | 'fetchedBytes' | 'sources' | 'sentBytes'): number =>
        records.reduce((total, one) => total + one[field], 0);
      record.files = files.counts;
      record.sizeBytes = isListed ? files.sizeBytes : undefined;
      record.doneBytes = files.doneBytes + sum('doneBytes');
      // The last of what came is on the disk before the connection tells of it.
      record.fetchedBytes =
        fetched.before + Math.max(fetched.came, fetched.written) + fetched.contents + sum('fetchedBytes');
      record.sources = isOver
        ? 0
        : Math.max(supply.isReady && supply.queuePosition === 0 ? 1 : 0, sum('sources'));
      record.knownSources = Math.max(1, record.sources);
      record.queuePosition = supply.queuePosition > 0 && contents.isIdle ? supply.queuePosition : undefined;
      const state = currentState();
      if (!isOver) {
        record.problem = state === 'waiting' ? waitingFor() : undefined;
        record.retry = state === 'waiting' ? (obstacle ? 'disk' : 'connection') : undefined;
        const atMs = obstacle?.untilMs ?? supply.nextAttemptMs;
        record.nextAttemptMs =
          state === 'waiting' && atMs !== undefined ? Date.now() + Math.max(0, atMs - now()) : undefined;
      }
      showing.show(state, now());
    }

    function currentState(): DownloadState {
      if (isOver) return record.problem ? 'failed' : 'done';
      if (isFinishing) return 'finishing';
      if (obstacle) return 'waiting';
      if (!contents.isIdle) return 'downloading';
      if (supply.isReady) return supply.queuePosition > 0 ? 'waiting' : 'downloading';
      return supply.isDialling || !supply.problem ? 'finding' : 'waiting';
    }

    function waitingFor(): Problem {
      if (obstacle) return obstacle.problem;
      if (record.queuePosition !== undefined) return busy;
      return supply.problem ?? nowhere;
    }

    function tick(): void {
      const { giveUpAfterMs } = request;
      if (record.queuePosition !== undefined || contents.records.some(({ sources }) => sources > 0))
        progressMs = now();
      if (giveUpAfterMs !== undefined && !isFinishing && now() - progressMs > giveUpAfterMs)
        failAll(waitingFor());
      goOn();
      show();
    }

    function receive(message: TreeMessage): void {
      switch (message.type) {
        case 'disk': {
          const opened = resultOf(message.outcome);
          opening = undefined;
          if (!opened.ok) return blockedBy(opened.problem);
          disk = opened.value;
          return ctx.pipe(disk.over, (outcome) => ({ type: 'disk-over', outcome }));
        }
        case 'disk-over':
          if (!message.outcome.ok) throw message.outcome.error;
          return;
        case 'connected': {
          const session = message.outcome.ok ? message.outcome.value : undefined;
          if (session && disk) return supply.connected(session, disk);
          return supply.lost(tooMany);
        }
        case 'found-peer':
          if (message.outcome.ok && message.outcome.value.ok) supply.moved(message.outcome.value.value);
          return;
        case 'attached':
          supply.attached();
          return want([...files.open].filter(({ stage }) => stage === 'wanted'));
        case 'queued':
          supply.queuePosition = message.queuePosition;
          return;
        case 'detached':
          return loseSupply(message.problem);
        case 'listed': {
          isListing = false;
          const page = message.outcome.ok
            ? message.outcome.value
            : fail('timeout', 'The list did not come in time');
          if (page.ok) return listed(page.value);
          return isLasting(page.problem) ? failAll(page.problem) : loseSupply(page.problem);
        }
        case 'prepared':
          preparing--;
          return prepared(message.files, resultOf(message.outcome));
        case 'wrote':
          return wrote(message.report);
        case 'files-came':
          return came(message.report);
        case 'elsewhere': {
          const found = message.outcome.ok ? message.outcome.value : undefined;
          return foundElsewhere(message.files, found?.ok ? found.value : []);
        }
        case 'content-over': {
          const end = contents.over(message.child, message.reason);
          return end && contentOver(end);
        }
        case 'room-told':
          if (message.outcome.ok && !message.outcome.value.ok) blockedBy(message.outcome.value.problem);
          return;
        case 'session':
          return host.tell(message);
        case 'room':
          return host.tell({ ...message, transfer, sizeBytes: files.sizeBytes });
        case 'changed':
        case 'tree-files':
        case 'tick':
          return tick();
        case 'look-again':
          return lookAgain();
        case 'finished':
          return finished();
        case 'retry':
          if (obstacle) lookAgain();
          supply.hurry();
          return contents.tellAll(message);
        case 'find-sources':
          supply.hurry();
          return contents.tellAll(message);
        case 'order-pieces':
          return contents.tellAll(message);
        case 'details':
          return message.replyTo.reply(
            ok({
              download: viewOf(record),
              pieceLength: undefined,
              pieces: undefined,
              pieceMap: undefined,
              sources: [],
              openFiles: files.details(),
            }),
          );
      }
    }

    return {
      receive(message) {
        receive(message);
        if (isOver) return;
        goOn();
        show();
      },
      async stopped() {
        supply.leave();
        const late = await opening;
        await (late?.ok ? late.value : disk)?.stop();
      },
    };
  },
  { mailbox: { capacity: limits.treeMailbox } },
);

const nowhere: Problem = { code: 'not-found', message: 'Nobody who is online has it' };
const busy: Problem = { code: 'busy', message: 'The source is busy; waiting for our turn' };
const tooMany: Problem = { code: 'busy', message: 'Too many connections are open' };

/** Whether asking again would bring the same answer. */
function isLasting({ code }: Problem): boolean {
  return code === 'not-found' || code === 'not-shared' || code === 'bad-request' || code === 'unauthorised';
}

/** A promise of ours that rejects is a fault of ours. */
function resultOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
