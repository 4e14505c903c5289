import { describe, expect, test } from '@jest/globals';
import { ListOrder, type SortKey } from '../../../src/tui/model/list-order.ts';
import { ListView } from '../../../src/tui/model/list-view.ts';
import { Table } from '../../../src/tui/model/table.ts';
import * as fc from '../../helpers/properties.ts';

interface Row {
  readonly id: number;
  readonly name: string;
  readonly size: number;
}

const byName: SortKey<Row> = {
  key: 'name',
  title: 'name',
  letter: 'n',
  descending: false,
  value: ({ name }) => name,
};
const bySize: SortKey<Row> = {
  key: 'size',
  title: 'size',
  letter: 's',
  descending: true,
  value: ({ size }) => size,
};

function makeList(belongs: (row: Row) => boolean = () => true) {
  const table = new Table<Row>();
  const view = new ListView({
    table,
    order: new ListOrder(table, belongs, { by: byName, descending: false }),
  });
  let nowMs = 0;
  return {
    table,
    view,
    now: () => nowMs,
    /** Lets all pauses pass and all work be done. */
    settle: (): void => {
      nowMs += 10_000;
      for (let round = 0; round < 100 && (view.pending || round === 0); round++) {
        view.settle(nowMs);
        view.work(() => false);
      }
    },
    shown: () => {
      view.setHeight(1_000_000);
      return view.window().map(({ row }) => row.id);
    },
  };
}

const row = (id: number, size = id, name = `n${String(id).padStart(6, '0')}`): Row => ({ id, name, size });

type Step =
  | { readonly do: 'set'; readonly row: Row }
  | { readonly do: 'delete'; readonly id: number }
  | { readonly do: 'sort'; readonly by: SortKey<Row>; readonly descending: boolean }
  | { readonly do: 'filter'; readonly below: number | undefined }
  | { readonly do: 'settle' }
  | { readonly do: 'look' }
  | { readonly do: 'work'; readonly steps: number };

const id = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    row: fc.record({ id, name: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.nat(9) }),
  }),
  fc.record({ do: fc.constant('delete' as const), id }),
  fc.record({
    do: fc.constant('sort' as const),
    by: fc.constantFrom(byName, bySize),
    descending: fc.boolean(),
  }),
  fc.record({ do: fc.constant('filter' as const), below: fc.option(fc.nat(9), { nil: undefined }) }),
  fc.constant({ do: 'settle' as const }),
  fc.constant({ do: 'look' as const }),
  fc.record({ do: fc.constant('work' as const), steps: fc.nat(3) }),
);

describe('a list', () => {
  test('shows what belongs to it and matches, sorted, whatever has happened and in whatever steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const belongs = ({ size }: Row): boolean => size !== 5;
        const list = makeList(belongs);
        const model = new Map<number, { readonly row: Row; readonly sequence: number }>();
        let sort = { by: byName, descending: false };
        let below: number | undefined;
        let sequence = 0;
        for (const each of steps) {
          switch (each.do) {
            case 'set': {
              const known = model.get(each.row.id);
              model.set(each.row.id, { row: each.row, sequence: known?.sequence ?? sequence++ });
              list.table.set(each.row.id, each.row);
              break;
            }
            case 'delete':
              model.delete(each.id);
              list.table.delete(each.id);
              break;
            case 'sort':
              sort = { by: each.by, descending: each.descending };
              list.view.setSort(each.by, each.descending);
              break;
            case 'filter': {
              const limit = each.below;
              below = limit;
              list.view.setFilter(limit === undefined ? undefined : ({ size }) => size < limit);
              break;
            }
            case 'settle':
              list.settle();
              break;
            case 'look':
              // Too early for rows to move: new ones come, old ones go.
              list.view.settle(list.now());
              break;
            case 'work': {
              let left = each.steps;
              list.view.work(() => left-- <= 0);
              break;
            }
          }
        }
        list.settle();
        const value = ({ row: { name, size } }: { readonly row: Row }): string | number =>
          sort.by === byName ? name : size;
        const limit = below;
        const expected = [...model.values()]
          .filter((entry) => belongs(entry.row) && (limit === undefined || entry.row.size < limit))
          .toSorted((one, other) => {
            const sign = sort.descending ? -1 : 1;
            if (value(one) < value(other)) return -sign;
            if (value(one) > value(other)) return sign;
            return one.sequence - other.sequence;
          })
          .map((entry) => entry.row.id);
        expect(list.shown()).toEqual(expected);
        expect(list.view.total).toBe([...model.values()].filter((entry) => belongs(entry.row)).length);
      }),
      { numRuns: 300 },
    );
  });

  test('keeps the cursor on its row, and that row at its line, while others come and go', () => {
    const { table, view, settle } = makeList();
    for (let at = 100; at < 200; at++) table.set(at, row(at));
    settle();
    view.setHeight(10);
    view.moveTo(50, 0);
    const line = (): number => view.window().findIndex(({ cursor }) => cursor);
    const before = line();
    for (let at = 0; at < 100; at++) table.set(at, row(at));
    settle();
    expect([view.cursorId, line()]).toEqual([150, before]);
    for (let at = 0; at < 150; at += 2) table.delete(at);
    settle();
    expect([view.cursorId, line()]).toEqual([150, before]);
  });

  test('goes to the neighbour when the row under the cursor is gone', () => {
    const { table, view, settle } = makeList();
    for (let at = 0; at < 5; at++) table.set(at, row(at));
    settle();
    view.moveTo(2, 0);
    table.delete(2);
    settle();
    expect(view.cursorId).toBe(3);
    table.delete(3);
    table.delete(4);
    settle();
    expect(view.cursorId).toBe(1);
    table.clear();
    settle();
    expect([view.cursorId, view.index]).toEqual([undefined, 0]);
  });

  test('lets no row move while the cursor has just moved, but lets new ones in', () => {
    const { table, view, shown } = makeList();
    for (let at = 0; at < 4; at++) table.set(at, row(at));
    view.settle(5_000);
    view.moveTo(1, 10_000);
    table.set(0, row(0, 0, 'z'));
    table.set(9, row(9, 9, 'a'));
    view.settle(10_500);
    expect(shown()).toEqual([9, 0, 1, 2, 3]);
    view.settle(11_500);
    expect(shown()).toEqual([9, 1, 2, 3, 0]);
    expect(view.cursorId).toBe(1);
  });

  test('re-sorts at most once a second', () => {
    const { table, view, shown } = makeList();
    for (let at = 0; at < 3; at++) table.set(at, row(at));
    view.settle(5_000);
    table.set(0, row(0, 0, 'z'));
    view.settle(5_900);
    expect(shown()).toEqual([0, 1, 2]);
    view.settle(6_100);
    expect(shown()).toEqual([1, 2, 0]);
  });

  test('stays on top until somebody moves, and follows its end where it is told to', () => {
    const { table, view, settle } = makeList();
    table.set(5, row(5));
    settle();
    table.set(1, row(1));
    settle();
    expect(view.index).toBe(0);
    const log = new Table<Row>();
    const tail = new ListView({
      table: log,
      order: new ListOrder(log, () => true, { by: byName, descending: false }),
      followsEnd: true,
    });
    for (let at = 0; at < 10; at++) {
      log.set(at, row(at));
      tail.settle(at);
    }
    expect(tail.index).toBe(9);
    tail.move(-3, 20_000);
    log.set(10, row(10));
    tail.settle(40_000);
    expect(tail.cursorId).toBe(6);
  });

  test('marks rows one by one, by range, all and inverted, and forgets those that are gone', () => {
    const { table, view, settle } = makeList();
    for (let at = 0; at < 6; at++) table.set(at, row(at));
    settle();
    view.moveTo(1, 0);
    view.toggleMark();
    view.toggleRange();
    view.move(2, 0);
    expect(view.selection().map((one) => one.id)).toEqual([1, 2, 3]);
    view.move(-1, 0);
    expect(view.selection().map((one) => one.id)).toEqual([1, 2]);
    view.toggleRange();
    view.move(3, 0);
    expect(view.marks.size).toBe(2);
    view.invertMarks();
    expect(view.selection().map((one) => one.id)).toEqual([0, 3, 4, 5]);
    table.delete(3);
    settle();
    expect(view.selection().map((one) => one.id)).toEqual([0, 4, 5]);
    view.marks.clear();
    expect(view.selection().map((one) => one.id)).toEqual([5]);
    view.markAll();
    expect(view.marks.size).toBe(5);
  });

  test('keeps two lines around the cursor in view', () => {
    const { table, view, settle } = makeList();
    for (let at = 0; at < 100; at++) table.set(at, row(at));
    settle();
    view.setHeight(10);
    view.moveTo(7, 0);
    expect(view.top).toBe(0);
    view.moveTo(8, 0);
    expect(view.top).toBe(1);
    view.moveTo(99, 0);
    expect(view.top).toBe(90);
    view.moveTo(93, 0);
    expect(view.top).toBe(90);
    view.moveTo(91, 0);
    expect(view.top).toBe(89);
  });

  test('never acts on another row than the one that is seen, though its place was taken while it is frozen', () => {
    const { table, view, settle, now } = makeList();
    for (let id = 1; id <= 3; id++) table.set(id, row(id));
    settle();
    view.setHeight(10);
    view.freeze(true);
    table.delete(2);
    table.set(4, row(4));
    view.moveTo(1, now());
    expect(view.window().map(({ id, row: seen }) => [id, seen.id])).toEqual([[1, 1], [2, 2], [3, 3]]); // prettier-ignore
    expect([view.current, view.selection()]).toEqual([undefined, []]);
    view.markAll();
    expect(view.selection().map(({ id }) => id)).toEqual([1, 3]);
  });

  test('forgets the marks of rows that are of another list now, not those of hidden ones', () => {
    const { table, view, settle } = makeList(({ size }) => size < 10);
    for (let id = 1; id <= 3; id++) table.set(id, row(id));
    settle();
    view.markAll();
    view.setFilter(({ id }) => id !== 2);
    table.set(1, row(1, 10));
    settle();
    expect(view.marks.ids()).toEqual([2, 3]);
    view.setFilter(undefined);
    table.set(2, row(2, 10));
    table.set(3, row(3, 10));
    settle();
    table.set(4, row(4));
    settle();
    expect([view.marks.size, view.selection().map(({ id }) => id)]).toEqual([0, [4]]);
  });

  test('marks nothing that is gone, though a range goes on', () => {
    const { table, view, settle, now } = makeList();
    for (let id = 1; id <= 4; id++) table.set(id, row(id));
    settle();
    view.toggleMark();
    view.moveTo(2, now());
    view.toggleRange();
    table.delete(1);
    settle();
    view.move(1, now());
    expect(new Set(view.marks.ids())).toEqual(new Set([3, 4]));
  });

  test('holds still while it is frozen', () => {
    const { table, view, settle, shown } = makeList();
    table.set(1, row(1));
    settle();
    view.freeze(true);
    table.set(1, row(1, 99));
    table.set(0, row(0));
    settle();
    expect(view.window().map((one) => one.row.size)).toEqual([1]);
    view.freeze(false);
    settle();
    expect(shown()).toEqual([0, 1]);
  });

  test('sorts and filters a hundred thousand rows in short steps', () => {
    const { table, view, shown } = makeList();
    for (let at = 0; at < 100_000; at++) table.set(at, row(at, (at * 7919) % 100_003));
    view.settle(5_000);
    view.setSort(bySize, true);
    let steps = 0;
    // A step ends when it is asked for the first time whether its time is over.
    while (view.busy) {
      view.work(() => true);
      steps += 1;
    }
    expect(steps).toBeGreaterThan(100);
    expect(view.total).toBe(100_000);
    view.setFilter(({ size }) => size < 10);
    view.work(() => false);
    expect(shown().map((one) => table.get(one)?.size)).toEqual(
      [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].filter((size) => [...table.rows()].some((one) => one.size === size)),
    );
  });

  test('looks only at the rows that are shown for a filter that is narrowed, finished or not', () => {
    const { table, view, settle, shown } = makeList();
    for (let at = 0; at < 5_000; at++) table.set(at, row(at));
    settle();
    let looks = 0;
    const below = (size: number) => (one: Row) => {
      looks += 1;
      return one.size < size;
    };
    view.setFilter(below(2_000));
    view.work(() => false);
    expect(looks).toBe(5_000);
    looks = 0;
    view.setFilter(below(1_500), true);
    view.work(() => true);
    expect([looks < 600, view.busy]).toEqual([true, true]);
    looks = 0;
    view.setFilter(below(1_000), true);
    view.work(() => false);
    expect([looks, view.length]).toEqual([2_000, 1_000]);
    // One that is begun while all rows are still looked at has to look at all of them.
    view.setFilter(below(900));
    view.work(() => true);
    view.setFilter(below(3), true);
    view.work(() => false);
    expect(shown()).toEqual([0, 1, 2]);
    view.setFilter(undefined);
    view.work(() => false);
    expect(view.length).toBe(5_000);
  });
});
