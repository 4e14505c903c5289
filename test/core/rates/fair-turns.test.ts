import { describe, expect, test } from '@jest/globals';
import { FairTurns } from '../../../src/core/rates/fair-turns.ts';
import { array, assert, integer, property } from '../../helpers/properties.ts';

const weights = array(integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 });

/** Gives turns of these sizes, one after the other, to whose turn it is; gives what each has had. */
function play(turns: FairTurns<number>, wanting: readonly number[], sizes: readonly number[], of: number[]) {
  const had = new Map(wanting.map((who) => [who, 0]));
  for (const size of sizes) {
    const who = turns.next(wanting);
    if (who === undefined) throw new Error('Somebody wants a turn');
    had.set(who, (had.get(who) ?? 0) + size);
    turns.had(who, size / (of[who] ?? 1));
  }
  return had;
}

describe('turns', () => {
  test('are shared by weight, to within a turn of each, however different they are', () => {
    assert(
      property(weights, array(integer({ min: 1, max: 1000 }), { maxLength: 300 }), (of, sizes) => {
        const all = [...of.keys()];
        const had = play(new FairTurns(), all, sizes, of);
        const most = Math.max(1, ...sizes);
        for (const one of all)
          for (const other of all) {
            const share = (who: number): number => (had.get(who) ?? 0) / (of[who] ?? 1);
            const bound = most / (of[one] ?? 1) + most / (of[other] ?? 1);
            expect(Math.abs(share(one) - share(other))).toBeLessThanOrEqual(bound + 1e-6);
          }
      }),
    );
  });

  test('come at once to who is new, and make up nothing for the time before', () => {
    const turns = new FairTurns<number>();
    play(
      turns,
      [0, 1],
      Array.from({ length: 100 }, () => 10),
      [1, 1],
    );
    expect(turns.next([0, 1, 2])).toBe(2);
    const had = play(
      turns,
      [0, 1, 2],
      Array.from({ length: 30 }, () => 10),
      [1, 1, 1],
    );
    expect([...had.values()]).toEqual([100, 100, 100]);
  });

  test('are not owed to who wanted none for a while', () => {
    const turns = new FairTurns<number>();
    play(turns, [0, 1], [10, 10], [1, 1]);
    play(
      turns,
      [0],
      Array.from({ length: 50 }, () => 10),
      [1],
    );
    const had = play(
      turns,
      [0, 1],
      Array.from({ length: 20 }, () => 10),
      [1, 1],
    );
    expect(Math.abs((had.get(0) ?? 0) - (had.get(1) ?? 0))).toBeLessThanOrEqual(10);
  });

  test('come to who waits, however many come for one and leave', () => {
    const turns = new FairTurns<number>();
    let had = 0;
    for (let newcomer = 1; newcomer <= 1000; newcomer++) {
      const who = turns.next([0, newcomer]);
      turns.had(who ?? 0, 10);
      if (who === 0) had += 1;
      else turns.leave(newcomer);
    }
    expect(had).toBeGreaterThanOrEqual(450);
    expect(had).toBeLessThanOrEqual(550);
  });

  test('come to who waits even where others are preferred for a while', () => {
    const turns = new FairTurns<number>();
    // The last two find no room again and again.
    for (let turn = 0; turn < 100; turn++) {
      turns.next([0, 1, 2, 3]);
      turns.had(turns.next([0, 1]) ?? 0, 10);
    }
    const had = play(
      turns,
      [0, 1, 2, 3],
      Array.from({ length: 98 }, () => 10),
      [1, 1, 1, 1],
    );
    expect([had.get(2), had.get(3)]).toEqual([490, 490]);
  });

  test('come in time to who waits while several that leave after one are always there', () => {
    const turns = new FairTurns<number>();
    turns.had(0, 100);
    let waiting = [1, 2, 3];
    let turnsBefore = 0;
    for (let newcomer = 4; turns.next([0, ...waiting]) !== 0; newcomer++) {
      const [who = 0] = waiting;
      turns.had(who, 10);
      turns.leave(who);
      waiting = [...waiting.slice(1), newcomer];
      turnsBefore += 1;
    }
    // Ten of each of the three that are there at a time.
    expect(turnsBefore).toBeLessThanOrEqual(30);
  });

  test('are remembered of nobody who has left', () => {
    const turns = new FairTurns<number>();
    for (let who = 1; who <= 1000; who++) {
      expect(turns.next([who])).toBe(who);
      turns.had(who, 1 + (who % 7));
      turns.had(-1 - (who % 3), 5);
      turns.leave(who);
      expect(turns.size).toBeLessThanOrEqual(3);
    }
    for (const who of [-1, -2, -3]) turns.leave(who);
    expect(turns.size).toBe(0);
  });

  test("are nobody's where nobody wants one", () => {
    expect(new FairTurns<string>().next([])).toBeUndefined();
  });
});
