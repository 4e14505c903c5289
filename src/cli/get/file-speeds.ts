/**
 * How fast each open file of a folder comes, reckoned from looks at all of them now and then.
 * Invariant: it remembers the files of the last look and no others.
 */
import type { TreeFile } from '../../core/engine/engine-api.ts';
import { RateMeter } from '../../core/rates/rate-meter.ts';

interface Speed {
  readonly meter: RateMeter;
  fetchedBytes: number;
}

export class FileSpeeds {
  #speeds: ReadonlyMap<string, Speed> = new Map();
  /** What has come of a file that is new to a look came since then. */
  #lookedMs: number;

  constructor(nowMs: number) {
    this.#lookedMs = nowMs;
  }

  look(files: readonly TreeFile[], nowMs: number): void {
    const speeds = new Map<string, Speed>();
    for (const { path, fetchedBytes } of files) {
      const speed = this.#speeds.get(path) ?? { meter: new RateMeter(this.#lookedMs), fetchedBytes: 0 };
      speed.meter.add(Math.max(0, fetchedBytes - speed.fetchedBytes), nowMs);
      speed.fetchedBytes = fetchedBytes;
      speeds.set(path, speed);
    }
    this.#speeds = speeds;
    this.#lookedMs = nowMs;
  }

  /** 0 for a file that the last look did not find. */
  bytesPerSecond({ path }: TreeFile, nowMs: number): number {
    return this.#speeds.get(path)?.meter.bytesPerSecond(nowMs) ?? 0;
  }
}
