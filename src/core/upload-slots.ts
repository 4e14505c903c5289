/**
 * Who may upload now and who comes next: a fixed number of slots, at most one for each identity, and a queue
 * that serves identities in turn, however many connections each opens.
 * Invariant: a connection holds a slot, waits, or wants nothing; a slot is free only while nobody may take it.
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
  readonly #slots: number;
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
    const holding = this.#holdingIdentities();
    return [...this.#waiting.keys()].some((identity) => !holding.has(identity));
  }

  #holdingIdentities(): Set<Identity> {
    return new Set([...this.#holders.values()].map(({ identity }) => identity));
  }

  #grant(nowMs: number): void {
    const holding = this.#holdingIdentities();
    for (const [identity, [next, ...rest]] of [...this.#waiting]) {
      if (this.#holders.size >= this.#slots) return;
      if (next === undefined || holding.has(identity)) continue;
      this.#waiting.delete(identity);
      if (rest.length > 0) this.#waiting.set(identity, rest);
      this.#holders.set(next, { identity, sinceMs: nowMs });
    }
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
