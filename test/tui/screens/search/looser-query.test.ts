import { describe, expect, test } from '@jest/globals';
import { looserQuery } from '../../../../src/tui/screens/search/looser-query.ts';
import * as fc from '../../../helpers/properties.ts';

describe('a looser query', () => {
  test.each([
    ['debian ext:iso size:>1G', 'debian'],
    ['debian -type:video', 'debian'],
    ['blue moon -live', 'blue moon'],
    ['"blue moon" rising', 'blue moon rising'],
    ['blue moon rising', 'blue moon'],
    ['blue', undefined],
    ['ext:iso', undefined],
    ['"blue"', 'blue'],
    ['', undefined],
    ['blue peer:"Anna B"', 'blue'],
    ['a|b|c -d', 'a|b|c'],
    ['(blue moon) OR sun type:audio', '(blue moon) OR sun'],
    ['"blue moon" OR sun', 'blue moon OR sun'],
    ['blue OR sun', undefined],
    ['(ext:mkv)', undefined],
    ['blue "OR"', undefined],
    ['type:movie blue', 'blue'],
    ['"blue', undefined],
  ])('than %j is %j', (text, looser) => {
    expect(looserQuery(text)).toBe(looser);
  });

  test('comes to an end, whatever was written', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        let query: string | undefined = text;
        let steps = 0;
        while (query !== undefined) {
          const next: string | undefined = looserQuery(query);
          if (next !== undefined) expect(next.length).toBeLessThan(query.length);
          query = next;
          steps += 1;
        }
        expect(steps).toBeLessThan(70);
      }),
    );
  });
});
