import { expect, test } from '@jest/globals';
import { rendezvousOrder } from '../../../src/core/tracker/rendezvous.ts';

const trackers = Array.from({ length: 5 }, (_, at) => `10.0.0.${at}:5000`);
const orderOf = (peer: number, items: readonly string[] = trackers): readonly string[] =>
  rendezvousOrder(`peer-${peer}`, items, (item) => item);

test('each has an order of its own, and keeps it whoever goes and however they are listed', () => {
  for (let peer = 0; peer < 100; peer++) {
    const order = orderOf(peer);
    expect(orderOf(peer, trackers.toReversed())).toEqual(order);
    expect(orderOf(peer, trackers.slice(1))).toEqual(order.filter((tracker) => tracker !== trackers[0]));
  }
});

test('those who lose the same one spread over all the others evenly', () => {
  const next = new Map<string, number>();
  let lost = 0;
  for (let peer = 0; peer < 20_000; peer++) {
    const [first = '', second = ''] = orderOf(peer);
    if (first !== trackers[0]) continue;
    lost += 1;
    next.set(second, (next.get(second) ?? 0) + 1);
  }
  expect(lost / 20_000).toBeCloseTo(0.2, 1);
  expect(next.size).toBe(4);
  for (const count of next.values()) expect(Math.abs(count / lost - 0.25)).toBeLessThan(0.04);
});
