/**
 * Piscina behind a typed interface: every pool of worker threads in the program is made here.
 * Invariant: a run always settles. Where Piscina would leave waiting tasks behind (all its threads died while
 * they started), they are failed, and the next run starts the pool anew.
 */
import { createRequire } from 'node:module';
import type * as PiscinaPackage from 'piscina';
import type { Piscina } from 'piscina';
import { maxPoolQueue } from '../core/limits/pools.ts';
import type { JobTable } from './contract.ts';

export interface PoolOptions {
  /** For messages to people, such as `hash`. */
  readonly name: string;
  /** The worker file, which exports a function for each job; see `threadFile`. */
  readonly filename: URL;
  readonly threads: number;
  /** Jobs at once on each thread; default 1. */
  readonly tasksPerThread?: number;
  /** Limits of each thread's heap, in MiB. */
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb?: number;
    readonly maxYoungGenerationSizeMb?: number;
  };
  /** How much lower than ours the threads' priority is, 0 to 19; default 0. No effect on Windows. */
  readonly niceness?: number;
  /** Threads without work for so long end; default: the first run starts all threads, and they are kept. */
  readonly idleTimeoutMs?: number;
  /** Told when a thread died without a job on it; a thread that dies with jobs rejects their runs. */
  readonly onIdleFault?: (error: unknown) => void;
  /** Told when a thread has ended, whatever ended it: nothing of it runs any more. */
  readonly onThreadEnd?: (threadId: number) => void;
}

export interface RunOptions {
  /** What is handed over rather than copied: ports, buffers, untouched sockets. */
  readonly transferList?: readonly object[];
  /**
   * Aborted before the job starts, it is forgotten; after that, its thread is ended. Therefore only for pools
   * with one task per thread: others tell a job to end through its own channel.
   */
  readonly signal?: AbortSignal;
}

export interface Pool<Jobs extends JobTable<Jobs>> {
  /** Resolves to what the job returned. Rejects when it threw, its thread died, or the pool was destroyed. */
  run<Name extends keyof Jobs & string>(
    name: Name,
    input: Jobs[Name]['input'],
    options?: RunOptions,
  ): Promise<Jobs[Name]['output']>;
  /** How many jobs run at once: threads times tasks per thread. */
  readonly capacity: number;
  /** The threads that live now, by Node's thread id. */
  threadIds(): readonly number[];
  /** Ends one thread at once, as a crash would: for crash tests. False when there is none by that id. */
  killThread(threadId: number): Promise<boolean>;
  /** Ends all threads at once; runs not settled reject. */
  destroy(): Promise<void>;
}

export function createPool<Jobs extends JobTable<Jobs>>(options: PoolOptions): Pool<Jobs> {
  const { name, threads, tasksPerThread = 1, idleTimeoutMs } = options;
  // Loaded and started by the first run: many a command never has one.
  let current: Piscina | undefined;
  let destroyed = false;

  function start(): Piscina {
    const { Piscina: Threads } = createRequire(import.meta.url)('piscina') as typeof PiscinaPackage;
    const piscina = new Threads({
      filename: options.filename.href,
      minThreads: idleTimeoutMs === undefined ? threads : 0,
      maxThreads: threads,
      idleTimeout: idleTimeoutMs ?? Infinity,
      concurrentTasksPerWorker: tasksPerThread,
      maxQueue: maxPoolQueue,
      // Anything else stops a worker's event loop between tasks, and with it the sockets of its other jobs.
      atomics: 'disabled',
      recordTiming: false,
      niceIncrement: options.niceness ?? 0,
      ...(options.resourceLimits && { resourceLimits: options.resourceLimits }),
    });
    piscina.on('error', (error: unknown) => options.onIdleFault?.(error));
    piscina.on('workerCreate', ({ id }: { readonly id: number }) => {
      const worker = piscina.threads.find(({ threadId }) => threadId === id);
      worker?.once('exit', () => options.onThreadEnd?.(id));
    });
    piscina.on('workerDestroy', () => setImmediate(() => failIfDead(piscina)));
    return piscina;
  }

  function failIfDead(piscina: Piscina): void {
    if (current !== piscina || piscina.threads.length > 0 || piscina.queueSize === 0) return;
    current = undefined;
    void piscina.destroy();
  }

  return {
    capacity: threads * tasksPerThread,
    run(job, input, { transferList, signal } = {}) {
      if (destroyed) return Promise.reject(new Error(`The ${name} pool is destroyed`));
      if (signal && tasksPerThread > 1)
        return Promise.reject(new TypeError(`A run of the ${name} pool cannot be ended by a signal`));
      current ??= start();
      return current.run(input, {
        name: job,
        ...(transferList && { transferList: transferList as never }),
        ...(signal && { signal }),
      });
    },
    threadIds: () => current?.threads.map((worker) => worker.threadId) ?? [],
    async killThread(threadId) {
      const worker = current?.threads.find((candidate) => candidate.threadId === threadId);
      await worker?.terminate();
      return worker !== undefined;
    },
    async destroy() {
      destroyed = true;
      await current?.destroy();
      current = undefined;
    },
  };
}
