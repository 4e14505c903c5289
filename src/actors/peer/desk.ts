/**
 * The desk where the engine's clients ask: turns their commands into words for the other actors, and the answers
 * into events. It owns nothing but the conversations under way, which are bounded, and looks now and then how
 * much room the disk has. Each command that has a `requestId` is answered exactly once, by its problem if need be.
 */
import { refusalOf, type EngineAnswer, type EngineRequest } from '../../core/engine/engine-answers.ts';
import type { EngineCommand } from '../../core/engine/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import { diskLookEveryMs, maxDeskConversations } from '../../core/limits/engine.ts';
import { formatSize } from '../../core/quantity.ts';
import type { Problem } from '../../core/result.ts';
import { actor, type Outcome } from '../runtime/index.ts';
import { answerOf, type DeskArgs } from './desk-answers.ts';
import { volumeOfFolder, type Volume } from './downloads/disk-room.ts';
import { blockedPeer } from './uploads/upload-pool.ts';

export type DeskMessage =
  | Exclude<EngineCommand, { readonly type: 'stop' | 'stay' }>
  | { readonly type: 'answered'; readonly answer: EngineAnswer }
  | { readonly type: 'look' }
  | { readonly type: 'looked'; readonly outcome: Outcome<Volume> };

export const deskActor = actor<DeskMessage, DeskArgs>('desk', (ctx, args) => {
  const { observer, rules, uploads, downloads, library } = args;
  let conversations = 0;
  look();

  function converse(request: EngineRequest): void {
    if (conversations >= maxDeskConversations) {
      observer.tell(refusalOf(request, tooMany));
      return;
    }
    conversations += 1;
    ctx.pipe(answerOf(request, args), (outcome) => ({
      type: 'answered',
      answer: outcome.ok
        ? outcome.value
        : refusalOf(request, { code: 'internal', message: outcome.error.message }),
    }));
  }

  function disconnect(peer: PeerId, reason: Problem): void {
    uploads?.tell({ type: 'disconnect', peer, reason });
    downloads.tell({ type: 'disconnect', peer });
  }

  /** What holds all the same, but only until the end of this engine. */
  function complain(problem: Problem | undefined): void {
    if (!problem) return;
    const line = { atMs: Date.now(), level: 'warn', source: 'profile', text: problem.message } as const;
    observer.tell({ type: 'log', line });
  }

  function look(): void {
    ctx.pipe(volumeOfFolder(args.disk.folder), (outcome) => ({ type: 'looked', outcome }));
  }

  /** Tells it when people would read another number. */
  function looked(freeBytes: number | undefined): void {
    ctx.timers.once('look', diskLookEveryMs, { type: 'look' });
    const isNews = shown(freeBytes) !== shown(args.disk.freeBytes);
    args.disk.freeBytes = freeBytes;
    if (isNews) observer.tell({ type: 'disk', disk: { ...args.disk } });
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'answered':
          conversations -= 1;
          return observer.tell(message.answer);
        case 'look':
          return look();
        case 'looked':
          return looked(message.outcome.ok ? message.outcome.value.freeBytes : undefined);
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
          return downloads.tell(message);
        case 'limit-uploads':
          return uploads?.tell(message);
        case 'search':
        case 'find-name':
        case 'find-contents':
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
          return converse(message);
        case 'set-limits':
          complain(rules.setLimits(message.limits));
          uploads?.tell({ type: 'limits-changed' });
          downloads.tell({ type: 'limits-changed' });
          return observer.tell({ type: 'limits', limits: rules.limits });
        case 'block':
          complain(rules.block(message.peer, message.name));
          disconnect(message.peer, blockedPeer);
          return observer.tell({ type: 'blocked', blocked: rules.blocked });
        case 'unblock':
          complain(rules.unblock(message.peer));
          return observer.tell({ type: 'blocked', blocked: rules.blocked });
        case 'disconnect':
          return disconnect(message.peer, disconnected);
        case 'rescan':
          return library?.tell({ type: 'rescan', folder: message.folder });
      }
    },
  };
});

const tooMany: Problem = { code: 'busy', message: 'Too many questions at once; ask again in a moment' };
const disconnected: Problem = { code: 'closed', message: 'Disconnected by the other side' };

const shown = (bytes: number | undefined): string => (bytes === undefined ? '' : formatSize(bytes));
