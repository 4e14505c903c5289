/**
 * Gives each connection a slot in the presence table. Invariant: a slot belongs to one connection from `claim` to
 * `release`, also when its peer has expired meanwhile, so that no beat ever keeps a stranger alive.
 */
import { PresenceTable } from '../../core/presence.ts';

export class PresenceSlots {
  readonly table: PresenceTable;
  readonly #free: number[] = [];
  #used = 0;

  constructor(slots: number) {
    this.table = new PresenceTable(new Uint32Array(new SharedArrayBuffer(slots * 4)));
  }

  /** Throws when there is none: more connections than were to be let in. */
  claim(nowMs: number): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.table.slots) throw new RangeError(`All ${this.table.slots} slots are taken`);
    this.table.open(slot, secondsOf(nowMs));
    return slot;
  }

  beat(slot: number, nowMs: number): void {
    this.table.beat(slot, secondsOf(nowMs));
  }

  release(slot: number): void {
    this.table.close(slot);
    this.#free.push(slot);
  }
}

/** The table counts whole seconds. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1_000);
