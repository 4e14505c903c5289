/**
 * One folder of a peer being downloaded, as one transfer: lists it page by page, has small files fetched many at a
 * time and larger ones as contents of their own, and ends with every file under its name or with the reason why not.
 * Invariant: while a file is open something is being done for it, or there is a time for the next attempt.
 */
import type { ListPage } from '../../../core/catalogue.ts';
import type { PeerId } from '../../../core/ids.ts';
import { downloadTickMs } from '../../../core/limits/downloads.ts';
import { maxOpenTreeFiles, treeMailbox } from '../../../core/limits/trees.ts';
import { maxEntriesPerPage } from '../../../core/limits/wire.ts';
import { fail, ok, type Problem, type Result } from '../../../core/result.ts';
import type { WriterReport } from '../../../workers/tree-contract.ts';
import { actor, type Outcome } from '../../runtime/index.ts';
import { TreeContents } from './tree-contents.ts';
import { rootOf, TreeDisk, type PreparedFiles } from './tree-disk.ts';
import { TreeDivision } from './tree-division.ts';
import { TreeFetching } from './tree-fetching.ts';
import { TreeFiles, type OpenFile } from './tree-files.ts';
import { TreeList } from './tree-list.ts';
import type { TreeArgs, TreeMessage } from './tree-messages.ts';
import { TreeObstacle } from './tree-obstacle.ts';
import { TreeProgress } from './tree-progress.ts';
import { TreeSupplies } from './tree-supplies.ts';
import { isLasting } from './tree-supply.ts';

export const treeActor = actor<TreeMessage, TreeArgs>(
  'tree',
  (ctx, args) => {
    const { record, host } = args;
    const { request, transfer } = record;
    const { target, outDir } = request;
    const list = new TreeList(target.path);
    const files = new TreeFiles();
    const contents = new TreeContents(ctx, args);
    const supplies = new TreeSupplies(ctx, args);
    const { main } = supplies;
    const division = new TreeDivision(ctx, args, { files, supplies });
    const progress = new TreeProgress(args, files, contents, supplies);
    const hears = { blocked: blockedBy, distrusted };
    const fetching = new TreeFetching({ ctx, args, files, contents, supplies, division, progress, ...hears });
    let disk: TreeDisk | undefined;
    let opening: Promise<Result<TreeDisk>> | undefined;
    let givenUp: TreeDisk | undefined;
    const obstacle = new TreeObstacle({ ctx, args, files });
    let isListing = false;
    let isListed = false;
    /** Pages that the disk is being looked at for. */
    let preparing = 0;
    /** Folders that were listed while there was no disk to make them on. */
    const unmade: (readonly string[])[] = [];
    let folderProblem: Problem | undefined;
    let isGivenUp = false;
    let isFinishing = false;
    let isOver = false;

    const show = (): void => progress.show({ obstacle: obstacle.current, isListed, isFinishing, isOver });
    /** To be called once all contents are over: what they leave is known then. */
    const letGo = (): Promise<unknown> => Promise.all([givenUp?.stop(), disk?.stop()]);

    record.path = rootOf(outDir, list.root);
    main.dialIfDue(); // Before the disk: a connection takes longer to make, and its code to load.
    openDisk();
    ctx.timers.every('tick', downloadTickMs, { type: 'tick' });

    function openDisk(): void {
      host.tell({ type: 'begins', transfer });
      const report = (written: WriterReport): void => void ctx.self.offer({ type: 'wrote', report: written });
      opening = TreeDisk.open({ args, earlier: disk, report });
      disk = fetching.disk = undefined;
      supplies.loseDisk();
      division.lostAll();
      ctx.pipe(opening, (outcome) => ({ type: 'disk', outcome }));
    }

    /** Sees to it that everything that can go on does. */
    function goOn(): void {
      if (isFinishing) return;
      const isLooking = preparing > 0 && !isGivenUp;
      if (isListed && !isLooking && files.openCount === 0 && contents.isIdle) return finish();
      if (obstacle.current || isGivenUp) return;
      main.dialIfDue();
      if (disk && !isListing && !isListed && main.isReady && files.openCount < maxOpenTreeFiles) {
        isListing = true;
        main.list(list.cursor);
      }
    }

    function listed(page: ListPage): void {
      progress.moved();
      const read = list.read(page);
      isListed = read.isLast;
      folderProblem ??= read.problem;
      const added = read.files.map((file) => files.add(file));
      for (const open of added) if (open.problem) files.fail(open, open.problem);
      const isEmpty = isListed && files.counts.total === 0;
      const fit = added.filter(({ problem }) => !problem);
      look(fit, isEmpty ? [list.root, ...read.folders] : read.folders);
      if (isListed) obstacle.askForRoom();
    }

    function look(open: readonly OpenFile[], folders: readonly (readonly string[])[]): void {
      for (const one of open) one.stage = disk ? 'looking' : 'wanted';
      if (!disk) unmade.push(...folders);
      if (!disk || open.length + folders.length === 0) return;
      preparing++;
      ctx.pipe(disk.prepare(folders, open), (outcome) => ({ type: 'prepared', files: open, outcome }));
    }

    function prepared(open: readonly OpenFile[], outcome: PreparedFiles): void {
      folderProblem ??= outcome.problem;
      fetching.wrote(outcome);
      const isMissing = ({ file }: OpenFile): boolean => outcome.missing.has(file);
      fetching.bring(open.filter(isMissing), outcome.elsewhere);
      if (isListed && preparing === 0) obstacle.askForRoom();
    }

    function loseSupply(peer: PeerId, problem: Problem): void {
      supplies.lost(peer, problem);
      division.lost(peer);
      if (peer === main.source.peer) isListing = false;
      fetching.lookElsewhere();
    }

    /** Nothing more is asked of a peer; what that of the tree has not listed is known to nobody else. */
    function distrusted(peer: PeerId, problem: Problem): void {
      if (peer === main.source.peer) {
        if (!isListed) folderProblem ??= problem;
        isListed = true;
      }
      loseSupply(peer, problem);
    }

    /** The disk refuses: nothing more is fetched until it is looked at again. */
    function blockedBy(problem: Problem): void {
      if (obstacle.isResting || isOver) return;
      if (request.giveUpAfterMs !== undefined) return failAll(problem);
      obstacle.put(problem);
      supplies.pause();
      division.lostAll();
      isListing = false;
    }

    function lookAgain(): void {
      obstacle.clear();
      division.hurry();
      if (preparing > 0) return lookAtOpen();
      if (!opening) openDisk(); // Another may have come back, without what lay in the one that was away.
    }

    function lookAtOpen(): void {
      // Those that follow as well: the disk is to know of every file that it may be given.
      const again = [...files.open].filter(({ stage }) => stage !== 'looking' && stage !== 'content');
      for (const open of again) if (open.stage !== 'following') files.forget(open);
      look([], unmade.splice(0));
      for (let at = 0; at < again.length; at += maxEntriesPerPage)
        look(again.slice(at, at + maxEntriesPerPage), []);
    }

    function failAll(problem: Problem): void {
      if (isGivenUp) return;
      folderProblem ??= problem;
      isListed = isGivenUp = true;
      contents.stop();
      supplies.leave();
      for (const open of files.open) if (open.stage !== 'wanted') files.fail(open, problem);
      // The others may have come already: the disk has them named, and says so, before it has settled.
      givenUp = disk;
      disk = fetching.disk = undefined;
      ctx.pipe(givenUp?.settle() ?? Promise.resolve(), () => ({ type: 'given-up', problem }));
    }

    /** All has ended: what is hidden goes away, and then so do we. */
    function finish(): void {
      isFinishing = true;
      supplies.leave();
      ctx.pipe(letGo(), () => ({ type: 'finished' }));
      show();
    }

    function tick(): void {
      if (!isGivenUp && progress.idleMs > (request.giveUpAfterMs ?? Infinity))
        failAll(progress.waitingFor(obstacle.current));
      contents.giveWay();
      if (disk && !obstacle.current && !isFinishing) division.goOn();
      goOn();
      show();
    }

    function receive(message: TreeMessage): void {
      switch (message.type) {
        case 'disk': {
          const opened = resultOf(message.outcome);
          opening = undefined;
          if (!opened.ok) return blockedBy(opened.problem);
          disk = fetching.disk = opened.value;
          ctx.pipe(disk.over, (outcome) => ({ type: 'disk-over', outcome }));
          supplies.useDisk(disk);
          return lookAtOpen();
        }
        case 'disk-over':
          return resultOf(message.outcome);
        case 'connected':
        case 'found-peer':
        case 'attached':
        case 'queued':
        case 'detached':
        case 'session-gone': {
          const lost = supplies.receive(message, disk);
          if (lost) loseSupply(lost.peer, lost.problem);
          return message.type === 'attached' ? division.attached() : undefined;
        }
        case 'held':
          return division.held(message);
        case 'dropped':
          return fetching.dropped(message);
        case 'listed': {
          isListing = false;
          if (isListed) return;
          const page = message.outcome.ok ? message.outcome.value : late;
          if (page.ok) return listed(page.value);
          return isLasting(page.problem) ? failAll(page.problem) : loseSupply(main.source.peer, page.problem);
        }
        case 'prepared':
          preparing--;
          return isGivenUp ? undefined : prepared(message.files, resultOf(message.outcome));
        case 'wrote':
          obstacle.wrote(message.report);
          return fetching.wrote(message.report);
        case 'files-came':
          return fetching.came(message.peer, message.report);
        case 'elsewhere':
          return fetching.foundElsewhere(message);
        case 'content-over': {
          const end = contents.over(message.child, message.reason);
          return end && fetching.contentOver(end);
        }
        case 'room-told':
          if (message.outcome.ok && !message.outcome.value.ok)
            return blockedBy(message.outcome.value.problem);
          return obstacle.isDue && !isFinishing ? lookAgain() : undefined;
        case 'session':
        case 'begins':
          return host.tell(message);
        case 'room':
          return host.tell({ ...message, transfer, ...files.room });
        case 'changed':
        case 'tree-files':
        case 'tick':
          return tick();
        case 'look-again':
          return obstacle.look();
        case 'given-up':
          for (const open of files.open) files.fail(open, message.problem);
          return;
        case 'finished':
          progress.end(folderProblem);
          isOver = true;
          show();
          return ctx.stop();
        case 'retry':
        case 'find-sources':
          // Says that all is well: a folder that was gone may be made anew.
          if (message.type === 'retry') {
            record.folder = undefined;
            obstacle.look();
          }
          division.hurry();
          return contents.tellAll(message);
        case 'order-pieces':
          return contents.tellAll(message);
        case 'details':
          return message.replyTo.reply(ok(progress.details));
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
        supplies.leave();
        const opened = await opening;
        if (opened?.ok) disk = opened.value;
        await letGo();
      },
    };
  },
  { mailbox: { capacity: treeMailbox } },
);

const late = fail('timeout', 'The list did not come in time');

/** A promise of ours that rejects is a fault of ours. */
function resultOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw outcome.error;
  return outcome.value;
}
