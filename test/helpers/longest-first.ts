/**
 * The order of the test files: those that take long first, so that all workers end together, also where no run before
 * has left times behind. Invariant: a file that is not told of comes after all that are.
 */
import { statSync } from 'node:fs';

interface TestFile {
  readonly path: string;
}

/** Below `test/`, each with about the seconds that it takes. Only their order matters. */
const seconds: Readonly<Record<string, number>> = {
  'system/crash.test.ts': 80,
  'system/sharing.test.ts': 51,
  'store/redis-store.test.ts': 50,
  'actors/peer/transfer-faults.test.ts': 48,
  'actors/peer/tree.test.ts': 46,
  'system/faults.test.ts': 45,
  'system/background.test.ts': 40,
  'actors/peer/disk-faults.test.ts': 31,
  'pty/background.test.ts': 26,
  'store/redis-faults.test.ts': 22,
  'system/tracker-cluster.test.ts': 21,
  'actors/peer/swarm.test.ts': 20,
  'actors/peer/transfer.test.ts': 19,
  'engine/reach.test.ts': 18,
  'actors/tracker/neighbours.test.ts': 17,
  'pty/leaving.test.ts': 17,
  'store/redis-trackers.test.ts': 15,
  'actors/peer/rules-kept.test.ts': 15,
  'pty/terminals.test.ts': 14,
  'store/model.test.ts': 14,
  'actors/tracker/house.test.ts': 13,
  'engine/tracker-operation.test.ts': 13,
  'engine/launch-tracker.test.ts': 12,
  'actors/peer/library.test.ts': 11,
  'actors/peer/reverse.test.ts': 10,
  'pty/signals.test.ts': 10,
  'system/hostile-sockets.test.ts': 10,
  'pty/transfers.test.ts': 10,
  'actors/tracker/loopback.test.ts': 9,
  'profile/power-cut.test.ts': 8,
  'system/swarm.test.ts': 8,
  'pty/program.test.ts': 8,
  'workers/jobs/transfer.test.ts': 7,
  'store/sqlite-store.test.ts': 7,
};

/** What Jest asks for the order: its interface, without the times of runs before. */
export default class LongestFirst {
  sort(files: readonly TestFile[]): TestFile[] {
    const size = new Map(files.map(({ path }) => [path, statSync(path).size]));
    const bySize = (path: string): number => size.get(path) ?? 0;
    return files.toSorted(
      (one, other) => told(other.path) - told(one.path) || bySize(other.path) - bySize(one.path),
    );
  }

  /** Files `shardIndex`, `shardIndex + shardCount` … of all, so that each part has some that take long. */
  shard(
    files: readonly TestFile[],
    { shardIndex, shardCount }: { readonly shardIndex: number; readonly shardCount: number },
  ): TestFile[] {
    return this.sort(files).filter((_, at) => at % shardCount === shardIndex - 1);
  }

  /** No run before is known. */
  allFailedTests(files: readonly TestFile[]): TestFile[] {
    return this.sort(files);
  }

  cacheResults(): void {}
}

function told(path: string): number {
  const below = path.replaceAll('\\', '/').split('/test/').at(-1) ?? '';
  return seconds[below] ?? 0;
}
