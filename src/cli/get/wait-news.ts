/**
 * What logs are told of downloads that come to wait: why and at what place, when that is new. Invariant: of one
 * download no more than one wait is told in `waitLineEveryMs`, and in the end the last one where it still waits.
 */
import type { DownloadView } from '../../core/engine/engine-api.ts';
import { waitLineEveryMs } from '../../core/limits/cli.ts';

interface Wait {
  /** What was told last; undefined: nothing that still holds. */
  told: string | undefined;
  toldMs: number;
  /** Since when it goes on; undefined while it waits. */
  goesOnMs: number | undefined;
  /** Told too soon for another: what is to be told when it is time. */
  timer: NodeJS.Timeout | undefined;
}

export class WaitNews<Key> {
  readonly #now: () => number;
  readonly #tell: (view: DownloadView) => void;
  readonly #waits = new Map<Key, Wait>();

  constructor(now: () => number, tell: (view: DownloadView) => void) {
    this.#now = now;
    this.#tell = tell;
  }

  /** It waits, as the view says. */
  waits(key: Key, view: DownloadView): void {
    const nowMs = this.#now();
    const wait = this.#waits.get(key) ?? newWait();
    this.#waits.set(key, wait);
    clearTimeout(wait.timer);
    if (wait.goesOnMs !== undefined && nowMs - wait.goesOnMs >= waitLineEveryMs) wait.told = undefined;
    wait.goesOnMs = undefined;
    const words = `${view.problem?.message ?? ''} ${view.queuePosition ?? ''}`;
    if (words === wait.told) return;
    const tell = (): void => {
      wait.told = words;
      wait.toldMs = this.#now();
      this.#tell(view);
    };
    const leftMs = wait.toldMs + waitLineEveryMs - nowMs;
    if (leftMs <= 0) tell();
    else wait.timer = setTimeout(tell, leftMs).unref();
  }

  /** It does not wait any more: what it waited for is news again once it has gone on for a while. */
  goesOn(key: Key): void {
    const wait = this.#waits.get(key);
    if (!wait) return;
    clearTimeout(wait.timer);
    wait.goesOnMs ??= this.#now();
  }

  /** Nothing more comes of it. */
  ended(key: Key): void {
    clearTimeout(this.#waits.get(key)?.timer);
    this.#waits.delete(key);
  }

  close(): void {
    for (const { timer } of this.#waits.values()) clearTimeout(timer);
    this.#waits.clear();
  }
}

const newWait = (): Wait => ({
  told: undefined,
  toldMs: -Infinity,
  goesOnMs: undefined,
  timer: undefined,
});
