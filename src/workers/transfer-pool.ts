/**
 * The pool that moves files: a few threads, each with many connections at once. Invariant: a thread more is
 * started only for a job that finds all others at work; the first at once, to load its code while the rest of
 * the program starts, unless the first thing fetched comes to the thread that asks.
 */
import { availableParallelism } from 'node:os';
import { maxTransferThreads, transferJobsPerThread, transferThreadHeapMb } from '../core/limits/tracker.ts';
import { threadFile } from '../core/thread-file.ts';
import { FetchHere } from './fetch-here.ts';
import { sinkReserve, type SinkReserve } from './jobs/disk/sink-reserve.ts';
import { createPool, type Pool } from './pool.ts';
import type { TransferJobs } from './transfer-contract.ts';

export type TransferPool = Pool<TransferJobs>;

/** Where the first of the connections under way is that we have asked for: a command that leaves saves a thread. */
export type FirstFetch = 'here' | 'thread';

/** A pool of one thread, and how many jobs it has been given that are not over. */
interface Lane {
  readonly pool: Pool<TransferJobs>;
  jobs: number;
}

export function createTransferPool(
  onIdleFault?: (error: unknown) => void,
  firstFetch: FirstFetch = 'thread',
): TransferPool {
  // Before there is a thread, so that all have the same.
  const reserve = sinkReserve();
  const maxLanes = Math.min(Math.max(availableParallelism(), 2), maxTransferThreads);
  const lanes: Lane[] = [];
  const here = firstFetch === 'here' ? new FetchHere() : undefined;
  let isDestroyed = false;
  if (!here)
    startLane()
      .pool.run('warmUp', undefined)
      .catch(() => undefined);

  function startLane(): Lane {
    const lane = openLane(reserve, onIdleFault);
    lanes.push(lane);
    return lane;
  }

  function laneForNext(): Lane {
    const [first] = lanes;
    if (!first) return startLane();
    const freest = lanes.reduce((found, lane) => (lane.jobs < found.jobs ? lane : found), first);
    return freest.jobs === 0 || lanes.length >= maxLanes || isDestroyed ? freest : startLane();
  }

  return {
    capacity: maxLanes * transferJobsPerThread,
    async run(name, input, options) {
      if (isDestroyed) throw new Error('The transfer pool is destroyed');
      if (name === 'fetch' && here?.isFree) return here.run(input as TransferJobs['fetch']['input']);
      const lane = laneForNext();
      lane.jobs++;
      try {
        return await lane.pool.run(name, input, options);
      } finally {
        lane.jobs--;
      }
    },
    threadIds: () => lanes.flatMap(({ pool }) => pool.threadIds()),
    async killThread(threadId) {
      const killed = await Promise.all(lanes.map(({ pool }) => pool.killThread(threadId)));
      return killed.includes(true);
    },
    async destroy() {
      isDestroyed = true;
      await Promise.all(lanes.map(({ pool }) => pool.destroy()));
    },
  };
}

function openLane(reserve: SinkReserve, onIdleFault: ((error: unknown) => void) | undefined): Lane {
  const pool = createPool<TransferJobs>({
    name: 'transfer',
    filename: threadFile('./transfer-worker', import.meta.url),
    threads: 1,
    tasksPerThread: transferJobsPerThread,
    resourceLimits: { maxOldGenerationSizeMb: transferThreadHeapMb },
    onThreadEnd: (threadId) => reserve.forget(threadId),
    ...(onIdleFault && { onIdleFault }),
  });
  return { pool, jobs: 0 };
}
