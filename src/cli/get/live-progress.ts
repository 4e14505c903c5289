/**
 * The progress of one download as reporters are told of it: with its speed, whenever there is a view of it, and
 * when none comes for a while once more, and on until its speed has come to nothing. A view tells what has changed:
 * without this who stands still would keep the speed that was told last, and a state told too soon after another
 * would never be shown. Invariant: nothing is told after `close`.
 */
import type { DownloadView } from '../../core/engine/engine-api.ts';
import { progressEveryMs } from '../../core/limits/cli.ts';
import { RateMeter } from '../../core/rates/rate-meter.ts';

export class LiveProgress {
  readonly #tell: (view: DownloadView, bytesPerSecond: number) => void;
  readonly #now: () => number;
  readonly #meter: RateMeter;
  #fetchedBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number, tell: (view: DownloadView, bytesPerSecond: number) => void) {
    this.#tell = tell;
    this.#now = now;
    this.#meter = new RateMeter(now());
  }

  /** Counts what has come, and gives how much that is since the view before. */
  came({ fetchedBytes }: DownloadView): number {
    const bytes = Math.max(0, fetchedBytes - this.#fetchedBytes);
    this.#fetchedBytes = fetchedBytes;
    if (bytes > 0) this.#meter.add(bytes, this.#now());
    return bytes;
  }

  /** Tells of it now. */
  show(view: DownloadView): void {
    this.close();
    this.#tell(view, this.#meter.bytesPerSecond(this.#now()));
    this.#timer = setTimeout(() => this.#again(view), progressEveryMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #again(view: DownloadView): void {
    const bytesPerSecond = this.#meter.bytesPerSecond(this.#now());
    this.#tell(view, bytesPerSecond);
    if (bytesPerSecond > 0) this.#timer = setTimeout(() => this.#again(view), progressEveryMs).unref();
  }
}
