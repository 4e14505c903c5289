/**
 * Why a tracker cannot be reached, in words. Invariant: what is said alone names the tracker; what stands beside its
 * address does not name it again.
 */
import { hostPort } from '../host.ts';

interface Place {
  readonly host: string;
  readonly port: number;
}

const lead = (tracker: Place): string => `The tracker at ${hostPort(tracker)} cannot be reached: `;

/** A sentence of its own, without the full stop at its end. */
export const unreachableTracker = (tracker: Place, why: string): string =>
  `${lead(tracker)}${why}. Check its address and that it runs (shoal tracker)`;

/** What is said of a tracker, for beside its address. */
export const besideAddress = (tracker: Place, message: string): string =>
  message.startsWith(lead(tracker)) ? message.slice(lead(tracker).length) : message;
