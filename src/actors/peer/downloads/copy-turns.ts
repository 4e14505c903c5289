/**
 * The turns of those who copy from other files of this machine: a disk that does not answer keeps a thread of the few
 * by which all files of the program are read and written.
 * Invariant: no more than `maxCopiedAtOnce` copy, and none begins while one that has taken too long is under way.
 */
import { copiedTimeoutMs, maxCopiedAtOnce } from '../../../core/limits/downloads.ts';

export class CopyTurns {
  /** Those that wait for a change. */
  readonly #waiting = new Set<() => void>();
  #underWay = 0;
  #hanging = 0;

  /**
   * Settles as `copy` does, which is begun when it is its turn. `undefined`: it was not begun, as another hangs, or is
   * left to itself as it takes too long, or as `signal` has been aborted.
   */
  async run<T>(copy: () => Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
    const isStopped = (): boolean => signal?.aborted === true;
    while (this.#underWay >= maxCopiedAtOnce && this.#hanging === 0 && !isStopped())
      await new Promise<void>((resolve) => this.#waits(resolve, signal));
    if (this.#hanging > 0 || isStopped()) return undefined;
    const left = Promise.withResolvers<undefined>();
    const leave = (): void => left.resolve(undefined);
    signal?.addEventListener('abort', leave, { once: true });
    let hangs = false;
    const timer = setTimeout(() => {
      hangs = true;
      this.#hanging += 1;
      this.#change();
      leave();
    }, copiedTimeoutMs);
    timer.unref();
    this.#underWay += 1;
    const copying = copy().finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', leave);
      this.#underWay -= 1;
      if (hangs) this.#hanging -= 1;
      this.#change();
    });
    return Promise.race([copying, left.promise]);
  }

  #waits(resolve: () => void, signal: AbortSignal | undefined): void {
    const goOn = (): void => {
      this.#waiting.delete(goOn);
      signal?.removeEventListener('abort', goOn);
      resolve();
    };
    this.#waiting.add(goOn);
    signal?.addEventListener('abort', goOn, { once: true });
  }

  #change(): void {
    for (const goOn of this.#waiting) goOn();
  }
}
