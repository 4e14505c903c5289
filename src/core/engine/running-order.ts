/**
 * In which order things that wait for their turn come to it: higher priority first, then by their places, which
 * the user may change. A place is a number that only compares, so that a move changes none but the moved.
 * Invariant: no two places are the same, and the order is always the sorted one.
 */
import type { Priority } from './engine-api.ts';

export interface Ordered {
  priority: Priority;
  /** Set by the order. */
  place: number;
}

export type Move = 'up' | 'down' | 'top' | 'bottom';

const priorities = ['high', 'normal', 'low'] as const satisfies readonly Priority[];

/** Negative when `a` goes before `b`; two of the same priority are equal. */
export function comparePriorities(a: Priority, b: Priority): number {
  return priorities.indexOf(a) - priorities.indexOf(b);
}

export class RunningOrder<T extends Ordered> {
  /** Sorted by place, each. */
  readonly #lanes: Readonly<Record<Priority, T[]>> = { high: [], normal: [], low: [] };
  #first = 0;
  #last = 0;

  get size(): number {
    return priorities.reduce((sum, priority) => sum + this.#lanes[priority].length, 0);
  }

  /** All of them in order. Nothing may be changed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (const priority of priorities) yield* this.#lanes[priority];
  }

  /** Comes last of its priority. */
  append(item: T): void {
    item.place = this.#last += 1;
    this.#lanes[item.priority].push(item);
  }

  /** Comes where its place says, as it was in an earlier life; last where that is another's. */
  insert(item: T): void {
    this.#first = Math.min(this.#first, item.place);
    this.#last = Math.max(this.#last, item.place);
    const lane = this.#lanes[item.priority];
    const at = positionOf(lane, item.place);
    if (lane[at]?.place === item.place) this.append(item);
    else lane.splice(at, 0, item);
  }

  /** Whether it was there. */
  remove(item: T): boolean {
    const lane = this.#lanes[item.priority];
    const at = positionOf(lane, item.place);
    if (lane[at] !== item) return false;
    lane.splice(at, 1);
    return true;
  }

  /** It keeps its place, among others now. */
  prioritise(item: T, priority: Priority): void {
    const wasThere = this.remove(item);
    item.priority = priority;
    if (wasThere) this.insert(item);
  }

  /** Moves some among those of the same priority; they keep their order. Returns all whose place has changed. */
  move(items: Iterable<T>, to: Move): Set<T> {
    const moved = new Set(items);
    const changed = new Set<T>();
    for (const priority of priorities) {
      const lane = this.#lanes[priority];
      const chosen = lane.filter((item) => moved.has(item));
      if (to === 'up' || to === 'top') chosen.reverse();
      if (to === 'top' || to === 'bottom')
        for (const item of chosen) changed.add(this.#toEnd(lane, item, to));
      else step(lane, moved, to, changed);
    }
    return changed;
  }

  #toEnd(lane: T[], item: T, to: 'top' | 'bottom'): T {
    this.remove(item);
    item.place = to === 'top' ? (this.#first -= 1) : (this.#last += 1);
    lane.splice(to === 'top' ? 0 : lane.length, 0, item);
    return item;
  }
}

/** One step each, past the next that is not moved itself: a block at the end stays as it is. */
function step<T extends Ordered>(lane: T[], moved: ReadonlySet<T>, to: 'up' | 'down', changed: Set<T>): void {
  const count = lane.length;
  for (let n = 1; n < count; n++) {
    const at = to === 'up' ? n : count - 1 - n;
    const next = to === 'up' ? at - 1 : at + 1;
    const item = lane[at];
    const other = lane[next];
    if (!item || !other || !moved.has(item) || moved.has(other)) continue;
    [item.place, other.place] = [other.place, item.place];
    [lane[at], lane[next]] = [other, item];
    changed.add(item).add(other);
  }
}

/** Where a place is in a lane, or would be. */
function positionOf(lane: readonly Ordered[], place: number): number {
  let low = 0;
  let high = lane.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lane[middle]?.place ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low;
}
