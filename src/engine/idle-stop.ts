/**
 * A stop that waits until no download is left that could go on. Invariant: `stop` is called at most once for
 * each time it was armed, and only when all that is known to be open has ended or been paused.
 */
import {
  hasEnded,
  type DownloadView,
  type EngineEvent,
  type EngineSnapshot,
} from '../core/engine/engine-api.ts';
import type { Result } from '../core/result.ts';

export interface IdleStopHost {
  readonly snapshot: (take: (answer: Result<EngineSnapshot>) => void) => void;
  readonly publish: (event: EngineEvent) => void;
  readonly stop: () => void;
}

export class IdleStop {
  readonly #host: IdleStopHost;
  /** While armed: which downloads could go on, and of which that was heard since. */
  #armed: { readonly open: Set<number>; readonly heard: Set<number>; isComplete: boolean } | undefined;

  constructor(host: IdleStopHost) {
    this.#host = host;
  }

  get isArmed(): boolean {
    return this.#armed !== undefined;
  }

  arm(): void {
    if (this.#armed) return;
    const armed = { open: new Set<number>(), heard: new Set<number>(), isComplete: false };
    this.#armed = armed;
    this.#host.publish({ type: 'stops-when-idle', stopsWhenIdle: true });
    this.#host.snapshot((answer) => {
      if (this.#armed !== armed) return;
      if (!answer.ok) return this.disarm();
      // What was heard meanwhile is newer.
      for (const view of answer.value.downloads)
        if (canGoOn(view) && !armed.heard.has(view.transfer)) armed.open.add(view.transfer);
      armed.isComplete = true;
      this.#look();
    });
  }

  disarm(): void {
    if (!this.#armed) return;
    this.#armed = undefined;
    this.#host.publish({ type: 'stops-when-idle', stopsWhenIdle: false });
  }

  receive(event: EngineEvent): void {
    if (event.type === 'download') this.#hear(event.download.transfer, canGoOn(event.download));
    else if (event.type === 'removed') for (const transfer of event.transfers) this.#hear(transfer, false);
  }

  #hear(transfer: number, isOpen: boolean): void {
    if (!this.#armed) return;
    const { open, heard, isComplete } = this.#armed;
    if (!isComplete) heard.add(transfer);
    if (isOpen) open.add(transfer);
    else if (open.delete(transfer)) this.#look();
  }

  #look(): void {
    if (!this.#armed?.isComplete || this.#armed.open.size > 0) return;
    this.#armed = undefined;
    this.#host.stop();
  }
}

const canGoOn = (view: DownloadView): boolean => !hasEnded(view) && view.state !== 'paused';
