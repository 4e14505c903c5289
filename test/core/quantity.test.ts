import { describe, expect, test } from '@jest/globals';
import { formatSize, parseDurationMs, parseRate, parseSize } from '../../src/core/quantity.ts';
import * as fc from '../helpers/properties.ts';

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['500', 500],
    ['500b', 500],
    ['1k', 1024],
    ['10M', 10 * 1024 ** 2],
    ['10MB', 10 * 1024 ** 2],
    ['10 MiB', 10 * 1024 ** 2],
    ['1.5G', 1.5 * 1024 ** 3],
    [' 2T ', 2 * 1024 ** 4],
    ['0.5', 0],
  ])('%j is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toEqual({ ok: true, value: bytes });
  });

  test.each(['', 'M', '-1', '1..5G', '1e3', '10X', '10 M B', '1,5G', '99999999P', 'NaN', '0x10'])(
    '%j is refused, and the message repeats it',
    (text) => {
      const read = parseSize(text);
      expect(read).toMatchObject({ ok: false, problem: { code: 'bad-request' } });
      expect(!read.ok && read.problem.message).toContain(JSON.stringify(text));
    },
  );

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 KiB'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [10_188, '9.9 KiB'],
    [10_189, '10 KiB'],
    [1024 ** 2 - 1, '1 MiB'],
    [1.5 * 1024 ** 3, '1.5 GiB'],
    [210 * 1024 ** 2, '210 MiB'],
    [-5, '0 B'],
  ])('%d bytes are written %j', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test('what is written is read back within 6 per cent', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 50 }), (bytes) => {
        const read = parseSize(formatSize(bytes));
        expect(read.ok && Math.abs(read.value - bytes) <= bytes * 0.06).toBe(true);
      }),
    );
  });
});

describe('rates and durations', () => {
  test.each([
    ['5M', 5 * 1024 ** 2],
    ['5M/s', 5 * 1024 ** 2],
    ['500 KiB / s', 500 * 1024],
  ])('%j is %d bytes per second', (text, rate) => {
    expect(parseRate(text)).toEqual({ ok: true, value: rate });
  });

  test('a bad rate is refused as a rate', () => {
    expect(parseRate('fast')).toMatchObject({
      ok: false,
      problem: { message: expect.stringContaining('rate') },
    });
  });

  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
  ])('%j is %d milliseconds', (text, ms) => {
    expect(parseDurationMs(text)).toEqual({ ok: true, value: ms });
  });

  test.each(['', '30', '5 minutes', '-1s', 's'])('the duration %j is refused', (text) => {
    expect(parseDurationMs(text)).toMatchObject({ ok: false, problem: { code: 'bad-request' } });
  });
});
