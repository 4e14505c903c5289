/**
 * Trackers of one catalogue, as they are told of to peers. What a tracker says of others is believed only as far as
 * it makes nobody dial a place that the tracker itself could not be in. Pure.
 */
import { isPrivateHost, plainHost } from './host.ts';
import type { PeerId } from './ids.ts';
import { maxToldTrackers } from './limits.ts';

/** One tracker of a catalogue, as peers are told of it. Its address is what tells it from others. */
export interface NeighbourTracker {
  /** Its key: peers accept no other there. */
  readonly id: PeerId;
  /** A name or an IP address that peers can dial. */
  readonly host: string;
  readonly port: number;
}

/** Those of the told trackers that a peer may dial; `teller` is the address of who told. */
export function credibleNeighbours(
  told: readonly NeighbourTracker[],
  teller: string,
): readonly NeighbourTracker[] {
  const from = nearness(teller);
  return told
    .filter(({ host, port }) => port > 0 && hostForm.test(host) && nearness(host) <= from)
    .slice(0, maxToldTrackers);
}

/** Names and addresses: nothing that could move text or mean something to who looks it up. */
const hostForm = /^[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?$|^[0-9a-f:.]*:[0-9a-f:.]*$/i;

/** From whom an address can be told: 2, of this machine; 1, of its network; 0, anywhere. */
function nearness(address: string): 0 | 1 | 2 {
  const host = plainHost(address).toLowerCase();
  if (/^(?:127\.|0\.)/.test(host) || host === '::1' || host === '::' || /(?:^|\.)localhost$/.test(host))
    return 2;
  return isPrivateHost(host) ? 1 : 0;
}
