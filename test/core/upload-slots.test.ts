import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { UploadSlots } from '../../src/core/upload-slots.ts';

const quantumMs = 1000;

describe('upload slots', () => {
  test('are given at once while there are free ones, then places in the queue', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    expect(slots.want(1, 'a', 0)).toEqual([{ connection: 1, position: 0 }]);
    expect(slots.want(2, 'b', 0)).toEqual([{ connection: 2, position: 1 }]);
    expect(slots.want(3, 'c', 0)).toEqual([{ connection: 3, position: 2 }]);
    expect(slots.want(3, 'c', 0)).toEqual([]);
  });

  test('pass on when given up, and everybody moves up by one', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    for (const connection of [1, 2, 3]) slots.want(connection, `peer${connection}`, 0);
    expect(slots.leave(1, 0)).toEqual([
      { connection: 2, position: 0 },
      { connection: 3, position: 1 },
    ]);
    expect(slots.leave(1, 0)).toEqual([]);
  });

  test('serve identities in turn, however many connections one of them opens', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    for (const connection of [1, 2, 3]) slots.want(connection, 'greedy', 0);
    slots.want(4, 'modest', 0);
    const order: number[] = [];
    for (let held: number | undefined = 1; held !== undefined;) {
      order.push(held);
      held = slots.leave(held, 0).find(({ position }) => position === 0)?.connection;
    }
    expect(order.indexOf(4)).toBeLessThan(3);
    expect(order.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });

  test('go to more connections of one identity while nobody else waits, and back when somebody does', () => {
    const slots = new UploadSlots<number, string>(2, quantumMs);
    slots.want(1, 'a', 0);
    expect(slots.want(2, 'a', 0)).toEqual([{ connection: 2, position: 0 }]);
    expect(slots.want(3, 'a', 0)).toEqual([{ connection: 3, position: 1 }]);
    expect(slots.want(4, 'b', 0)).toEqual([
      { connection: 4, position: 0 },
      { connection: 2, position: 1 },
      { connection: 3, position: 2 },
    ]);
    expect(slots.leave(4, 0)).toEqual([
      { connection: 2, position: 0 },
      { connection: 3, position: 1 },
    ]);
  });

  test('go round when held for long while others wait, and stay where nobody waits', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    slots.want(1, 'a', 0);
    expect(slots.rotate(quantumMs)).toEqual([]);
    slots.want(2, 'b', quantumMs);
    expect(slots.rotate(quantumMs)).toEqual([
      { connection: 2, position: 0 },
      { connection: 1, position: 1 },
    ]);
    expect(slots.rotate(quantumMs + 1)).toEqual([]);
  });

  test('are never more than there are, never two for one identity while another has none, and never idle while somebody waits', () => {
    const step = fc.record({
      kind: fc.constantFrom('want', 'leave', 'rotate'),
      connection: fc.integer({ min: 0, max: 11 }),
      afterMs: fc.integer({ min: 0, max: 700 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), (count, steps) => {
        const slots = new UploadSlots<number, number>(count, quantumMs);
        const identityOf = (connection: number): number => connection % 4;
        const told = new Map<number, number>();
        let nowMs = 0;
        for (const { kind, connection, afterMs } of steps) {
          nowMs += afterMs;
          if (kind === 'leave') told.delete(connection);
          const changes =
            kind === 'want'
              ? slots.want(connection, identityOf(connection), nowMs)
              : kind === 'leave'
                ? slots.leave(connection, nowMs)
                : slots.rotate(nowMs);
          for (const change of changes) told.set(change.connection, change.position);
          const holding = [...told]
            .filter(([, position]) => position === 0)
            .map(([held]) => identityOf(held));
          const waiting = [...told].filter(([, position]) => position > 0);
          expect(holding.length).toBeLessThanOrEqual(count);
          const isSomebodyWithout = waiting.some(([waiter]) => !holding.includes(identityOf(waiter)));
          if (isSomebodyWithout) expect(new Set(holding).size).toBe(holding.length);
          expect(slots.held).toBe(holding.length);
          expect(slots.queued).toBe(waiting.length);
          expect(waiting.map(([, position]) => position).toSorted((a, b) => a - b)).toEqual(
            waiting.map((_, index) => index + 1),
          );
          if (holding.length < count) expect(waiting).toEqual([]);
        }
      }),
    );
  });
});
