import { describe, expect, test } from '@jest/globals';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatEta,
  formatLimit,
  formatPercent,
  formatSpeed,
  plural,
  steadyEta,
} from '../../../src/tui/text/numbers.ts';
import * as fc from '../../helpers/properties.ts';

describe('numbers', () => {
  test.each([
    [undefined, '-'],
    [0, '0B'],
    [999, '999B'],
    [1000, '0.98K'],
    [1024, '1.00K'],
    [3_984_588_800, '3.71G'],
    [148_897_792, '142M'],
    [2 ** 53, '8.00P'],
  ])('%s bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [0, '-'],
    [0.5, '-'],
    [12_373_196, '11.8M/s'],
    [421_888, '412K/s'],
  ])('%d bytes a second are %s', (speed, text) => expect(formatSpeed(speed)).toBe(text));

  test('stay within their cells, from nothing to 2^53', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 53, noNaN: true }), (value) => {
        expect(formatBytes(value).length).toBeLessThanOrEqual(5);
        expect(formatSpeed(value).length).toBeLessThanOrEqual(7);
        expect(formatDuration(value).length).toBeLessThanOrEqual(6);
      }),
    );
  });

  test.each([
    [0, 1000, false, 0, '0%'],
    [999, 1000, false, 0, '99%'],
    [9999, 10_000, false, 1, '99.9%'],
    [1000, 1000, false, 0, '99%'],
    [1000, 1000, false, 1, '99.9%'],
    [1000, 1000, true, 0, '100%'],
    [1000, 1000, true, 1, '100.0%'],
    [5, undefined, false, 0, '-'],
    [0, 0, false, 0, '0%'],
    [0, 0, true, 0, '100%'],
    [290, 1000, false, 0, '29%'],
  ] as const)('%d of %s, verified: %s, are %d-digit %s', (done, whole, verified, digits, text) => {
    expect(formatPercent(done, whole, verified, digits)).toBe(text);
  });

  test('nothing is 100 % that is not verified', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(2 ** 31), (done, whole) => {
        expect(formatPercent(done, whole, false)).not.toBe('100%');
        expect(formatPercent(done, whole, false, 1)).not.toBe('100.0%');
      }),
    );
  });

  test.each([
    [0, '0s'],
    [0.2, '1s'],
    [59, '59s'],
    [185, '3m05s'],
    [7800, '2h10m'],
    [792_000, '9d04h'],
    [100 * 86_400, '100d'],
    [1e12, '>9999d'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  test('what is unknown or without bound is said in a word', () => {
    expect(formatEta(undefined)).toBe('-');
    expect(formatLimit(0)).toBe('none');
    expect(formatLimit(5 * 1024 * 1024)).toBe('5.00M/s');
  });

  test('times of day are those of the user, counts come in threes', () => {
    const at = new Date(2026, 0, 2, 14, 5, 9).getTime();
    expect(formatClock(at)).toBe('14:05');
    expect(formatClock(at, true)).toBe('14:05:09');
    expect([0, 999, 1204, 1_204_341].map(formatCount)).toEqual(['0', '999', '1,204', '1,204,341']);
    expect([plural(1, 'file'), plural(2000, 'file'), plural(2, 'copy', 'copies')]).toEqual([
      '1 file', '2,000 files', '2 copies',
    ]); // prettier-ignore
  });
});

describe('a time left', () => {
  test('counts down evenly under jitter', () => {
    let shown = steadyEta(undefined, 100, 0);
    const texts = [];
    for (const [at, reckoned] of [[1000, 101], [2000, 96], [3000, 99], [4000, 93]] as const) {
      shown = steadyEta(shown, reckoned, at);
      texts.push(formatEta(shown?.seconds));
    } // prettier-ignore
    expect(texts).toEqual(['1m39s', '1m38s', '1m37s', '1m36s']);
  });

  test('jumps when it was wrong, and goes when nobody knows', () => {
    const shown = steadyEta(undefined, 100, 0);
    expect(steadyEta(shown, 60, 1000)).toEqual({ seconds: 60, atMs: 1000 });
    expect(steadyEta(shown, undefined, 1000)).toBeUndefined();
    expect(steadyEta({ seconds: 1, atMs: 0 }, 1, 1500)).toEqual({ seconds: 1, atMs: 1500 });
  });
});
