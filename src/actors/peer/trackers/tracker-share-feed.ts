/**
 * How a tracker link hears of our share: subscribes at the library, asks for what there is, and passes on what changes.
 * Invariant: the library is asked until it has answered, and is told when nobody listens any more.
 */
import type { SharedFile } from '../../../core/catalogue.ts';
import { shareStateTimeoutMs } from '../../../core/limits/tracker-link.ts';
import type { ActorContext, ActorRef, AskFailure, Outcome } from '../../runtime/index.ts';
import type { LibraryCommand, ShareChange } from '../library/library-messages.ts';
import type { TrackerShare } from './tracker-share.ts';

export type FeedMessage =
  | ShareChange
  | { readonly type: 'share'; readonly outcome: Outcome<readonly SharedFile[], AskFailure> }
  /** The tracker takes more of it now. */
  | { readonly type: 'share-later' }
  /** It is time to compare it with what the tracker has. */
  | { readonly type: 'share-compare' };

const feedTypes: ReadonlySet<string> = new Set<FeedMessage['type']>([
  'share',
  'share-changed',
  'share-scanned',
  'share-later',
  'share-compare',
]);

export const isOfShare = <Message extends { readonly type: string }>(
  message: Message | FeedMessage,
): message is FeedMessage => feedTypes.has(message.type);

export class ShareFeed {
  readonly #ctx: ActorContext<FeedMessage>;
  readonly #library: ActorRef<LibraryCommand> | undefined;
  readonly #share: TrackerShare;

  /** Without a library nothing comes. */
  constructor(
    ctx: ActorContext<FeedMessage>,
    library: ActorRef<LibraryCommand> | undefined,
    share: TrackerShare,
  ) {
    this.#ctx = ctx;
    this.#library = library;
    this.#share = share;
    library?.tell({ type: 'subscribe', ref: ctx.self });
    this.#ask();
  }

  receive(message: FeedMessage): void {
    switch (message.type) {
      case 'share':
        if (message.outcome.ok) this.#share.known(message.outcome.value);
        else this.#ask();
        return;
      case 'share-changed':
        return this.#share.changed(message.added, message.removed);
      case 'share-scanned':
        return this.#share.scanned();
      case 'share-later':
        return this.#share.resume();
      case 'share-compare':
        return this.#share.compareNow();
    }
  }

  stop(): void {
    this.#library?.tell({ type: 'unsubscribe', ref: this.#ctx.self });
  }

  #ask(): void {
    if (this.#library === undefined) return;
    this.#ctx.ask(this.#library, { type: 'share-state' }, shareStateTimeoutMs, (outcome) => ({
      type: 'share',
      outcome,
    }));
  }
}
