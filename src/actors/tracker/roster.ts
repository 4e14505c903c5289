/**
 * Who is inside, from the accepted socket to the last of its connection: which slot of the presence table it has,
 * which listener keeps it, and as whom it is listed. Lies beside the actors, so that none of them loses it.
 * Invariants: what an entry counts for (address, network, handshakes) is given back once; its slot is nobody
 * else's until its listener has let go of it or has died; a peer that the registry may have listed is in `ended`
 * from its end until the registry has been told.
 */
import { networkOf, neighbourhoodOf } from '../../core/host.ts';
import type { PeerId } from '../../core/ids.ts';
import { PresenceTable } from '../../core/tracker/presence.ts';
import type { TrackerLimits } from '../../core/tracker/tracker-api.ts';
import type { PeerArrival } from '../../store/catalog-store.ts';
import type { Stay } from './registry.ts';
import { Tally } from './tally.ts';

/** What names a connection on all threads. */
export interface Ticket {
  readonly slot: number;
  /** Never used before. */
  readonly session: number;
  /** The address we see. */
  readonly host: string;
}

export interface Entry extends Ticket {
  /** Which listener it was handed to. */
  readonly listener: number;
  /** `pending`: its TLS handshake is not done. `gone`: it counts no more, but its listener may still have it. */
  readonly state: 'pending' | 'open' | 'gone';
  /** What the registry may have listed it as; undefined for a guest, and once it is to be taken out. */
  readonly arrival: PeerArrival | undefined;
  /** When the registry was asked to, counted: of two of one peer the later is listed. */
  readonly order: number;
}

type Writable = { -readonly [Key in keyof Entry]: Entry[Key] };

/** Why nobody more is let in. */
export type Refusal = 'full' | 'address' | 'network';

export type RosterLimits = Pick<
  TrackerLimits,
  'maxConnections' | 'maxConnectionsPerHost' | 'maxConnectionsPerNetwork'
>;

export class Roster {
  /** Who was heard when; for all threads. */
  readonly presence: SharedArrayBuffer;
  readonly table: PresenceTable;
  /** Stays that have ended and that the registry has not been told of, oldest first. */
  readonly ended: Stay[] = [];
  readonly #bySlot: (Writable | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #byPeer = new Map<PeerId, Entry>();
  readonly #hosts = new Tally();
  readonly #networks = new Tally();
  /** Handshakes by address, each the oldest first. */
  readonly #pending = new Map<string, Set<Writable>>();
  #lastSession = 0;
  #lastOrder = 0;
  #open = 0;
  #handshakes = 0;

  /** `slots`: more than connections, as one that ends keeps its slot for a moment. */
  constructor(slots: number) {
    this.presence = new SharedArrayBuffer(slots * Uint32Array.BYTES_PER_ELEMENT);
    this.table = new PresenceTable(new Uint32Array(this.presence));
  }

  /** Connections that count. */
  get size(): number {
    return this.#open;
  }

  /** Those of them whose TLS handshake is not done. */
  get handshakes(): number {
    return this.#handshakes;
  }

  /** Peers that are listed. */
  get peers(): number {
    return this.#byPeer.size;
  }

  /** Why one more from this address may not come in now; undefined when it may. */
  refusal(host: string, limits: RosterLimits): Refusal | undefined {
    if (this.#open >= limits.maxConnections) return 'full';
    if (this.#free.length === 0 && this.#bySlot.length >= this.table.slots) return 'full';
    if (this.#hosts.of(networkOf(host)) >= limits.maxConnectionsPerHost) return 'address';
    if (this.#networks.of(neighbourhoodOf(host)) >= limits.maxConnectionsPerNetwork) return 'network';
    return undefined;
  }

  /** Lets a socket in that `refusal` has nothing against. */
  admit(host: string, listener: number): Entry {
    const slot = this.#free.pop() ?? this.#bySlot.length;
    this.#lastSession += 1;
    const session = this.#lastSession;
    const entry: Writable = { slot, session, host, listener, state: 'pending', arrival: undefined, order: 0 };
    this.#bySlot[slot] = entry;
    this.#open += 1;
    this.#handshakes += 1;
    this.#hosts.add(networkOf(host));
    this.#networks.add(neighbourhoodOf(host));
    const address = networkOf(host);
    const others = this.#pending.get(address);
    if (others === undefined) this.#pending.set(address, new Set([entry]));
    else others.add(entry);
    return entry;
  }

  /**
   * The oldest handshake of the address that has most: no address shuts out another, nor a slow one the next. Undefined
   * where none has more than one: then many come at once, and those that came first are soon done.
   */
  crowding(): Entry | undefined {
    let most: Set<Writable> | undefined;
    for (const others of this.#pending.values()) if (others.size > (most?.size ?? 1)) most = others;
    return most?.values().next().value;
  }

  /** Its handshake is done. */
  secured(slot: number, session: number): void {
    const entry = this.#find(slot, session);
    if (entry?.state !== 'pending') return;
    this.#shakenHands(entry);
    entry.state = 'open';
  }

  /** The registry is about to be asked to list it. False when it is not here any more, or is somebody else's. */
  arriving(slot: number, session: number, arrival: PeerArrival): boolean {
    const entry = this.#find(slot, session);
    if (entry === undefined || entry.state === 'gone') return false;
    if (entry.arrival !== undefined && entry.arrival.peer !== arrival.peer) return false;
    entry.arrival = arrival;
    this.#lastOrder += 1;
    entry.order = this.#lastOrder;
    return true;
  }

  /** The registry lists it: gives the entry of the same peer that is listed no more, if there is one. */
  arrived(slot: number, session: number): Entry | undefined {
    const entry = this.#find(slot, session);
    if (entry?.arrival === undefined || entry.state === 'gone') return undefined;
    const older = this.#byPeer.get(entry.arrival.peer);
    // Their listeners may tell of them the other way round.
    if (older !== undefined && older.order > entry.order) return entry;
    this.#byPeer.set(entry.arrival.peer, entry);
    return older === entry ? undefined : older;
  }

  /** It counts no more and is listed no more; its slot stays taken until `released`. */
  leave({ slot, session }: Pick<Ticket, 'slot' | 'session'>): void {
    const entry = this.#find(slot, session);
    if (entry === undefined || entry.state === 'gone') return;
    if (entry.state === 'pending') this.#shakenHands(entry);
    entry.state = 'gone';
    this.table.close(slot);
    this.#open -= 1;
    this.#hosts.take(networkOf(entry.host));
    this.#networks.take(neighbourhoodOf(entry.host));
    if (entry.arrival === undefined) return;
    const { peer } = entry.arrival;
    this.ended.push({ peer, session });
    if (this.#byPeer.get(peer) === entry) this.#byPeer.delete(peer);
    entry.arrival = undefined;
  }

  /** Its listener has let go of it. */
  released(slot: number, session: number): void {
    const entry = this.#find(slot, session);
    if (entry === undefined) return;
    this.leave(entry);
    // Its connection may have opened it since.
    this.table.close(slot);
    this.#bySlot[slot] = undefined;
    this.#free.push(slot);
  }

  /** A listener has died, and its connections with it: gives them. */
  lost(listener: number): readonly Ticket[] {
    const theirs = this.#bySlot.filter((entry) => entry?.listener === listener) as Entry[];
    for (const { slot, session } of theirs) this.released(slot, session);
    return theirs;
  }

  /** The connection of a listed peer. */
  ofPeer(peer: PeerId): Entry | undefined {
    return this.#byPeer.get(peer);
  }

  ofSlot(slot: number): Entry | undefined {
    return this.#bySlot[slot];
  }

  /** Whom the registry should list. */
  *listed(): Generator<Entry & { readonly arrival: PeerArrival }> {
    for (const { slot, session } of this.#byPeer.values()) {
      const entry = this.#find(slot, session);
      if (entry?.arrival !== undefined) yield entry as Entry & { readonly arrival: PeerArrival };
    }
  }

  #find(slot: number, session: number): Writable | undefined {
    const entry = this.#bySlot[slot];
    return entry?.session === session ? entry : undefined;
  }

  #shakenHands(entry: Writable): void {
    this.#handshakes -= 1;
    const address = networkOf(entry.host);
    const others = this.#pending.get(address);
    others?.delete(entry);
    if (others?.size === 0) this.#pending.delete(address);
  }
}
