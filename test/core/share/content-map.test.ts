import { describe, expect, test } from '@jest/globals';
import { ContentMap } from '../../../src/core/share/content-map.ts';
import type { ContentId } from '../../../src/core/ids.ts';
import * as fc from '../../helpers/properties.ts';

interface Held {
  readonly id: ContentId;
  readonly version: number;
}

const idOf = ({ id }: Held): ContentId => id;
const idNumber = (number: number): ContentId => `id-${number}` as ContentId;

describe('a map by content', () => {
  test('answers as a map of ids does, in its order, whatever comes and goes', () => {
    const step = fc.record({ isSet: fc.boolean(), id: fc.nat(40).map(idNumber), version: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const map = new ContentMap(idOf);
        const model = new Map<ContentId, Held>();
        for (const { isSet, id, version } of steps) {
          if (isSet) {
            map.set(id, { id, version });
            model.set(id, { id, version });
          } else {
            map.delete(id);
            model.delete(id);
          }
          expect(map.size).toBe(model.size);
          expect(map.get(id)).toEqual(model.get(id));
        }
        expect([...map.values()]).toEqual([...model.values()]);
        for (let number = 0; number <= 41; number++)
          expect(map.get(idNumber(number))).toEqual(model.get(idNumber(number)));
      }),
    );
  });

  test('gives all that stay, each once, though others go and so many come that there must be more room', () => {
    const map = new ContentMap(idOf);
    const put = (number: number): void => map.set(idNumber(number), { id: idNumber(number), version: 0 });
    for (let number = 0; number < 40; number++) put(number);
    const { room } = map;
    const given: ContentId[] = [];
    for (const { id } of map.values()) {
      given.push(id);
      if (given.length !== 20) continue;
      for (let number = 0; number < 20; number += 2) map.delete(idNumber(number));
      for (let number = 100; number < 300; number++) put(number);
    }
    expect(map.room).toBeGreaterThan(room);
    expect(given.slice(0, 40)).toEqual(Array.from({ length: 40 }, (_, number) => idNumber(number)));
    expect(new Set(given).size).toBe(given.length);
  });

  test('holds many, and takes no more room when as many come as go', () => {
    const map = new ContentMap(idOf);
    const count = 50_000;
    for (let number = 0; number < count; number++) {
      map.set(idNumber(number), { id: idNumber(number), version: 0 });
      if (number >= 100) map.delete(idNumber(number - 100));
    }
    expect(map.size).toBe(100);
    expect(map.room).toBeLessThan(1_000);
    expect(Array.from(map.values(), idOf)).toEqual(
      Array.from({ length: 100 }, (_, at) => idNumber(count - 100 + at)),
    );
    expect(map.get(idNumber(0))).toBeUndefined();
  });
});
