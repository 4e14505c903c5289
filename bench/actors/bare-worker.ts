/** The other end of the comparison: counts what a bare port brings. */
import { parentPort, workerData } from 'node:worker_threads';

const every = workerData as number;
let count = 0;
parentPort?.on('message', (message: { type: string }) => {
  if (message.type === 'ping') return parentPort?.postMessage(count);
  count += 1;
  if (count % every === 0) parentPort?.postMessage(count);
});
