/** What is wrong with a tracker, in a line of its own that says which one it is, and says so once. */
import { hostPort } from '../core/host.ts';
import type { TrackerAddress } from '../core/engine-api.ts';

export function trackerTrouble(tracker: TrackerAddress, message: string): string {
  const address = hostPort(tracker);
  return message.includes(address) ? message : `Tracker ${address}: ${message}`;
}
