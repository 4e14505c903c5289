import { describe, expect, test } from '@jest/globals';
import { contentId, decodeId, encodeId, idBytes, idLength, isId } from '../../src/core/ids.ts';
import * as fc from '../helpers/properties.ts';

const ids = fc.uint8Array({ minLength: idBytes, maxLength: idBytes });

describe('ids as text', () => {
  test('what is written is read back', () => {
    fc.assert(
      fc.property(ids, (bytes) => {
        const text = encodeId(bytes);
        expect(text).toMatch(/^[a-z2-7]{52}$/);
        expect(decodeId(text)).toEqual(bytes);
      }),
    );
  });

  test('the alphabet is that of RFC 4648', () => {
    expect(encodeId(new Uint8Array(idBytes))).toBe('a'.repeat(idLength));
    expect(encodeId(new Uint8Array(idBytes).fill(255))).toBe(`${'7'.repeat(51)}q`);
  });

  test.each([
    ['empty', ''],
    ['too short', 'a'.repeat(idLength - 1)],
    ['too long', 'a'.repeat(idLength + 1)],
    ['upper case', 'A'.repeat(idLength)],
    ['outside the alphabet', `${'a'.repeat(51)}1`],
    ['a second spelling of the same bytes', `${'a'.repeat(51)}b`],
  ])('%s is no id', (_, text) => {
    expect(isId(text)).toBe(false);
  });

  test('bytes of another length are our own mistake', () => {
    expect(() => contentId(new Uint8Array(31))).toThrow(RangeError);
  });
});
