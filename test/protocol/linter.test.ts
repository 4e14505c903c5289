import { describe, expect, test } from '@jest/globals';
import { Packr, Unpackr } from 'msgpackr';
import { RemoteProtocolError } from '../../src/protocol/errors.ts';
import { lint, maxDepth } from '../../src/protocol/linter.ts';
import * as fc from '../helpers/properties.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

/** The code, or why not. */
function judge(...bytes: number[]): number | string {
  return judgeBytes(Uint8Array.from(bytes));
}

function judgeBytes(bytes: Uint8Array): number | string {
  try {
    return lint(bytes, 0, bytes.length);
  } catch (error) {
    if (error instanceof RemoteProtocolError && error.code === 'malformed') return error.message;
    throw error;
  }
}

const many = (length: number, byte: number): number[] => Array.from({ length }, () => byte);
const text = (...bytes: number[]): number[] => [0x92, 1, 0xa0 + bytes.length, ...bytes];

describe('linter', () => {
  test('reads the code', () => {
    expect(judge(0x91, 5)).toBe(5);
    expect(judge(0xdc, 0, 1, 127)).toBe(127);
  });

  test('looks only at what it is given', () => {
    expect(lint(Uint8Array.from([0xff, 0x91, 5, 0xff]), 1, 3)).toBe(5);
  });

  test.each<[string, number[]]>([
    ['nothing', []],
    ['no array', [5]],
    ['a map', [0x81, 1, 1]],
    ['an empty array', [0x90]],
    ['an empty long array', [0xdc, 0, 0]],
    ['a long array that ends in its header', [0xdc, 0]],
    ['a long array without its code', [0xdc, 0, 1]],
    ['an array of 32-bit length', [0xdd, 0, 0, 0, 1, 5]],
    ['a code of two bytes', [0x91, 0xcc, 5]],
    ['a negative code', [0x91, 0xff]],
    ['a string for a code', [0x91, 0xa1, 0x61]],
  ])('refuses what does not begin with a code: %s', (_, bytes) => {
    expect(judge(...bytes)).toBe('The message does not begin with a code');
  });

  test.each<[string, number[]]>([
    ['small map', [0x92, 1, 0x80]],
    ['map16', [0x92, 1, 0xde, 0, 0]],
    ['map32', [0x92, 1, 0xdf, 0, 0, 0, 0]],
    ['__proto__', [0x92, 1, 0x81, 0xa9, ...Buffer.from('__proto__'), 0x90]],
    ['never used', [0x92, 1, 0xc1]],
    ['ext8', [0x92, 1, 0xc7, 1, 0x70, 0]],
    ['ext16', [0x92, 1, 0xc8, 0, 1, 0x70, 0]],
    ['ext32', [0x92, 1, 0xc9, 0, 0, 0, 1, 0x70, 0]],
    ['reference 0x70', [0x92, 1, 0xd4, 0x70, 0]],
    ['record 0x72', [0x92, 1, 0xd4, 0x72, 0x40]],
    ['regular expression 0x78', [0x92, 1, 0xc7, 4, 0x78, 0x92, 0xa1, 0x61, 0xa0]],
    ['date', [0x92, 1, 0xd6, 0xff, 0, 0, 0, 0]],
    ['fixext16', [0x92, 1, 0xd8, 0x70, ...many(16, 0)]],
  ])('refuses maps and extensions: %s', (_, bytes) => {
    expect(judge(...bytes)).toBe('The message holds a map or an extension');
  });

  test.each<[string, number[]]>([
    ['array of 5 bytes that claims 2^31', [0x92, 1, 0xdd, 0x7f, 0xff, 0xff, 0xff]],
    ['array16 without its elements', [0xdc, 0xff, 0xff, 5]],
    ['small array', [0x92, 1, 0x92, 1]],
    ['arrays that each fit, but not together', [0x93, 1, 0x93, 1, 1, 1, 0x93, 1]],
  ])('refuses arrays that announce more than there is: %s', (_, bytes) => {
    expect(judge(...bytes)).toBe('The message announces more than it holds');
  });

  test.each<[string, number[]]>([
    ['after the header', [0x92, 1]],
    ['in a number', [0x92, 1, 0xce, 0, 0]],
    ['in a length', [0x92, 1, 0xdb, 0, 0]],
    ['in a string', [0x92, 1, 0xa5, 0x61]],
    ['str32 longer than the message', [0x92, 1, 0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['bin32 longer than the message', [0x92, 1, 0xc6, 0xff, 0xff, 0xff, 0xff, 0x61]],
  ])('refuses what ends too early: %s', (_, bytes) => {
    expect(judge(...bytes)).toMatch(/ends too early|announces more/);
  });

  test('refuses bytes behind the end', () => {
    expect(judge(0x91, 5, 0xc0)).toBe('The message goes on after its end');
  });

  test('refuses what is nested too deeply, however deep', () => {
    const nested = (depth: number): Uint8Array => Uint8Array.from([0x92, 1, ...many(depth - 1, 0x91), 0xc0]);
    expect(judgeBytes(nested(maxDepth))).toBe(1);
    expect(judgeBytes(nested(maxDepth + 1))).toBe('The message is nested too deeply');
    expect(judgeBytes(nested(10_000))).toBe('The message is nested too deeply');
  });

  test('refuses 72 KB of nested array headers at once', () => {
    const bomb = new Uint8Array(72 * 1024);
    bomb.set([0x92, 1]);
    for (let at = 2; at + 3 <= bomb.length; at += 3) bomb.set([0xdc, 0xff, 0xff], at);
    expect(judgeBytes(bomb)).toBe('The message announces more than it holds');
    for (let at = 2; at + 3 <= bomb.length; at += 3) bomb.set([0xdc, 0, 1], at);
    expect(judgeBytes(bomb)).toBe('The message is nested too deeply');
  });

  test.each<[string, number[]]>([
    ['a lone continuation', [0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['a sequence cut by ASCII', [0xe2, 0x28, 0xa1]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong slash of three', [0xe0, 0x80, 0xaf]],
    ['an overlong slash of four', [0xf0, 0x80, 0x80, 0xaf]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['0xff', [0xff]],
  ])('refuses strings that are not UTF-8: %s', (_, bytes) => {
    expect(judge(...text(...bytes))).toBe('The message holds a string that is not UTF-8');
  });

  test('agrees with the platform on what is UTF-8', () => {
    const strict = new TextDecoder('utf-8', { fatal: true });
    const isUtf8 = (bytes: Uint8Array): boolean => {
      try {
        strict.decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const lead = fc.constantFrom(0x7f, 0x80, 0xc1, 0xc2, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5);
    const follow = fc.constantFrom(0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.tuple(lead, follow, follow, follow).map((parts) => Uint8Array.from(parts)),
      fc
        .string({ unit: 'grapheme', maxLength: 6 })
        .map((string) => new TextEncoder().encode(string).slice(0, 31)),
    );
    fc.assert(
      fc.property(bytes, (some) => {
        expect(judge(...text(...some)) === 1).toBe(isUtf8(some));
      }),
      { numRuns: 2_000 },
    );
  });

  test('passes every value that messages are made of, and what passes can be unpacked', () => {
    const leaf = fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.maxSafeNat(),
      fc.double().map((number) => (number === 0 ? 0 : number)), // msgpackr packs -0 as 0
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 300 }),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: maxDepth - 1, depthIdentifier: 'arrays' },
        leaf,
        fc.array(tie('value'), { depthIdentifier: 'arrays' }),
      ),
    }));
    fc.assert(
      fc.property(
        fc.nat(127),
        fc.array(value, { maxLength: 20, depthIdentifier: 'arrays' }),
        (code, values) => {
          const bytes = new Uint8Array(packr.pack([code, ...values]));
          expect(lint(bytes, 0, bytes.length)).toBe(code);
          expect(unpackr.unpack(bytes)).toEqual([code, ...values]);
        },
      ),
    );
  });
});
