import { describe, expect, test } from '@jest/globals';
import type { Source } from '../../../src/core/catalogue.ts';
import type { ContentId, PeerId } from '../../../src/core/ids.ts';
import {
  maxMembersPerSwarm,
  maxMembershipsPerHost,
  maxSwarmsPerVisitor,
  maxToldOfNewcomer,
  swarmLeaseMs,
} from '../../../src/core/limits/tracker.ts';
import { SwarmBook } from '../../../src/core/swarm/swarm-book.ts';
import * as fc from '../../helpers/properties.ts';

const source = (number: number, port = 1): Source => ({
  peer: `peer ${number}` as PeerId,
  name: '',
  host: '10.0.0.1',
  port,
});
const id = 'x' as ContentId;
const bookOf = (random = () => 0): SwarmBook => new SwarmBook(random);

describe('a book of swarms', () => {
  test('names those who came before, and tells them of the newcomer', () => {
    const book = bookOf();
    expect(book.join(1, source(1), id, 50, 0)).toEqual({ id, partial: [], tell: [] });
    expect(book.join(2, source(2), id, 50, 0)).toEqual({ id, partial: [source(1)], tell: [1] });
    expect(book.interested(id)).toEqual([1, 2]);
  });

  test('names nobody who cannot be reached, and tells of it once it can', () => {
    const book = bookOf();
    book.join(1, source(1, 0), id, 50, 0);
    expect(book.join(2, source(2), id, 50, 0)).toMatchObject({ partial: [], tell: [1] });
    expect(book.join(1, source(1, 9), id, 50, 0)).toMatchObject({ partial: [source(2)], tell: [2] });
    expect(book.join(1, source(1, 9), id, 50, 0)).toMatchObject({ tell: [] });
  });

  test('names nobody to itself, over however many connections it comes', () => {
    const book = bookOf();
    book.join(1, source(1), id, 50, 0);
    expect(book.join(2, source(1, 2), id, 50, 0)).toMatchObject({ partial: [], tell: [] });
  });

  test('forgets who leaves, who goes, and who does not say it again in time', () => {
    const book = bookOf();
    for (const visitor of [1, 2, 3]) book.join(visitor, source(visitor), id, 50, 0);
    book.leave(1, [id]);
    book.left(2);
    expect(book.interested(id)).toEqual([3]);
    book.join(4, source(4), id, 50, 10);
    book.sweep(swarmLeaseMs);
    expect(book.interested(id)).toEqual([4]);
  });

  test('names and tells no more than is asked for, at random', () => {
    let turn = 0;
    const book = bookOf(() => (turn += 0.37) % 1);
    for (let visitor = 0; visitor < 200; visitor++) book.join(visitor, source(visitor), id, 50, 0);
    const { partial, tell } = book.join(1000, source(1000), id, 10, 0);
    expect(new Set(partial.map(({ peer }) => peer)).size).toBe(10);
    expect(new Set(tell).size).toBe(maxToldOfNewcomer);
    const again = book.join(1000, source(1000), id, 10, 0);
    expect(again.partial).not.toEqual(partial);
  });

  test('remembers no more than it has room for, of one visitor and in one swarm', () => {
    const book = bookOf();
    for (let at = 0; at < maxSwarmsPerVisitor + 5; at++) book.join(1, source(1), `${at}` as ContentId, 1, 0);
    expect(book.memberships).toBe(maxSwarmsPerVisitor);
    for (let at = 0; at < maxMembersPerSwarm + 5; at++) book.join(10 + at, source(10 + at), id, 1, 0);
    expect(book.memberships).toBe(maxSwarmsPerVisitor + maxMembersPerSwarm);
    book.left(1);
    expect(book.memberships).toBe(maxMembersPerSwarm);
  });

  test('remembers no more of one host than its part, so that it keeps no other out', () => {
    const book = bookOf();
    const visitors = Math.ceil(maxMembershipsPerHost / maxSwarmsPerVisitor) + 1;
    for (let visitor = 0; visitor < visitors; visitor++)
      for (let at = 0; at < maxSwarmsPerVisitor; at++)
        book.join(visitor, source(visitor), `${at}` as ContentId, 1, 0);
    expect(book.memberships).toBe(maxMembershipsPerHost);
    book.join(1000, { ...source(1000), host: '10.0.0.2' }, id, 1, 0);
    expect(book.memberships).toBe(maxMembershipsPerHost + 1);
    for (let visitor = 0; visitor < visitors; visitor++) book.left(visitor);
    book.join(0, source(0), id, 1, 0);
    expect(book.memberships).toBe(2);
  });

  test('counts what it remembers, whatever happens', () => {
    const visitor = fc.nat(4);
    const content = fc.constantFrom('x', 'y', 'z');
    const step = fc.oneof(
      fc.record({ does: fc.constant('join' as const), visitor, content, port: fc.nat(2) }),
      fc.record({ does: fc.constant('leave' as const), visitor, content }),
      fc.record({ does: fc.constant('left' as const), visitor }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = bookOf();
        const members = new Map<string, Map<number, number>>();
        for (const done of steps) {
          if (done.does === 'join') {
            const swarm = members.get(done.content) ?? new Map<number, number>();
            members.set(done.content, swarm);
            const { partial } = book.join(
              done.visitor,
              source(done.visitor, done.port),
              done.content as ContentId,
              50,
              0,
            );
            const expected = [...swarm].filter(([other, port]) => other !== done.visitor && port > 0);
            expect(partial.map(({ peer }) => peer)).toEqual(expected.map(([other]) => `peer ${other}`));
            swarm.set(done.visitor, done.port);
          } else if (done.does === 'leave') {
            book.leave(done.visitor, [done.content as ContentId]);
            members.get(done.content)?.delete(done.visitor);
          } else {
            book.left(done.visitor);
            for (const swarm of members.values()) swarm.delete(done.visitor);
          }
          expect(book.memberships).toBe([...members.values()].reduce((sum, { size }) => sum + size, 0));
        }
      }),
    );
  });
});
