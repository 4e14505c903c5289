/** How many there are of each. Invariant: only what there is any of takes memory. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #size = 0;

  /** All together. */
  get size(): number {
    return this.#size;
  }

  /** How many different ones there are. */
  get kinds(): number {
    return this.#counts.size;
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  add(what: string): void {
    this.#counts.set(what, this.of(what) + 1);
    this.#size += 1;
  }

  take(what: string): void {
    const left = this.of(what) - 1;
    if (left < 0) return;
    this.#size -= 1;
    if (left > 0) this.#counts.set(what, left);
    else this.#counts.delete(what);
  }
}
