/**
 * Looks once a second how busy and how late a thread is, what memory and processor time it takes, and puts that where
 * its counters are. One for each thread. Invariant: it costs the thread some wake-ups a second and no message to others.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { lagResolutionMs, threadMeterMs } from '../../core/limits/operations.ts';
import type { ThreadCounters } from '../../core/tracker/tracker-counters.ts';
import { actor } from '../runtime/index.ts';

interface Tick {
  readonly type: 'tick';
}

export const threadMeterActor = actor<Tick, { readonly counters: ThreadCounters }>(
  'meter',
  (ctx, { counters }) => {
    const lag = monitorEventLoopDelay({ resolution: lagResolutionMs });
    lag.enable();
    let utilisation = performance.eventLoopUtilization();
    let spent = cpuMicros();
    ctx.timers.every('tick', threadMeterMs, { type: 'tick' });

    return {
      receive() {
        const now = performance.eventLoopUtilization();
        counters.set('busy', performance.eventLoopUtilization(now, utilisation).utilization);
        utilisation = now;
        const used = cpuMicros();
        counters.add('cpuMicros', used - spent);
        spent = used;
        counters.set('lagP50Ms', late(lag.percentile(50)));
        counters.set('lagP99Ms', late(lag.percentile(99)));
        counters.set('lagMaxMs', late(lag.max));
        lag.reset();
        const heap = getHeapStatistics();
        counters.set('heapUsedBytes', heap.used_heap_size);
        counters.set('heapTotalBytes', heap.total_heap_size);
      },
      stopped: () => void lag.disable(),
    };
  },
);

function cpuMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** Of nanoseconds between two looks, those beyond the time that was meant to be between them; as milliseconds. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - lagResolutionMs);
}
