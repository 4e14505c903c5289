/**
 * Memory for a process that has nothing but the screen in it. V8 lets a heap grow with the processor's cores and the
 * machine's memory in mind; what is drawn is short-lived and little. Invariant: never where the engine is too, since
 * flags hold for all threads of a process.
 */
import { setFlagsFromString } from 'node:v8';

export function keepHeapSmall(): void {
  setFlagsFromString('--optimize-for-size');
  // The young generation stays as it is at the start.
  setFlagsFromString('--semi-space-growth-factor=1');
}
