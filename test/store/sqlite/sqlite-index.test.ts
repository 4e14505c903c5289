import { describe, expect, test } from '@jest/globals';
import { DatabaseSync } from 'node:sqlite';
import { kindCount } from '../../../src/store/file-kinds.ts';
import { fileOf, indexRow, indexRowBefore, isOneOf, kindIn } from '../../../src/store/sqlite/sqlite-index.ts';
import * as fc from '../../helpers/properties.ts';

const fids = fc.oneof(fc.integer({ min: 1, max: 2 ** 42 - 1 }), fc.integer({ min: 1, max: 1_000 }));
const kinds = fc.nat({ max: kindCount - 1 });

describe('rows of the index', () => {
  const database = new DatabaseSync(':memory:');
  const read = database.prepare(
    `SELECT ${fileOf('row')} AS fid, ${kindIn('row')} AS kind, ${isOneOf('row', 8)} AS isTold FROM (SELECT CAST(? AS INTEGER) AS row)`,
  );

  test('tell file and kind, in SQL too', () => {
    fc.assert(
      fc.property(fids, kinds, (fid, kind) => {
        expect(Number.isSafeInteger(indexRow(fid, kind))).toBe(true);
        expect(read.get(indexRow(fid, kind))).toMatchObject({ fid, kind });
      }),
    );
  });

  test('are smaller for newer files, whatever their kinds', () => {
    fc.assert(
      fc.property(fids, fids, kinds, kinds, (one, other, kind, another) => {
        fc.pre(one !== other);
        expect(indexRow(one, kind) < indexRow(other, another)).toBe(one > other);
        expect(indexRow(one, kind) > indexRowBefore(other)).toBe(one < other);
      }),
    );
  });

  test('of all files lie behind that of a number no file has, which is an integer for SQLite', () => {
    expect(indexRowBefore(Number.MAX_SAFE_INTEGER)).toBeLessThan(indexRow(2 ** 42 - 1, 0));
    const kept = database.prepare('SELECT typeof(?) AS type').get(indexRowBefore(5));
    expect(kept).toEqual({ type: 'integer' });
  });

  test('are one of so many, by their files', () => {
    const told = Array.from({ length: 64 }, (_, at) => read.get(indexRow(at + 1, at))?.['isTold']);
    expect(told.filter((isTold) => isTold === 1)).toHaveLength(8);
  });
});
