/**
 * The beginning of an engine's thread that was started early. Invariant: V8's flags are the usual ones again before
 * anything is loaded, because compiled code, Node's own as well, is taken only by who has the flags it was made with.
 */
import { setFlagsFromString } from 'node:v8';
import { workerData } from 'node:worker_threads';
import type { LateConfig } from './early-engine.ts';

setFlagsFromString('--initial-old-space-size=0');
(workerData as LateConfig).configuredAt.postMessage('flags are the usual ones');
await import('./engine-thread.ts');
