/**
 * Memory for a process that has nothing but the screen in it. V8 lets a heap grow with the processor's cores and the
 * machine's memory in mind; what is drawn is short-lived and little. Invariant: never where the engine is too, since
 * flags hold for all threads of a process.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { EngineClient, EngineEvent } from '../../core/engine/engine-api.ts';
import {
  largeAnswerRows,
  screenHeapGrowthPercent,
  screenYoungBytes,
  tidyAfterMs,
} from '../../core/limits/screen.ts';
import type { TuiClock } from './ports.ts';

/** Bounds the young generation, and has the old one collected when it has grown by a part. */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${screenHeapGrowthPercent}`);
  letYoungGrow();
}

/** It grows when it is collected, and a size that is set is heeded only where Node starts: so growing is ended. */
function letYoungGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < screenYoungBytes) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}

type Collect = (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void;

/**
 * Gives memory back once a large answer has been taken in: what is left of its message and of its objects is several
 * times what is kept of it, and would stay until the heap has grown by its part of all that.
 */
export function tidyAfterLargeAnswers(
  client: Pick<EngineClient, 'subscribe'>,
  clock: Pick<TuiClock, 'after'>,
  tidy: () => void = giveBack,
): () => void {
  let cancel: (() => void) | undefined;
  const unsubscribe = client.subscribe((event) => {
    if (rowsIn(event) < largeAnswerRows) return;
    cancel?.();
    cancel = clock.after(tidyAfterMs, tidy);
  });
  return () => {
    cancel?.();
    unsubscribe();
  };
}

function rowsIn(event: EngineEvent): number {
  switch (event.type) {
    case 'answer-search':
      return event.answer.ok ? event.answer.value.length : 0;
    case 'answer-snapshot':
      return event.answer.ok ? event.answer.value.downloads.length : 0;
    case 'resync':
      return event.snapshot.downloads.length;
    default:
      return 0;
  }
}

/** Only this way of collecting closes the gaps between what is kept, and gives the pages back to the system. */
export function giveBack(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  collect({ type: 'major', flavor: 'last-resort' });
  // It took the young generation back to its beginnings.
  letYoungGrow();
}

/** What the young generation takes at present. */
export function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0;
}
