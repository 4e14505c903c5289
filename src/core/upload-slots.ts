/**
 * Who may upload now and who comes next: a fixed number of slots, and a queue that serves identities in turn,
 * however many connections each opens. A second slot goes to an identity only while nobody is without one.
 * Invariant: a connection holds a slot, waits, or wants nothing; a slot is free only while nobody waits; and
 * while an identity waits that has none, no identity has two.
 */

/** Where a connection stands: 0 holds a slot, 1 is next. */
export interface SlotChange<Connection> {
  readonly connection: Connection;
  readonly position: number;
}

interface Holder<Identity> {
  readonly identity: Identity;
  readonly sinceMs: number;
}

export class UploadSlots<Connection, Identity> {
  #slots: number;
  readonly #quantumMs: number;
  readonly #holders = new Map<Connection, Holder<Identity>>();
  /** The connections of each waiting identity; identities in the order of their turn. */
  readonly #waiting = new Map<Identity, Connection[]>();
  /** The positions last told. */
  readonly #positions = new Map<Connection, number>();

  /** `quantumMs`: how long a slot is kept while others wait for one. */
  constructor(slots: number, quantumMs: number) {
    this.#slots = slots;
    this.#quantumMs = quantumMs;
  }

  get held(): number {
    return this.#holders.size;
  }

  get queued(): number {
    return this.#positions.size - this.#holders.size;
  }

  positionOf(connection: Connection): number | undefined {
    return this.#positions.get(connection);
  }

  /** A connection wants a slot; one that holds or waits already changes nothing. Returns whose place changed. */
  want(connection: Connection, identity: Identity, nowMs: number): SlotChange<Connection>[] {
    if (this.#positions.has(connection)) return [];
    this.#enqueue(connection, identity);
    return this.#settle(nowMs);
  }

  /** A connection wants no slot any more. Returns whose place changed, the leaver's not. */
  leave(connection: Connection, nowMs: number): SlotChange<Connection>[] {
    if (!this.#positions.delete(connection)) return [];
    if (!this.#holders.delete(connection))
      for (const [identity, connections] of this.#waiting) {
        const rest = connections.filter((other) => other !== connection);
        if (rest.length > 0) this.#waiting.set(identity, rest);
        else this.#waiting.delete(identity);
      }
    return this.#settle(nowMs);
  }

  /** There are more slots now, or fewer: then those given last are taken back. Returns whose place changed. */
  resize(slots: number, nowMs: number): SlotChange<Connection>[] {
    this.#slots = slots;
    for (const [connection, holder] of [...this.#holders].slice(slots).toReversed())
      this.#sendBack(connection, holder);
    return this.#settle(nowMs);
  }

  /** Sends to the end of the queue who has held a slot for its time while others wait. Returns whose place changed. */
  rotate(nowMs: number): SlotChange<Connection>[] {
    for (const [connection, { identity, sinceMs }] of this.#holders) {
      if (nowMs - sinceMs < this.#quantumMs || !this.#othersWait()) continue;
      this.#holders.delete(connection);
      this.#enqueue(connection, identity);
      this.#grant(nowMs);
    }
    return this.#settle(nowMs);
  }

  #enqueue(connection: Connection, identity: Identity): void {
    const connections = this.#waiting.get(identity);
    if (connections) connections.push(connection);
    else this.#waiting.set(identity, [connection]);
  }

  #othersWait(): boolean {
    const held = this.#heldByIdentity();
    return [...this.#waiting.keys()].some((identity) => !held.has(identity));
  }

  #heldByIdentity(): Map<Identity, number> {
    const held = new Map<Identity, number>();
    for (const { identity } of this.#holders.values()) held.set(identity, (held.get(identity) ?? 0) + 1);
    return held;
  }

  #grant(nowMs: number): void {
    for (;;) {
      const held = this.#heldByIdentity();
      const identity = this.#next(held);
      if (identity === undefined) return;
      if (this.#holders.size >= this.#slots && (held.has(identity) || !this.#takeBack(held))) return;
      const [connection, ...rest] = this.#waiting.get(identity) ?? [];
      if (connection === undefined) return;
      // Whoever has had a turn goes to the end.
      this.#waiting.delete(identity);
      if (rest.length > 0) this.#waiting.set(identity, rest);
      this.#holders.set(connection, { identity, sinceMs: nowMs });
    }
  }

  /** The waiting identity that has the fewest slots, the first of them in turn. */
  #next(held: ReadonlyMap<Identity, number>): Identity | undefined {
    let fewest = Infinity;
    let next: Identity | undefined;
    for (const identity of this.#waiting.keys()) {
      const count = held.get(identity) ?? 0;
      if (count >= fewest) continue;
      fewest = count;
      next = identity;
    }
    return next;
  }

  /** Frees the newest slot of the identity that has the most, if that is more than one. */
  #takeBack(held: ReadonlyMap<Identity, number>): boolean {
    const most = Math.max(...held.values());
    if (most < 2) return false;
    const [connection, holder] =
      [...this.#holders].findLast(([, { identity }]) => held.get(identity) === most) ?? [];
    if (connection === undefined || holder === undefined) return false;
    this.#sendBack(connection, holder);
    return true;
  }

  /** Takes a slot back before its time: the first of its identity to get one again. */
  #sendBack(connection: Connection, { identity }: Holder<Identity>): void {
    this.#holders.delete(connection);
    this.#waiting.set(identity, [connection, ...(this.#waiting.get(identity) ?? [])]);
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
    let position = 1;
    const turns = [...this.#waiting.values()];
    for (let round = 0; position <= this.queued || round === 0; round++) {
      const inRound = turns.flatMap((connections) => connections.slice(round, round + 1));
      if (inRound.length === 0) break;
      for (const connection of inRound) place(connection, position++);
    }
    return changes;
  }
}
