/**
 * Memory for a process that has nothing but the screen in it. V8 lets a heap grow with the processor's cores and the
 * machine's memory in mind; what is drawn is short-lived and little. Invariant: never where the engine is too, since
 * flags hold for all threads of a process.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { screenHeapGrowthPercent, screenYoungBytes } from '../../core/limits/screen.ts';

/** Bounds the young generation, and has the old one collected when it has grown by a part. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${screenHeapGrowthPercent}`);
  // It grows when it is collected, and a size that is set is heeded only where Node starts: so growing is ended.
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < screenYoungBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}

/** What the young generation takes at present. */
export function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
