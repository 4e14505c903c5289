import { describe, expect, test } from '@jest/globals';
import { formatLink, parseLink } from '../../src/core/shoal-link.ts';
import { ok } from '../../src/core/result.ts';
import { contentId } from '../cli/fakes.ts';
import * as fc from '../helpers/properties.ts';

describe('shoal: links', () => {
  test('what is written is read back', () => {
    const name = fc.option(fc.string({ unit: 'grapheme', minLength: 1 }), { nil: undefined });
    const size = fc.option(fc.nat(), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(255), name, size, (seed, name, sizeBytes) => {
        const link = { id: contentId(seed), name, sizeBytes };
        expect(parseLink(formatLink(link))).toEqual(ok(link));
      }),
    );
  });

  test('labels that are unknown or make no sense are left out', () => {
    expect(parseLink(`shoal:${contentId(1)}?x=y&size=-5&name=a+b`)).toEqual(
      ok({ id: contentId(1), name: 'a b', sizeBytes: undefined }),
    );
  });

  test.each(['shoal:', 'shoal:abc', `magnet:${contentId(1)}`, `shoal:${contentId(1)}x`])(
    '%s is no link',
    (text) => expect(parseLink(text)).toMatchObject({ ok: false, problem: { code: 'bad-request' } }),
  );
});
