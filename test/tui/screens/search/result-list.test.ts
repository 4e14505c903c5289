import { describe, expect, test } from '@jest/globals';
import type { SearchResult } from '../../../../src/core/catalogue.ts';
import { ResultList } from '../../../../src/tui/screens/search/result-list.ts';
import { Found } from '../../../../src/tui/screens/search/found.ts';
import { LocalCopies } from '../../../../src/tui/screens/search/local-copies.ts';
import { maxMadeRows } from '../../../../src/core/limits/screen.ts';
import * as fc from '../../../helpers/properties.ts';
import { idOf, result, results, source } from './scene.ts';

const anyResult: fc.Arbitrary<SearchResult> = fc.record(
  {
    id: fc.nat(20).map(idOf),
    name: fc.string(),
    names: fc.array(fc.string(), { maxLength: 3 }),
    sizeBytes: fc.maxSafeNat(),
    type: fc.constantFrom('audio', 'video', 'other'),
    sources: fc.array(fc.nat(4).map(source), { maxLength: 3 }),
    folder: fc.constantFrom('/a/', '/b c/'),
  },
  { requiredKeys: ['id', 'name', 'names', 'sizeBytes', 'type', 'sources'] },
);

describe('a list of results', () => {
  test('gives each as it was given', () => {
    expect([...new ResultList(results)]).toEqual(results.map(withoutUndefined));
    fc.assert(
      fc.property(fc.array(anyResult, { maxLength: 30 }), (given) => {
        const list = new ResultList(given);
        expect([...list]).toEqual(given);
        expect(list.length).toBe(given.length);
        expect(list.at(given.length)).toBe(undefined);
      }),
    );
  });

  test('finds each by its content and size, and all that say to be one content', () => {
    fc.assert(
      fc.property(fc.array(anyResult, { maxLength: 60 }), (given) => {
        const list = new ResultList(given);
        for (const one of given) {
          const at = list.placeOf(one);
          expect(given[at ?? -1]).toMatchObject({ id: one.id, sizeBytes: one.sizeBytes });
          const places = given.flatMap(({ id }, place) => (id === one.id ? [place] : []));
          expect([...list.placesOf(one.id)].toSorted((a, b) => a - b)).toEqual(places);
        }
        expect(list.placeOf({ id: idOf(21), sizeBytes: 1 })).toBe(undefined);
      }),
    );
  });

  test('holds each peer once, and one list for all that come from one peer alone', () => {
    const list = new ResultList([result(1, 'a', 1, 1), result(2, 'b', 2, 1), result(3, 'c', 3, 2)]);
    expect(list.sourcesAt(0)).toBe(list.sourcesAt(1));
    expect(list.sourcesAt(2)[0]).toBe(list.sourcesAt(0)[0]);
    const moved = { ...source(0), host: '192.0.2.9' };
    const other = new ResultList([result(1, 'a', 1, 1), { ...result(2, 'b', 2, 1), sources: [moved] }]);
    expect(other.sourcesAt(1)).toEqual([moved]);
  });
});

describe('the rows of what was found', () => {
  const many = (count: number): ResultList =>
    new ResultList(Array.from({ length: count }, (_, at) => result(at, `film ${at}`, at, 1)));

  test('are the same objects while they are looked at, and only so many are kept', () => {
    const found = new Found();
    found.show(many(3 * maxMadeRows), new LocalCopies(), false);
    const first = found.rowAt(5);
    expect(found.rowAt(5)).toBe(first);
    expect([...found.rows()].map(({ name }) => name)).toHaveLength(3 * maxMadeRows);
    expect(found.rowAt(5)).not.toBe(first);
    expect(found.rowAt(5)?.result).toEqual(first?.result);
  });

  test('are known by content and size, wherever they stand', () => {
    const found = new Found();
    const [one, other] = [result(1, 'a', 5, 1), result(2, 'b', 6, 1)];
    found.show(new ResultList([one, other]), new LocalCopies(), false);
    const id = found.idAt(1) ?? '';
    const removed: unknown[] = [];
    found.watch({ touched: () => undefined, removed: (row) => removed.push(row) });
    found.show(new ResultList([{ ...other, name: 'c' }, one]), new LocalCopies(), false);
    expect(found.slotOf(id)).toBe(0);
    expect(found.get(id)?.name).toBe('c');
    expect(removed).toEqual([]);
    found.clear();
    expect(found.get(id)).toBe(undefined);
    expect(found.size).toBe(0);
    expect(removed).toHaveLength(2);
  });

  test('that come meanwhile wait, with their number, until they are merged', () => {
    const found = new Found();
    const copies = new LocalCopies();
    found.show(new ResultList([result(1, 'a', 5, 1)]), copies, false);
    found.show(new ResultList([result(2, 'b', 6, 1), result(1, 'a', 5, 4)]), copies, true);
    expect([...found.rows()].map(({ sources }) => sources.length)).toEqual([4]);
    expect(found.heldCount).toBe(1);
    found.merge(copies);
    expect([...found.rows()].map(({ name }) => name)).toEqual(['b', 'a']);
    expect(found.heldCount).toBe(0);
  });

  test('another answer about one of them changes that one', () => {
    const found = new Found();
    const copies = new LocalCopies();
    found.show(many(3), copies, false);
    found.update({ ...result(1, 'film 1', 1, 1), sources: [] }, copies);
    expect([...found.rows()].map(({ sources }) => sources.length)).toEqual([1, 0, 1]);
  });
});

function withoutUndefined({ folder, ...rest }: SearchResult): SearchResult {
  return folder === undefined ? rest : { ...rest, folder };
}
