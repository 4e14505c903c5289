/**
 * What is wrong with trackers, in lines of their own. Invariant: attempts that fail alike are told once, until the
 * tracker was there in between; what it finds wrong with our share is told once for as long as it finds it so, however
 * often the connection is made anew; and no line names a tracker twice.
 */
import { hostPort } from '../../core/host.ts';
import type { TrackerAddress, TrackerView } from '../../core/engine/engine-api.ts';
import { Changes } from '../changes.ts';
import type { Output } from '../output.ts';

export function trackerTrouble(tracker: TrackerAddress, message: string): string {
  const address = hostPort(tracker);
  return message.includes(address) ? message : `Tracker ${address}: ${message}`;
}

export class TrackerTroubles {
  readonly #failures = new Changes<string>();
  /** Of trackers that we are registered at. */
  readonly #objections = new Changes<string>();

  receive(tracker: TrackerView, output: Output): void {
    const address = hostPort(tracker);
    const trouble = tracker.problem?.message ?? '';
    const isThere = tracker.state === 'registered';
    if (isThere) this.#failures.isNew(address, '', true);
    else if (trouble === '') return;
    const told = isThere ? this.#objections : this.#failures;
    if (told.isNew(address, trouble, false) && trouble !== '') output.note(trackerTrouble(tracker, trouble));
  }
}
