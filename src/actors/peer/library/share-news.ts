/**
 * When the library tells others what is new: changes of the share in batches, how each folder is a few times a
 * second at most. Invariant: whatever happens is told in the end, and seldom more often than it can be read.
 */
import type { EngineEvent, ShareView } from '../../../core/engine/engine-api.ts';
import { indexRetryMs, noticeRetryMs } from '../../../core/limits/library.ts';
import type { Problem } from '../../../core/result.ts';
import { sqliteProblem } from '../../../profile/database.ts';
import type { ActorRef, Timers } from '../../runtime/index.ts';
import type { LibraryMessage, LibraryTiming } from './library-parts.ts';
import type { ShareOutbox } from './share-outbox.ts';

export interface ShareNewsOptions {
  readonly timers: Timers<LibraryMessage>;
  readonly timing: LibraryTiming;
  readonly observer: ActorRef<EngineEvent>;
  readonly outbox: ShareOutbox;
  readonly views: () => readonly ShareView[];
  /** Whether views change without anything being told here. */
  readonly isWorking: () => boolean;
}

export class ShareNews {
  readonly #options: ShareNewsOptions;
  #isFlushScheduled = false;
  #areViewsScheduled = false;

  constructor(options: ShareNewsOptions) {
    this.#options = options;
  }

  /** Something about what is shared has changed. */
  changed(): void {
    this.scheduleFlush();
    this.scheduleViews();
  }

  skip(path: string, problem: Problem, walk?: number): void {
    this.#options.outbox.skip({ path, problem }, walk);
    this.changed();
  }

  /** Runs something on the database; what goes wrong there must not stop sharing. */
  attempt(work: () => void): Problem | undefined {
    try {
      work();
      return undefined;
    } catch (error) {
      const problem = sqliteProblem(error);
      this.skip('/', problem);
      return problem;
    }
  }

  scheduleFlush(): void {
    const { outbox, timers, timing } = this.#options;
    if (this.#isFlushScheduled || outbox.isEmpty) return;
    this.#isFlushScheduled = true;
    timers.once('flush', timing.shareFlushMs, { type: 'flush' });
  }

  /** Whether it has now been told, for the first time, that the scan is complete. */
  flush(): boolean {
    const { outbox, timers } = this.#options;
    const wasTold = outbox.isScanTold;
    this.#isFlushScheduled = false;
    outbox.flush((work) => this.attempt(work));
    if (!outbox.isEmpty) {
      this.#isFlushScheduled = true;
      timers.once('flush', outbox.isRefused ? noticeRetryMs : 1, { type: 'flush' });
    } else if (outbox.isIndexBehind) timers.once('flush', indexRetryMs, { type: 'flush' });
    return outbox.isScanTold && !wasTold;
  }

  scheduleViews(): void {
    const { timers, timing } = this.#options;
    if (this.#areViewsScheduled) return;
    this.#areViewsScheduled = true;
    timers.once('views', timing.shareViewMs, { type: 'views' });
  }

  tellViews(): void {
    const { observer, views, isWorking } = this.#options;
    this.#areViewsScheduled = false;
    observer.tell({ type: 'shares', shares: views() });
    if (isWorking()) this.scheduleViews();
  }
}
