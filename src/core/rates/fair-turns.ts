/**
 * Whose turn it is among those who share what only one can have at a time: start-time fair queueing (Goyal, Vin and
 * Cheng, SIGCOMM 1996). Who comes, or comes back, has its turn at once, and makes nothing up for the time before; and
 * what they are given who come and leave counts for those who stay, whom many of them would keep waiting for ever.
 * Invariant: of two that want one turn after the other, neither is ever ahead by more than a turn of each; and of who
 * has left nothing is kept.
 */
export class FairTurns<Who> {
  /** Where who comes now begins, in what turns cost. */
  #nowAt = 0;
  /** Where those begin next who have had a turn and wait for another, or have had more than their share so far. */
  readonly #nextAt = new Map<Who, number>();
  /** Where the others begin who wait. */
  readonly #cameAt = new Map<Who, number>();
  /** Who has wanted a turn since the last was given. */
  readonly #waiting = new Set<Who>();

  /** How many are remembered. */
  get size(): number {
    return this.#nextAt.size + this.#cameAt.size;
  }

  /**
   * Of those who want a turn now, whose it is: of several the first that is named, so name first who came first. Who is
   * not given it, and wants it still, keeps its place.
   */
  next(wanting: Iterable<Who>): Who | undefined {
    let best: Who | undefined;
    let bestAt = Infinity;
    for (const one of wanting) {
      this.#waiting.add(one);
      const at = this.#beginsAt(one);
      if (!this.#nextAt.has(one)) this.#cameAt.set(one, at);
      if (at < bestAt) [best, bestAt] = [one, at];
    }
    return best;
  }

  /** It has had its turn; `cost`, above 0: what it was given, divided by its weight among the others. */
  had(who: Who, cost: number): void {
    const at = this.#beginsAt(who);
    this.#cameAt.delete(who);
    this.#nextAt.set(who, at + cost);
    this.#nowAt = Math.max(this.#nowAt, at);
    for (const one of this.#cameAt.keys()) if (!this.#waiting.has(one)) this.#cameAt.delete(one);
    for (const [one, nextAt] of this.#nextAt)
      if (nextAt <= this.#nowAt && !this.#waiting.has(one)) this.#nextAt.delete(one);
    this.#waiting.clear();
  }

  /** It is not to have any more, or is new when it comes again. */
  leave(who: Who): void {
    const at = this.#nextAt.get(who);
    this.#nextAt.delete(who);
    this.#cameAt.delete(who);
    this.#waiting.delete(who);
    if (this.#nextAt.size > 0) {
      // Others who come were before those who wait for another turn; but not behind them, however much this one had.
      const most = Math.min(...this.#nextAt.values());
      this.#nowAt = Math.max(this.#nowAt, Math.min(at ?? this.#nowAt, most));
    } else if (this.#cameAt.size === 0) this.#nowAt = 0;
  }

  #beginsAt(who: Who): number {
    return this.#nextAt.get(who) ?? this.#cameAt.get(who) ?? this.#nowAt;
  }
}
