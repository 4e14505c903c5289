/**
 * Trackers of one catalogue, as they are told of to peers. What a tracker says of others is believed only as far as
 * it makes nobody dial a place that the tracker itself could not be in. Pure.
 */
import { isId, type PeerId } from '../ids.ts';
import { maxHostBytes, maxToldTrackers } from '../limits/wire.ts';
import { NetworkSet, parseIp, parseNetwork } from '../network.ts';

/** One tracker of a catalogue, as peers are told of it. Its address is what tells it from others. */
export interface NeighbourTracker {
  /** Its key: peers accept no other there. */
  readonly id: PeerId;
  /** A name or an IP address that peers can dial. */
  readonly host: string;
  readonly port: number;
}

/** A tracker as another has written it down in the store that they share; undefined where that is none. */
export function readNeighbour(text: string): NeighbourTracker | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { id, host, port } = (said ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || !isId(id) || typeof host !== 'string' || typeof port !== 'number')
    return undefined;
  const isPlace = host.length <= maxHostBytes && hostForm.test(host) && Number.isInteger(port);
  return isPlace && port > 0 && port <= maxPort ? { id: id as PeerId, host, port } : undefined;
}

/** Those of the told trackers that a peer may dial; `teller` is the address of who told. */
export function credibleNeighbours(
  told: readonly NeighbourTracker[],
  teller: string,
): readonly NeighbourTracker[] {
  return told
    .filter(({ host, port }) => port > 0 && hostForm.test(host) && isCredibleHost(host, teller))
    .slice(0, maxToldTrackers);
}

/** Whether one at `teller` may make us dial there: nobody is sent into a network by who is not in it. */
export function isCredibleHost(host: string, teller: string): boolean {
  // Such names are read as addresses by those who look them up: 2130706433 and 0x7f.1 are 127.0.0.1.
  if (endsInNumber.test(host) && parseIp(host) === undefined) return false;
  return nearness(host) <= nearness(teller);
}

const maxPort = 65_535;

/** Names and addresses: nothing that could move text or mean something to who looks it up. */
const hostForm = /^[0-9a-z](?:[0-9a-z.-]*[0-9a-z])?$|^[0-9a-f:.]*:[0-9a-f:.]*$/i;

const endsInNumber = /(?:^|[.:])(?:\d+|0x[\da-f]*)$/i;

/** From whom an address can be told: 2, of this machine; 1, of its network; 0, anywhere. */
function nearness(host: string): 0 | 1 | 2 {
  if (ofMachine.has(host) || /(?:^|\.)localhost$/i.test(host)) return 2;
  return ofNetwork.has(host) ? 1 : 0;
}

const setOf = (...networks: string[]): NetworkSet =>
  new NetworkSet(networks.map(parseNetwork).filter((network) => network !== undefined));

const ofMachine = setOf('0.0.0.0/8', '127.0.0.0/8', '::/128', '::1/128');

/** RFC 1918, RFC 3927 (link-local), RFC 4193 (unique local) and their like. */
const ofNetwork = setOf(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
);
