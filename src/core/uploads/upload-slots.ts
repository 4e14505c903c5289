/**
 * Who may upload now and who comes next: a fixed number of slots, and a queue that serves hosts in turn, of each
 * host its identities in turn, however many connections each opens: identities cost nothing, addresses do.
 * Invariant: a connection holds a slot, waits, or wants nothing; a slot is free only while nobody waits; while a
 * host waits that has no slot, no host has two; and so it is with the identities of one host.
 */

/** Whose a connection is. */
export interface SlotOwner<Identity> {
  readonly identity: Identity;
  readonly host: string;
}

/** Where a connection stands: 0 holds a slot, 1 is next. */
export interface SlotChange<Connection> {
  readonly connection: Connection;
  readonly position: number;
}

interface Holder<Identity> extends SlotOwner<Identity> {
  readonly sinceMs: number;
}

interface Waiter<Identity> extends SlotOwner<Identity> {
  /** Its place among those of its identity. */
  readonly order: number;
}

/** How many slots each host and each identity has. */
class Held<Identity> {
  readonly #hosts = new Map<string, number>();
  readonly #identities = new Map<Identity, number>();

  constructor(owners: Iterable<SlotOwner<Identity>>) {
    for (const owner of owners) this.add(owner);
  }

  add({ identity, host }: SlotOwner<Identity>): void {
    this.#hosts.set(host, this.ofHost(host) + 1);
    this.#identities.set(identity, this.ofIdentity(identity) + 1);
  }

  ofHost(host: string): number {
    return this.#hosts.get(host) ?? 0;
  }

  ofIdentity(identity: Identity): number {
    return this.#identities.get(identity) ?? 0;
  }
}

export class UploadSlots<Connection, Identity> {
  readonly #quantumMs: number;
  readonly #holders = new Map<Connection, Holder<Identity>>();
  readonly #waiting = new Map<Connection, Waiter<Identity>>();
  /** When each host and identity had its last turn, or came; counted, not timed. */
  readonly #turns = new Map<string | Identity, number>();
  /** The positions last told. */
  readonly #positions = new Map<Connection, number>();
  #slots: number;
  #count = 0;

  /** `quantumMs`: how long a slot is kept while others wait for one. */
  constructor(slots: number, quantumMs: number) {
    this.#slots = slots;
    this.#quantumMs = quantumMs;
  }

  get held(): number {
    return this.#holders.size;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  positionOf(connection: Connection): number | undefined {
    return this.#positions.get(connection);
  }

  /** A connection wants a slot; one that holds or waits already changes nothing. Returns whose place changed. */
  want(connection: Connection, owner: SlotOwner<Identity>, nowMs: number): SlotChange<Connection>[] {
    if (this.#positions.has(connection)) return [];
    this.#enqueue(connection, owner);
    return this.#settle(nowMs);
  }

  /** A connection wants no slot any more. Returns whose place changed, the leaver's not. */
  leave(connection: Connection, nowMs: number): SlotChange<Connection>[] {
    if (!this.#positions.delete(connection)) return [];
    this.#holders.delete(connection);
    this.#waiting.delete(connection);
    this.#forgetTurns();
    return this.#settle(nowMs);
  }

  /** There are more slots now, or fewer: then those given last are taken back. Returns whose place changed. */
  resize(slots: number, nowMs: number): SlotChange<Connection>[] {
    this.#slots = slots;
    for (const [connection] of [...this.#holders].slice(slots).toReversed()) this.#sendBack(connection);
    return this.#settle(nowMs);
  }

  /** Sends to the end of the queue who has held a slot for its time while others wait. Returns whose place changed. */
  rotate(nowMs: number): SlotChange<Connection>[] {
    for (const [connection, holder] of [...this.#holders]) {
      const othersWait = [...this.#waiting.values()].some(({ identity }) => identity !== holder.identity);
      if (nowMs - holder.sinceMs < this.#quantumMs || !othersWait) continue;
      this.#holders.delete(connection);
      this.#hadTurn(holder);
      this.#enqueue(connection, holder);
      this.#grant(nowMs);
    }
    return this.#settle(nowMs);
  }

  #enqueue(connection: Connection, { identity, host }: SlotOwner<Identity>): void {
    this.#count += 1;
    this.#waiting.set(connection, { identity, host, order: this.#count });
    for (const key of [host, identity]) if (!this.#turns.has(key)) this.#turns.set(key, this.#count);
  }

  /** Takes a slot back before its time: the first of its identity to get one again. */
  #sendBack(connection: Connection): void {
    const holder = this.#holders.get(connection);
    if (!holder) return;
    this.#holders.delete(connection);
    this.#count += 1;
    this.#waiting.set(connection, { identity: holder.identity, host: holder.host, order: -this.#count });
  }

  /** Whoever has had a turn goes to the end. */
  #hadTurn({ identity, host }: SlotOwner<Identity>): void {
    this.#count += 1;
    for (const key of [host, identity]) this.#turns.set(key, this.#count);
  }

  #grant(nowMs: number): void {
    while (this.#waiting.size > 0) {
      const held = new Held(this.#holders.values());
      const isFree = this.#holders.size < this.#slots;
      const next = this.#inTurn(held).find(([, waiter]) => isFree || this.#makeRoom(waiter, held));
      if (!next) return;
      const [connection, { identity, host }] = next;
      this.#waiting.delete(connection);
      this.#hadTurn({ identity, host });
      this.#holders.set(connection, { identity, host, sinceMs: nowMs });
    }
  }

  /** Those who wait, who is to be served first first: of the host with the fewest slots, and so on. */
  #inTurn(held: Held<Identity>): [Connection, Waiter<Identity>][] {
    const turnOf = (key: string | Identity): number => this.#turns.get(key) ?? 0;
    return [...this.#waiting].sort(
      ([, a], [, b]) =>
        held.ofHost(a.host) - held.ofHost(b.host) ||
        turnOf(a.host) - turnOf(b.host) ||
        held.ofIdentity(a.identity) - held.ofIdentity(b.identity) ||
        turnOf(a.identity) - turnOf(b.identity) ||
        a.order - b.order,
    );
  }

  /** Frees the newest slot of whoever has the most, if that is more than is right while this one waits. */
  #makeRoom({ identity, host }: SlotOwner<Identity>, held: Held<Identity>): boolean {
    const [victim] = [...this.#holders]
      .toReversed()
      .filter(([, other]) => {
        const ofHost = held.ofHost(other.host);
        if (held.ofHost(host) === 0 && ofHost > 1) return true;
        const isFairer = other.host === host || ofHost > held.ofHost(host);
        return held.ofIdentity(identity) === 0 && held.ofIdentity(other.identity) > 1 && isFairer;
      })
      .sort(
        ([, a], [, b]) =>
          held.ofHost(b.host) - held.ofHost(a.host) ||
          held.ofIdentity(b.identity) - held.ofIdentity(a.identity),
      );
    if (victim) this.#sendBack(victim[0]);
    return victim !== undefined;
  }

  #forgetTurns(): void {
    const present = new Set<string | Identity>();
    for (const { identity, host } of [...this.#holders.values(), ...this.#waiting.values()])
      present.add(identity).add(host);
    for (const key of this.#turns.keys()) if (!present.has(key)) this.#turns.delete(key);
  }

  #settle(nowMs: number): SlotChange<Connection>[] {
    this.#grant(nowMs);
    const changes: SlotChange<Connection>[] = [];
    const place = (connection: Connection, position: number): void => {
      if (this.#positions.get(connection) === position) return;
      this.#positions.set(connection, position);
      changes.push({ connection, position });
    };
    for (const connection of this.#holders.keys()) place(connection, 0);
    for (const [index, connection] of this.#queue().entries()) place(connection, index + 1);
    return changes;
  }

  /** The order in which those who wait would be served if one slot after the other became free. */
  #queue(): Connection[] {
    const held = new Held(this.#holders.values());
    const queue: Connection[] = [];
    // In each round every host comes up once, and of each host the identity whose turn it is.
    let left = this.#inTurn(held);
    while (left.length > 0) {
      const rest: typeof left = [];
      const served = new Set<string>();
      for (const entry of left) {
        const [connection, waiter] = entry;
        if (served.has(waiter.host)) rest.push(entry);
        else {
          served.add(waiter.host);
          held.add(waiter);
          queue.push(connection);
        }
      }
      const isWaiting = new Set(rest.map(([connection]) => connection));
      left = this.#inTurn(held).filter(([connection]) => isWaiting.has(connection));
    }
    return queue;
  }
}
