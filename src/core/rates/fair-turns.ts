/**
 * Whose turn it is among those who share what only one can have at a time: start-time fair queueing (Goyal, Vin and
 * Cheng, SIGCOMM 1996). Who comes, or comes back, has its turn at once, and makes nothing up for the time before.
 * Invariant: of two that want one turn after the other, neither is ever ahead by more than a turn of each.
 */
export class FairTurns<Who> {
  /** Where the turn begun last began, in what turns cost. */
  #nowAt = 0;
  /** Where those begin next who have had more than their share so far; all others now. */
  readonly #nextAt = new Map<Who, number>();

  /** Of those who want a turn now, whose it is: of several the first that is named. */
  next(wanting: Iterable<Who>): Who | undefined {
    let best: Who | undefined;
    let bestAt = Infinity;
    for (const one of wanting) {
      const at = this.#nextAt.get(one) ?? this.#nowAt;
      if (at < bestAt) [best, bestAt] = [one, at];
    }
    return best;
  }

  /** It has had its turn; `cost`, above 0: what it was given, divided by its weight among the others. */
  had(who: Who, cost: number): void {
    const at = this.#nextAt.get(who) ?? this.#nowAt;
    this.#nowAt = Math.max(this.#nowAt, at);
    this.#nextAt.set(who, at + cost);
    for (const [one, nextAt] of this.#nextAt) if (nextAt <= this.#nowAt) this.#nextAt.delete(one);
  }
}
