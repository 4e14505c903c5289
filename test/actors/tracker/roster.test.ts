import { describe, expect, test } from '@jest/globals';
import { Roster, type Entry } from '../../../src/actors/tracker/roster.ts';
import { peerId } from '../../../src/core/ids.ts';
import * as fc from '../../helpers/properties.ts';

const limits = { maxConnections: 6, maxConnectionsPerHost: 3, maxConnectionsPerNetwork: 5 };
const peerOf = (number: number) => peerId(new Uint8Array(32).fill(number));
const arrivalOf = (number: number) => ({
  peer: peerOf(number),
  name: `${number}`,
  host: '10.0.0.1',
  port: 9,
});

/** Somebody who is listed. */
function arrive(roster: Roster, number: number, host = '10.0.0.1', listener = 0): Entry {
  const entry = roster.admit(host, listener);
  roster.secured(entry.slot, entry.session);
  roster.arriving(entry.slot, entry.session, arrivalOf(number));
  roster.arrived(entry.slot, entry.session);
  return entry;
}

describe('the roster lets in', () => {
  test('so many in all, of an address, and of a network', () => {
    const roster = new Roster(12);
    for (let number = 0; number < 3; number++) roster.admit('10.0.0.1', 0);
    expect(roster.refusal('10.0.0.1', limits)).toBe('address');
    expect(roster.refusal('10.0.0.2', limits)).toBeUndefined();
    roster.admit('10.0.0.2', 0);
    roster.admit('10.0.0.3', 0);
    expect(roster.refusal('10.0.0.4', limits)).toBe('network');
    expect(roster.refusal('10.0.1.4', limits)).toBeUndefined();
    const last = roster.admit('2001:db8:1:2::1', 0);
    expect(roster.refusal('10.0.1.4', limits)).toBe('full');
    roster.leave(last);
    expect(roster.refusal('10.0.1.4', limits)).toBeUndefined();
  });

  test('nobody without a slot, also when those that left have not been let go of', () => {
    const roster = new Roster(2);
    const gone = roster.admit('10.0.0.1', 0);
    roster.admit('10.0.0.2', 0);
    roster.leave(gone);
    expect(roster.refusal('10.0.0.3', limits)).toBe('full');
    roster.released(gone.slot, gone.session);
    expect(roster.refusal('10.0.0.3', limits)).toBeUndefined();
    expect(roster.admit('10.0.0.3', 0).slot).toBe(gone.slot);
  });
});

describe('of handshakes the roster', () => {
  test('names the oldest of the address that has most', () => {
    const roster = new Roster(12);
    roster.admit('10.0.0.9', 0);
    const [first, second] = [roster.admit('10.0.0.1', 0), roster.admit('10.0.0.1', 0)];
    expect(roster.crowding()).toBe(first);
    roster.secured(first.slot, first.session);
    roster.admit('10.0.0.1', 0);
    expect(roster.crowding()).toBe(second);
    expect(roster.handshakes).toBe(3);
  });
});

test('where all come from addresses of their own, nobody makes room for another', () => {
  const roster = new Roster(12);
  for (let number = 0; number < 4; number++) roster.admit(`10.0.0.${number}`, 0);
  expect(roster.crowding()).toBeUndefined();
});

describe('who is listed', () => {
  test('is the one that the registry was asked for last, whichever is heard of first', () => {
    const roster = new Roster(12);
    const [one, other] = [roster.admit('10.0.0.1', 0), roster.admit('10.0.0.2', 1)];
    for (const { slot, session } of [other, one]) roster.arriving(slot, session, arrivalOf(1));
    expect(roster.arrived(one.slot, one.session)).toBeUndefined();
    expect(roster.arrived(other.slot, other.session)).toBe(other);
    expect(roster.ofPeer(peerOf(1))).toBe(one);
    expect([...roster.listed()].map(({ session }) => session)).toEqual([one.session]);
  });

  test('has ended with its connection, once, and leaves a later one of the same peer alone', () => {
    const roster = new Roster(12);
    const old = arrive(roster, 1);
    const young = arrive(roster, 1);
    roster.leave(old);
    roster.released(old.slot, old.session);
    expect(roster.ended).toEqual([{ peer: peerOf(1), session: old.session }]);
    expect(roster.ofPeer(peerOf(1))).toBe(young);
  });

  test('is not who comes too late: its slot is another one by now', () => {
    const roster = new Roster(12);
    const old = roster.admit('10.0.0.1', 0);
    roster.released(old.slot, old.session);
    const next = roster.admit('10.0.0.2', 0);
    expect(next.slot).toBe(old.slot);
    expect(roster.arriving(old.slot, old.session, arrivalOf(1))).toBe(false);
    roster.released(old.slot, old.session);
    expect(roster.ofSlot(next.slot)).toBe(next);
  });

  test('ends with its listener, and those of others do not', () => {
    const roster = new Roster(12);
    const theirs = [arrive(roster, 1), roster.admit('10.0.0.1', 0)];
    const other = arrive(roster, 2, '10.0.0.2', 1);
    roster.table.open(theirs[0]?.slot ?? -1, 5);
    expect(roster.lost(0)).toEqual(theirs);
    expect(roster.ended).toEqual([{ peer: peerOf(1), session: 1 }]);
    expect([roster.size, roster.handshakes, roster.peers]).toEqual([1, 0, 1]);
    expect(roster.table.heardSeconds(theirs[0]?.slot ?? -1)).toBeUndefined();
    expect(roster.ofPeer(peerOf(2))).toBe(other);
    expect(roster.refusal('10.0.0.1', { ...limits, maxConnectionsPerHost: 1 })).toBeUndefined();
  });
});

test('whatever happens in whatever order, nothing is counted twice and nothing is kept', () => {
  const step = fc.record({
    what: fc.constantFrom('admit', 'secured', 'arriving', 'arrived', 'leave', 'released', 'lost'),
    which: fc.nat(9),
    peer: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const roster = new Roster(8);
      const known: Entry[] = [];
      const listed = new Set<number>();
      for (const { what, which, peer } of steps) {
        const host = `10.0.${which % 2}.${which}`;
        const entry = known[which % Math.max(1, known.length)];
        if (what === 'admit') {
          if (roster.refusal(host, limits) === undefined) known.push(roster.admit(host, which % 2));
        } else if (what === 'lost') roster.lost(which % 2);
        else if (entry === undefined) continue;
        else if (what === 'arriving') {
          if (roster.arriving(entry.slot, entry.session, arrivalOf(peer))) listed.add(entry.session);
        } else if (what === 'leave') roster.leave(entry);
        else roster[what](entry.slot, entry.session);
      }
      for (const { slot, session } of known) roster.released(slot, session);
      expect([roster.size, roster.handshakes, roster.peers, roster.crowding()]).toEqual([0, 0, 0, undefined]);
      expect(new Set(roster.ended.map(({ session }) => session))).toEqual(listed);
      expect(roster.ended).toHaveLength(listed.size);
      for (let slot = 0; slot < 6; slot++) {
        const host = `10.${slot}.0.1`;
        expect(roster.refusal(host, limits)).toBeUndefined();
        roster.admit(host, 0);
      }
    }),
  );
});
