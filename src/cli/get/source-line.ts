/** Where a peer is, as scripts get it. The tracker's word for it, checked where it came in. */
import type { Source } from '../../core/catalogue.ts';

/**
 * `reachable` only where a tracker has tried: false where it did not get through to the address, and such a peer is
 * asked, by way of the tracker, to make the connection itself.
 */
export function sourceLine({ peer, name, host, port, reachable }: Source): Source {
  return { peer, name, host, port, ...(reachable !== undefined && { reachable }) };
}
