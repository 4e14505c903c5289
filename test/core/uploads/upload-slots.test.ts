import { describe, expect, test } from '@jest/globals';
import { UploadSlots, type SlotOwner } from '../../../src/core/uploads/upload-slots.ts';
import * as fc from '../../helpers/properties.ts';

const quantumMs = 1000;

/** An identity with a host of its own. */
const alone = (identity: string): SlotOwner<string> => ({ identity, host: `host of ${identity}` });
/** One of many identities of a host. */
const among = (identity: string, host: string): SlotOwner<string> => ({ identity, host });

describe('upload slots', () => {
  test('are given at once while there are free ones, then places in the queue', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    expect(slots.want(1, alone('a'), 0)).toEqual([{ connection: 1, position: 0 }]);
    expect(slots.want(2, alone('b'), 0)).toEqual([{ connection: 2, position: 1 }]);
    expect(slots.want(3, alone('c'), 0)).toEqual([{ connection: 3, position: 2 }]);
    expect(slots.want(3, alone('c'), 0)).toEqual([]);
  });

  test('pass on when given up, and everybody moves up by one', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    for (const connection of [1, 2, 3]) slots.want(connection, alone(`peer${connection}`), 0);
    expect(slots.leave(1, 0)).toEqual([
      { connection: 2, position: 0 },
      { connection: 3, position: 1 },
    ]);
    expect(slots.leave(1, 0)).toEqual([]);
  });

  test('serve identities in turn, however many connections one of them opens', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    for (const connection of [1, 2, 3]) slots.want(connection, alone('greedy'), 0);
    slots.want(4, alone('modest'), 0);
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
    slots.want(1, alone('a'), 0);
    expect(slots.want(2, alone('a'), 0)).toEqual([{ connection: 2, position: 0 }]);
    expect(slots.want(3, alone('a'), 0)).toEqual([{ connection: 3, position: 1 }]);
    expect(slots.want(4, alone('b'), 0)).toEqual([
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
    slots.want(1, alone('a'), 0);
    expect(slots.rotate(quantumMs)).toEqual([]);
    slots.want(2, alone('b'), quantumMs);
    expect(slots.rotate(quantumMs)).toEqual([
      { connection: 2, position: 0 },
      { connection: 1, position: 1 },
    ]);
    expect(slots.rotate(quantumMs + 1)).toEqual([]);
  });

  test('go to hosts in turn, however many identities one of them makes up', () => {
    const slots = new UploadSlots<number, string>(2, quantumMs);
    for (let at = 0; at < 10; at++) slots.want(at, among(`sybil ${at}`, 'one'), 0);
    expect(slots.want(10, among('modest', 'another'), 0)).toContainEqual({ connection: 10, position: 0 });
    expect(slots.want(11, among('third', 'elsewhere'), 0)).toContainEqual({ connection: 11, position: 1 });
    const next = slots.rotate(quantumMs).filter(({ position }) => position === 0);
    expect(next.map(({ connection }) => connection)).toContain(11);
  });

  test('serve the identities of one host in turn', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    for (let at = 0; at < 3; at++) slots.want(at, among('greedy', 'one'), 0);
    slots.want(3, among('modest', 'one'), 0);
    slots.leave(0, 0);
    expect([1, 3, 2].map((connection) => slots.positionOf(connection))).toEqual([0, 1, 2]);
  });

  test('that are more or fewer are given or taken back at once', () => {
    const slots = new UploadSlots<number, string>(1, quantumMs);
    for (const at of [0, 1, 2, 3]) slots.want(at, alone(`peer ${at}`), 0);
    expect(slots.resize(3, 0)).toEqual([
      { connection: 1, position: 0 },
      { connection: 2, position: 0 },
      { connection: 3, position: 1 },
    ]);
    slots.resize(1, 0);
    expect([slots.held, slots.queued]).toEqual([1, 3]);
    expect([0, 3, 1, 2].map((connection) => slots.positionOf(connection))).toEqual([0, 1, 2, 3]);
  });

  test('are never more than there are, never two for one host or identity while another has none, and never idle while somebody waits', () => {
    const step = fc.record({
      kind: fc.constantFrom('want', 'leave', 'rotate'),
      connection: fc.integer({ min: 0, max: 11 }),
      afterMs: fc.integer({ min: 0, max: 700 }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), (count, steps) => {
        const slots = new UploadSlots<number, number>(count, quantumMs);
        const identityOf = (connection: number): number => connection % 4;
        // Two identities share a host.
        const hostOf = (connection: number): string => ['x', 'x', 'y', 'z'][identityOf(connection)] ?? '';
        const ownerOf = (connection: number): SlotOwner<number> => ({
          identity: identityOf(connection),
          host: hostOf(connection),
        });
        const told = new Map<number, number>();
        let nowMs = 0;
        for (const { kind, connection, afterMs } of steps) {
          nowMs += afterMs;
          if (kind === 'leave') told.delete(connection);
          const changes =
            kind === 'want'
              ? slots.want(connection, ownerOf(connection), nowMs)
              : kind === 'leave'
                ? slots.leave(connection, nowMs)
                : slots.rotate(nowMs);
          for (const change of changes) told.set(change.connection, change.position);
          const holding = [...told].filter(([, position]) => position === 0).map(([held]) => held);
          const waiting = [...told].filter(([, position]) => position > 0);
          expect(holding.length).toBeLessThanOrEqual(count);
          const hosts = holding.map(hostOf);
          if (waiting.some(([waiter]) => !hosts.includes(hostOf(waiter))))
            expect(new Set(hosts).size).toBe(hosts.length);
          for (const [waiter] of waiting) {
            const neighbours = holding.filter((held) => hostOf(held) === hostOf(waiter)).map(identityOf);
            if (!neighbours.includes(identityOf(waiter)))
              expect(new Set(neighbours).size).toBe(neighbours.length);
          }
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
