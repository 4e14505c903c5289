/**
 * The beginning of an engine's thread that was started early. Invariant: V8's flags are the usual ones again before
 * anything is loaded, because compiled code, Node's own as well, is taken only by who has the flags it was made with.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--initial-old-space-size=0');
await import('./engine-thread.ts');
