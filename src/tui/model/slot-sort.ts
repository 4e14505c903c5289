/**
 * Sorting slots by keys that were read once, in steps short enough to draw and to read keys in between.
 * Invariant: equal keys keep the order in which their rows came, in both directions.
 */
import { sortRunSlots, sortStepSlots } from '../../core/limits/screen.ts';

/** The key of each slot, as it was when its row was put into the order. */
export type SortKeys = (number | string)[];

export type SlotOrder = (one: number, other: number) => number;

export function slotOrder(
  keys: SortKeys,
  descending: boolean,
  sequenceAt: (slot: number) => number,
): SlotOrder {
  const sign = descending ? -1 : 1;
  return (one, other) => {
    const a = keys[one] ?? 0;
    const b = keys[other] ?? 0;
    if (a < b) return -sign;
    if (a > b) return sign;
    return sequenceAt(one) - sequenceAt(other);
  };
}

/** Sorts in place: yields after each step. Runs by the engine's own sort, then merged bottom up. */
export function* sortSlots(slots: Uint32Array, order: SlotOrder): Generator<void> {
  for (let from = 0; from < slots.length; from += sortRunSlots) {
    slots.subarray(from, from + sortRunSlots).sort(order);
    yield;
  }
  let source: Uint32Array = slots;
  let target: Uint32Array = new Uint32Array(slots.length);
  for (let run = sortRunSlots; run < slots.length; run *= 2) {
    for (let from = 0; from < slots.length; from += 2 * run) {
      yield* mergeRuns(source, target, from, Math.min(from + run, slots.length), order, run);
    }
    [source, target] = [target, source];
  }
  if (source !== slots) slots.set(source);
}

function* mergeRuns(
  source: Uint32Array,
  target: Uint32Array,
  from: number,
  middle: number,
  order: SlotOrder,
  run: number,
): Generator<void> {
  const end = Math.min(middle + run, source.length);
  let left = from;
  let right = middle;
  for (let at = from; at < end; at += 1) {
    const leftSlot = source[left] ?? 0;
    const rightSlot = source[right] ?? 0;
    const takeLeft = left < middle && (right >= end || order(leftSlot, rightSlot) <= 0);
    target[at] = takeLeft ? leftSlot : rightSlot;
    if (takeLeft) left += 1;
    else right += 1;
    if (at % sortStepSlots === 0) yield;
  }
}

/** Merges `fresh`, sorted, into the first `length` of `slots`, sorted too, which has room for both. */
export function mergeInto(
  slots: Uint32Array,
  length: number,
  fresh: readonly number[],
  order: SlotOrder,
): number {
  let from = length - 1;
  let next = fresh.length - 1;
  for (let at = length + fresh.length - 1; next >= 0; at -= 1) {
    const freshSlot = fresh[next] ?? 0;
    const oldSlot = slots[from] ?? 0;
    if (from >= 0 && order(oldSlot, freshSlot) > 0) {
      slots[at] = oldSlot;
      from -= 1;
    } else {
      slots[at] = freshSlot;
      next -= 1;
    }
  }
  return length + fresh.length;
}
