import { describe, expect, test } from '@jest/globals';
import { Assignment } from '../../../src/core/swarm/assignment.ts';
import { Bitfield } from '../../../src/core/swarm/bitfield.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import { sourceCreditMs } from '../../../src/core/limits/downloads.ts';
import type { Manifest } from '../../../src/core/swarm/manifest.ts';
import { minPieceLength } from '../../../src/core/swarm/piece-length.ts';
import type { Order } from '../../../src/core/swarm/piece-order.ts';
import { piecesOf } from '../../../src/core/swarm/piece-ranges.ts';
import * as fc from '../../helpers/properties.ts';

const a = 'a' as PeerId;
const b = 'b' as PeerId;

const manifest = (pieces: number): Manifest => ({
  sizeBytes: pieces * minPieceLength,
  pieceLength: minPieceLength,
  leaves: new Uint8Array(pieces * 32),
});

const assignmentOf = (pieces: number): Assignment =>
  new Assignment(manifest(pieces), new Bitfield(pieces), () => 0);

const delivery = (first: number, count: number, spoiled = 0) => ({
  verified: count > 0 ? [{ first, count }] : [],
  spoiled: spoiled > 0 ? [{ first, count: spoiled }] : [],
  receivedBytes: (count + spoiled) * minPieceLength,
});

const wantedOf = (orders: readonly Order[], peer: PeerId): number[] =>
  orders
    .filter((order) => order.type === 'want' && order.peer === peer)
    .flatMap(({ ranges }) => [...piecesOf(ranges)]);

describe('an assignment', () => {
  test('gives a new source some work, and more as it turns out to be fast', () => {
    const assignment = assignmentOf(4000);
    assignment.join(a, 'everything', 0);
    const first = wantedOf(assignment.topUp(0), a);
    expect(first.length).toBeGreaterThan(8);
    expect(first.length).toBeLessThan(64);
    expect(assignment.topUp(1)).toEqual([]);
    assignment.delivered(a, delivery(0, first.length), 50);
    expect(wantedOf(assignment.topUp(50), a).length).toBeGreaterThan(2 * first.length);
  });

  test('counts what has come of pieces under way, until they are here or nobody brings them', () => {
    const assignment = assignmentOf(4);
    assignment.join(a, 'everything', 0);
    assignment.topUp(0);
    const part = { verified: [], spoiled: [], receivedBytes: minPieceLength / 4 };
    assignment.delivered(a, part, 10);
    expect(assignment.arrivingBytes).toBe(minPieceLength / 4);
    assignment.delivered(a, { ...delivery(0, 1), receivedBytes: minPieceLength }, 20);
    expect(assignment.arrivingBytes).toBe(minPieceLength / 4);
    assignment.delivered(a, { ...part, receivedBytes: 9 * minPieceLength }, 30);
    expect(assignment.arrivingBytes).toBe(3 * minPieceLength);
    assignment.leave(a);
    expect(assignment.arrivingBytes).toBe(0);
  });

  test('counts nothing under way once all is here, though the last piece is shorter', () => {
    const whole = { ...manifest(2), sizeBytes: minPieceLength + 5, leaves: new Uint8Array(64) };
    const assignment = new Assignment(whole, new Bitfield(2), () => 0);
    assignment.join(a, 'everything', 0);
    assignment.topUp(0);
    assignment.delivered(a, { ...delivery(0, 2), receivedBytes: minPieceLength + 5 }, 10);
    expect(assignment.arrivingBytes).toBe(0);
  });

  test('tells a source to leave what another delivered first', () => {
    const assignment = assignmentOf(4);
    assignment.join(a, 'everything', 0);
    assignment.join(b, 'everything', 0);
    assignment.topUp(0);
    const { fresh, orders } = assignment.delivered(b, delivery(0, 1), 10);
    expect(fresh).toEqual([0]);
    expect(orders).toEqual([{ type: 'leave', peer: a, ranges: [{ first: 0, count: 1 }] }]);
    expect(assignment.delivered(a, delivery(0, 1), 20)).toEqual({ fresh: [], wasted: 1, orders: [] });
  });

  test('gives the work of a source that stands still to one that does not', () => {
    const assignment = assignmentOf(20);
    assignment.join(a, 'everything', 0);
    expect(wantedOf(assignment.topUp(0), a)).toHaveLength(20);
    assignment.join(b, 'everything', 10_000);
    const orders = assignment.topUp(10_000);
    expect(wantedOf(orders, b)).toHaveLength(20);
    expect(orders[0]).toMatchObject({ type: 'leave', peer: a });
  });

  test('knows the best place in a queue only when every source makes us wait', () => {
    const assignment = assignmentOf(20);
    assignment.join(a, 'everything', 0);
    assignment.join(b, 'everything', 0);
    assignment.queued(a, 4);
    expect(assignment.queuePosition).toBeUndefined();
    assignment.queued(b, 2);
    expect(assignment.queuePosition).toBe(2);
  });

  test('keeps its place in a queue whoever else downloads the same and has nothing for us yet', () => {
    const assignment = assignmentOf(20);
    assignment.join(a, 'everything', 0);
    assignment.queued(a, 1);
    assignment.join(b, new Bitfield(20), 0);
    expect(assignment.queuePosition).toBe(1);
    assignment.gained(b, [{ first: 3, count: 1 }]);
    expect(assignment.queuePosition).toBeUndefined();
    assignment.delivered(b, delivery(3, 1), 10);
    expect(assignment.queuePosition).toBe(1);
  });

  test('counts a source as at work from when it has work, and no longer once it has not been heard of', () => {
    const assignment = assignmentOf(4000);
    assignment.join(a, 'everything', 0);
    assignment.join(b, 'everything', 0);
    expect(assignment.working(0)).toBe(0);
    assignment.queued(b, 2);
    assignment.topUp(0);
    expect(assignment.working(0)).toBe(1);
    assignment.delivered(a, { verified: [], spoiled: [], receivedBytes: 4096 }, sourceCreditMs - 1);
    expect(assignment.working(2 * sourceCreditMs - 2)).toBe(1);
    expect(assignment.working(2 * sourceCreditMs)).toBe(0);
  });

  test('has no place in a queue where nobody has anything for us', () => {
    const assignment = assignmentOf(20);
    assignment.join(a, new Bitfield(20), 0);
    assignment.queued(a, 1);
    expect(assignment.queuePosition).toBeUndefined();
    expect(assignment.hasWork(0)).toBe(false);
  });

  test('is complete from the start when everything is there', () => {
    expect(new Assignment(manifest(3), Bitfield.full(3)).isComplete).toBe(true);
    expect(assignmentOf(0).isComplete).toBe(true);
  });

  test('always comes to its end while one source delivers, whatever the others do', () => {
    const event = fc.record({
      peer: fc.constantFrom('b' as PeerId, 'c' as PeerId),
      does: fc.constantFrom('join', 'leave', 'queue', 'spoil', 'deliver'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const pieces = 60;
        const assignment = assignmentOf(pieces);
        const held = new Map<PeerId, Set<number>>([[a, new Set()]]);
        const got = new Set<number>();
        let nowMs = 0;
        const carryOut = (orders: readonly Order[]): void => {
          for (const { type, peer, ranges } of orders)
            for (const piece of piecesOf(ranges)) {
              if (type === 'want') held.get(peer)?.add(piece);
              else held.get(peer)?.delete(piece);
            }
        };
        const deliver = (peer: PeerId, isRight: boolean): void => {
          const [piece] = held.get(peer) ?? [];
          if (piece === undefined) return;
          held.get(peer)?.delete(piece);
          const { fresh, orders } = assignment.delivered(
            peer,
            isRight ? delivery(piece, 1) : delivery(piece, 0, 1),
            nowMs,
          );
          for (const one of fresh) {
            expect(got.has(one)).toBe(false);
            got.add(one);
          }
          carryOut(orders);
        };
        assignment.join(a, 'everything', 0);
        for (const { peer, does } of events) {
          nowMs += 100;
          if (does === 'join') {
            if (!held.has(peer)) assignment.join(peer, 'everything', nowMs);
            held.set(peer, held.get(peer) ?? new Set());
          } else if (does === 'leave') {
            assignment.leave(peer);
            held.delete(peer);
          } else if (does === 'queue') assignment.queued(peer, 3);
          else deliver(peer, does === 'deliver');
          carryOut(assignment.topUp(nowMs));
          deliver(a, true);
        }
        for (let step = 0; step < 500 && !assignment.isComplete; step++) {
          nowMs += 100;
          deliver(a, true);
          carryOut(assignment.topUp(nowMs));
        }
        expect(assignment.isComplete).toBe(true);
        expect(got.size).toBe(pieces);
      }),
    );
  });

  test('gives a source what it has, as it says so', () => {
    const assignment = assignmentOf(64);
    const claim = new Bitfield(64);
    claim.set(3);
    assignment.told(a, { claim: claim.encode(), gained: [] }, 0);
    expect(wantedOf(assignment.topUp(0), a)).toEqual([3]);
    assignment.told(a, { claim: undefined, gained: [{ first: 7, count: 2 }] }, 0);
    expect(wantedOf(assignment.topUp(0), a)).toEqual([7, 8]);
    assignment.told(a, { claim: undefined, gained: [{ first: 60, count: 100 }] }, 0);
    expect(wantedOf(assignment.topUp(0), a)).toEqual([60, 61, 62, 63]);
    expect(assignment.stateOf(a, 0)).toMatchObject({ havePieces: 7, isUseful: true });
    expect(assignment.copies).toBeCloseTo(7 / 64);
  });

  test('gives who stands still, or makes us wait, no more than one piece', () => {
    const assignment = assignmentOf(4000);
    assignment.join(a, 'everything', 0);
    assignment.queued(a, 2);
    expect(wantedOf(assignment.topUp(0), a)).toHaveLength(1);
    assignment.join(b, 'everything', 0);
    const given = wantedOf(assignment.topUp(0), b);
    expect(given.length).toBeGreaterThan(1);
    const late = sourceCreditMs + 1;
    for (const piece of given) assignment.delivered(b, delivery(piece, 1), late - 1);
    assignment.topUp(late);
    expect(wantedOf(assignment.topUp(3 * late), b)).toEqual([]);
  });

  test('knows who would be missed least', () => {
    const assignment = assignmentOf(64);
    assignment.join(a, 'everything', 0);
    expect(assignment.leastUseful(0)).toBeUndefined();
    assignment.told(b, { claim: new Bitfield(64).encode(), gained: [] }, 0);
    expect(assignment.leastUseful(0)).toBe(b);
    assignment.join(b, 'everything', 0);
    assignment.topUp(0);
    assignment.delivered(a, delivery(0, 8), 100);
    expect(assignment.leastUseful(100)).toBe(b);
  });

  test('takes short runs where others download the same, and long ones where not', () => {
    const runs = (assignment: Assignment): number =>
      assignment.topUp(0).reduce((sum, { ranges }) => sum + ranges.length, 0);
    const alone = new Assignment(manifest(4000), new Bitfield(4000), numbers());
    alone.join(a, 'everything', 0);
    expect(runs(alone)).toBe(1);
    const together = new Assignment(manifest(4000), new Bitfield(4000), numbers());
    together.join(a, 'everything', 0);
    together.told(b, { claim: new Bitfield(4000).encode(), gained: [] }, 0);
    expect(runs(together)).toBeGreaterThan(16);
  });
});

/** Numbers in [0, 1) that are the same every time. */
function numbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
