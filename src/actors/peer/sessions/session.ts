/**
 * One connection to one peer that we download from, whatever the number of files: the proxy of the job that fetches.
 * Invariant: every transfer attached is told when it is over, exactly once, whether the job ended, failed or
 * died with its thread.
 */
import type { ListPage } from '../../../core/catalogue.ts';
import type { ContentId, PeerId } from '../../../core/ids.ts';
import { sessionIdleMs } from '../../../core/limits/downloads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import type { PieceRange } from '../../../core/swarm/piece-ranges.ts';
import { fail, type Problem, type Result } from '../../../core/result.ts';
import { handOver, type Calls } from '../../../workers/channel.ts';
import type {
  ContentReport,
  FetchControl,
  FetchHost,
  FetchReport,
  ListRequest,
  OpenedContent,
} from '../../../workers/transfer-contract.ts';
import type { OpenedTree, TreeReport, WantedFile } from '../../../workers/tree-contract.ts';
import { actor, type ActorRef, type Asking, type Outcome, type ReplyTo } from '../../runtime/index.ts';
import { SessionLine, type LineArgs, type LineMessage } from './session-line.ts';

/** How a connection makes those who fetch over it wait. */
export type Waits = Pick<FetchReport, 'queuePosition' | 'stallsAtMs'>;

/** What a download is told by the sessions it is attached to. */
export type SessionNews =
  | { readonly type: 'attached'; readonly peer: PeerId }
  | {
      readonly type: 'delivered';
      readonly peer: PeerId;
      readonly report: ContentReport;
      readonly queuePosition: number;
    }
  /** It makes us wait, or no longer: for our turn, or without a word, and then until it is given up. */
  | ({ readonly type: 'queued'; readonly peer: PeerId } & Waits)
  /** `at` says who is to blame: this machine's disk, or the source and the way to it. */
  | {
      readonly type: 'detached';
      readonly peer: PeerId;
      readonly at: 'source' | 'here';
      readonly problem: Problem;
    };

/** What a tree is told by the sessions it is attached to. */
export type TreeNews =
  | Exclude<SessionNews, { readonly type: 'delivered' }>
  | { readonly type: 'files-came'; readonly peer: PeerId; readonly report: TreeReport };

export type SessionCommand =
  | ({ readonly type: 'manifest'; readonly id: ContentId } & Asking<Result<Manifest>>)
  | ({ readonly type: 'list' } & ListRequest & Asking<Result<ListPage>>)
  | { readonly type: 'attach'; readonly opened: OpenedContent; readonly download: ActorRef<SessionNews> }
  | { readonly type: 'want' | 'leave'; readonly content: number; readonly ranges: readonly PieceRange[] }
  | { readonly type: 'attach-tree'; readonly opened: OpenedTree; readonly download: ActorRef<TreeNews> }
  | { readonly type: 'want-files'; readonly tree: number; readonly files: readonly WantedFile[] }
  /** Files to come from elsewhere; answered with those that are not on their way, and will not come. */
  | ({ readonly type: 'drop-files'; readonly tree: number; readonly files: readonly number[] } & Asking<
      readonly number[]
    >)
  /** Of no further interest, without an answer. */
  | { readonly type: 'forget-tree'; readonly tree: number }
  /** Of no further interest, without an answer. */
  | { readonly type: 'forget'; readonly content: number }
  /** Answered when nothing is written for it any more. */
  | ({ readonly type: 'detach'; readonly content: number } & Asking<true>);

type SessionMessage =
  | SessionCommand
  | { readonly type: 'connected' }
  | { readonly type: 'reported'; readonly report: FetchReport }
  | { readonly type: 'opened'; readonly content: number; readonly outcome: Outcome<Result<void>> }
  | { readonly type: 'closed'; readonly content: number; readonly replyTo: ReplyTo<true> }
  | { readonly type: 'idle' }
  | LineMessage;

type Attach = Extract<SessionCommand, { readonly type: 'attach' | 'attach-tree' }>;
type Question = Extract<SessionCommand, { readonly type: 'manifest' | 'list' }>;

export const sessionActor = actor<SessionMessage, LineArgs>('session', (ctx, args) => {
  const { source } = args;
  const host: FetchHost = {
    connected: () => void ctx.self.offer({ type: 'connected' }),
    report: (report) => void ctx.self.offer({ type: 'reported', report }),
  };
  const line = new SessionLine(ctx, args, host);
  line.begin();
  /** The job at the other end of it, once there is a connection. */
  let remote: Calls<FetchControl> | undefined;

  const downloads = new Map<number, ActorRef<SessionNews>>();
  const trees = new Map<number, ActorRef<TreeNews>>();
  /** What came before the connection was up, in order. */
  let early: (Question | Attach)[] | undefined = [];
  let asked = 0;
  let waits: Waits = { queuePosition: 0, stallsAtMs: undefined };
  let problem: Problem = { code: 'closed', message: 'The connection was stopped' };

  function restIfIdle(): void {
    if (downloads.size + trees.size === 0 && asked === 0)
      ctx.timers.once('idle', sessionIdleMs, { type: 'idle' });
    else ctx.timers.cancel('idle');
  }

  function tell(content: number, news: SessionNews): void {
    // A download that ended meanwhile has no more interest in this.
    downloads.get(content)?.offer(news);
  }

  function ask(question: Question): void {
    asked += 1;
    const answer: Promise<Result<unknown>> | undefined =
      question.type === 'manifest' ? remote?.manifest(question.id) : remote?.list(listRequest(question));
    void (answer ?? Promise.resolve(lost))
      .catch(() => lost)
      .then((result) => {
        (question.replyTo as ReplyTo<Result<unknown>>).reply(result);
        asked -= 1;
        restIfIdle();
      });
    restIfIdle();
  }

  function attach(held: Attach): void {
    if (held.type === 'attach-tree') return attachTree(held.opened);
    const { opened } = held;
    const { content } = opened;
    // Detached before the connection was up.
    if (!downloads.has(content)) return;
    restIfIdle();
    ctx.pipe(remote?.open(opened) ?? Promise.resolve(lost), (outcome) => ({
      type: 'opened',
      content,
      outcome,
    }));
  }

  function attachTree(opened: OpenedTree): void {
    const download = trees.get(opened.tree);
    if (!download) return opened.store.close();
    restIfIdle();
    remote?.openTree(handOver(opened, [opened.store])).catch(ignore);
    welcome(download);
  }

  /** Whoever comes while we wait is told so: only a change is news. */
  function welcome(download: ActorRef<SessionNews> | ActorRef<TreeNews> | undefined): void {
    download?.offer({ type: 'attached', peer: source.peer });
    const isWaiting = waits.queuePosition > 0 || waits.stallsAtMs !== undefined;
    if (isWaiting) download?.offer({ type: 'queued', peer: source.peer, ...waits });
  }

  /** Who comes again before the connection is up is to be opened once. */
  function forgetEarly(isForgotten: (held: Question | Attach) => boolean): void {
    early = early?.filter((held) => !isForgotten(held));
  }

  /** Who asked is to hear why, not that this actor is gone. */
  function refuseEarly(): void {
    for (const held of early?.splice(0) ?? [])
      if (held.type === 'manifest' || held.type === 'list') held.replyTo.reply({ ok: false, problem });
      else if (held.type === 'attach-tree') held.opened.store.close();
  }

  /** The actor may be gone, or the connection: then the job's end says so. */
  const ignore = (): undefined => undefined;

  return {
    receive(message) {
      switch (message.type) {
        case 'manifest':
        case 'list':
          if (early) early.push(message);
          else ask(message);
          return;
        case 'attach':
          downloads.set(message.opened.content, message.download);
          if (early) early.push(message);
          else attach(message);
          return;
        case 'attach-tree':
          trees.set(message.opened.tree, message.download);
          if (early) early.push(message);
          else attach(message);
          return;
        case 'want-files':
          remote?.wantFiles(message.tree, message.files).catch(ignore);
          return;
        case 'drop-files': {
          const { tree, files, replyTo } = message;
          const dropped = remote?.dropFiles(tree, files).catch(() => []) ?? Promise.resolve([]);
          return void dropped.then((left) => replyTo.reply(left));
        }
        case 'forget-tree':
          trees.delete(message.tree);
          forgetEarly((held) => {
            if (held.type !== 'attach-tree' || held.opened.tree !== message.tree) return false;
            held.opened.store.close();
            return true;
          });
          remote?.closeTree(message.tree).catch(ignore);
          restIfIdle();
          return;
        case 'want':
        case 'leave':
          remote?.[message.type](message.content, message.ranges).catch(ignore);
          return;
        case 'forget':
          downloads.delete(message.content);
          forgetEarly((held) => held.type === 'attach' && held.opened.content === message.content);
          remote?.close(message.content).catch(ignore);
          restIfIdle();
          return;
        case 'detach': {
          const { content, replyTo } = message;
          const closed = remote?.close(content).catch(ignore) ?? Promise.resolve();
          ctx.pipe(closed, () => ({ type: 'closed', content, replyTo }));
          return;
        }
        case 'closed':
          downloads.delete(message.content);
          message.replyTo.reply(true);
          restIfIdle();
          return;
        case 'connected': {
          remote = line.connected();
          const waiting = early ?? [];
          early = undefined;
          for (const held of waiting) {
            if (held.type === 'manifest' || held.type === 'list') ask(held);
            else attach(held);
          }
          restIfIdle();
          return;
        }
        case 'opened': {
          const { content, outcome } = message;
          if (!outcome.ok) return;
          if (outcome.value.ok) return welcome(downloads.get(content));
          const { problem: refusal } = outcome.value;
          // A connection that ended meanwhile is no fault of our disk.
          const at = refusal.code === 'closed' ? 'source' : 'here';
          tell(content, { type: 'detached', peer: source.peer, at, problem: refusal });
          downloads.delete(content);
          restIfIdle();
          return;
        }
        case 'reported': {
          const { contents, trees: files, ...now } = message.report;
          const { queuePosition } = now;
          for (const one of contents) {
            tell(one.content, { type: 'delivered', peer: source.peer, report: one, queuePosition });
            if (!one.ended) continue;
            tell(one.content, { type: 'detached', peer: source.peer, ...one.ended });
            downloads.delete(one.content);
            remote?.close(one.content).catch(ignore);
          }
          for (const one of files)
            trees.get(one.tree)?.offer({ type: 'files-came', peer: source.peer, report: one });
          if (now.queuePosition !== waits.queuePosition || now.stallsAtMs !== waits.stallsAtMs)
            for (const download of [...downloads.values(), ...trees.values()])
              download.offer({ type: 'queued', peer: source.peer, ...now });
          waits = now;
          restIfIdle();
          return;
        }
        case 'idle':
          if (remote) remote.stop().catch(ignore);
          else ctx.stop();
          return;
        case 'passed-on':
        case 'unanswered':
        case 'over': {
          const end = line.receive(message);
          if (!end) return;
          problem = end.problem;
          refuseEarly();
          if (end.fault !== undefined) throw end.fault;
          ctx.stop();
        }
      }
    },
    stopped() {
      line.close();
      refuseEarly();
      for (const download of [...downloads.values(), ...trees.values()])
        download.offer({ type: 'detached', peer: source.peer, at: 'source', problem });
    },
  };
});

function listRequest({ path, recursive, cursor, limit }: ListRequest): ListRequest {
  return { path, recursive, cursor, limit };
}

const lost = fail('closed', 'The connection was lost');
