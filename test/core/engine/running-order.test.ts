import { describe, expect, test } from '@jest/globals';
import type { Priority } from '../../../src/core/engine/engine-api.ts';
import { RunningOrder, type Move, type Ordered } from '../../../src/core/engine/running-order.ts';
import * as fc from '../../helpers/properties.ts';

interface Item extends Ordered {
  readonly name: string;
}

const item = (name: string, priority: Priority = 'normal'): Item => ({ name, priority, place: 0 });

function orderOf(...items: Item[]): RunningOrder<Item> {
  const order = new RunningOrder<Item>();
  for (const each of items) order.append(each);
  return order;
}

const names = (order: RunningOrder<Item>): string => Array.from(order, ({ name }) => name).join('');

describe('the running order', () => {
  test('gives who comes with the place of another one of his own', () => {
    const [a, b, c] = [item('a'), item('b'), item('c', 'high')];
    const order = orderOf(a);
    for (const one of [b, c]) {
      one.place = a.place;
      order.insert(one);
    }
    expect(names(order)).toBe('cab');
    order.prioritise(c, 'normal');
    expect([order.remove(a), order.remove(b), order.remove(c), order.size]).toEqual([true, true, true, 0]);
  });

  test('is by priority, then by place', () => {
    const [a, b, c, d] = [item('a'), item('b', 'low'), item('c', 'high'), item('d')];
    const order = orderOf(a, b, c, d);
    expect(names(order)).toBe('cadb');
    order.prioritise(d, 'high');
    order.prioritise(b, 'normal');
    expect(names(order)).toBe('cdab');
    expect(order.remove(a)).toBe(true);
    expect(order.remove(a)).toBe(false);
    expect(names(order)).toBe('cdb');
  });

  test('moves several at once, which keep their order among themselves', () => {
    const all = Array.from('abcdef', (name) => item(name));
    const moved = (to: Move, chosen: string): string => {
      const order = orderOf(...all);
      order.move(
        all.filter(({ name }) => chosen.includes(name)),
        to,
      );
      return names(order);
    };
    expect(moved('up', 'cd')).toBe('acdbef');
    expect(moved('up', 'ac')).toBe('acbdef');
    expect(moved('up', 'ab')).toBe('abcdef');
    expect(moved('down', 'be')).toBe('acbdfe');
    expect(moved('down', 'ef')).toBe('abcdef');
    expect(moved('top', 'df')).toBe('dfabce');
    expect(moved('bottom', 'ac')).toBe('bdefac');
  });

  test('is the same when it is put together again from places', () => {
    const commands = fc.array(
      fc.tuple(
        fc.constantFrom('up', 'down', 'top', 'bottom', 'high', 'normal', 'low', 'remove'),
        fc.array(fc.nat(9), { maxLength: 4 }),
      ),
    );
    fc.assert(
      fc.property(commands, (steps) => {
        const all = Array.from('abcdefghij', (name) => item(name));
        const order = orderOf(...all);
        const removed = new Set<Item>();
        for (const [step, at] of steps) {
          const chosen = at.flatMap((n) => all[n] ?? []).filter((each) => !removed.has(each));
          if (step === 'remove') {
            for (const each of chosen) {
              order.remove(each);
              removed.add(each);
            }
          } else if (step === 'high' || step === 'normal' || step === 'low')
            for (const each of chosen) order.prioritise(each, step);
          else {
            const before = new Map(all.map((each) => [each, each.place]));
            const changed = order.move(chosen, step);
            for (const each of all) if (before.get(each) !== each.place) expect(changed).toContain(each);
          }
        }
        const again = new RunningOrder<Item>();
        for (const each of all) if (!removed.has(each)) again.insert(each);
        expect(names(again)).toBe(names(order));
        expect(order.size).toBe(10 - removed.size);
        const places = Array.from(order, ({ place }) => place);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });
});
