import { describe, expect, test } from '@jest/globals';
import { table, type Column } from '../../src/cli/table.ts';

const layout: readonly Column[] = [{ title: 'NAME', shrink: 'middle' }, { title: 'ID' }];
const long = 'x'.repeat(300);

describe('a table', () => {
  test.each([undefined, 1_000])('with one very long name widens that line alone (%s columns)', (columns) => {
    const [titles = '', short = '', wide] = table(layout, [['a', '1'], [long, '2']], columns); // prettier-ignore
    expect(wide).toBe(`${long}  2`);
    expect(short.length).toBeLessThan(80);
    expect(short.indexOf('1')).toBe(titles.indexOf('ID'));
  });

  test('is as narrow as its texts, and no line is longer than the terminal', () => {
    expect(table(layout, [['ab', '1']], undefined)).toEqual(['NAME  ID', 'ab    1']);
    const lines = table(layout, [['ab', '11'], [long, '22']], 100); // prettier-ignore
    expect(Math.max(...lines.map((line) => line.length))).toBe(100);
    expect(lines[2]).toMatch(/^x+…x+  22$/);
  });
});
