import { describe, expect, test } from '@jest/globals';
import { contentId, type ContentId } from '../../../src/core/ids.ts';
import { swarmLeaseMs } from '../../../src/core/limits/tracker.ts';
import { WantedContents } from '../../../src/core/tracker/wanted-contents.ts';

const bytes = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

describe('what is wanted', () => {
  test('is told on every thread, wherever the id lies', () => {
    const here = new WantedContents();
    const there = new WantedContents(here.memory);
    expect(there.has(bytes(7), 0, 100)).toBe(false);
    here.note(contentId(bytes(7)), 100);
    expect(there.has(bytes(7), 0, 100)).toBe(true);
    expect(there.has(Uint8Array.from([1, 2, ...bytes(7)]), 2, 100)).toBe(true);
    expect(there.has(bytes(8), 0, 100)).toBe(false);
  });

  test('is wanted from the first second on, and for as long as anybody is remembered to want it', () => {
    const wanted = new WantedContents();
    wanted.note(contentId(bytes(1)), 0);
    const leaseSeconds = swarmLeaseMs / 1_000;
    expect(wanted.has(bytes(1), 0, leaseSeconds)).toBe(true);
    expect(wanted.has(bytes(1), 0, 2 * leaseSeconds + 1)).toBe(false);
    wanted.note(contentId(bytes(1)), 2 * leaseSeconds);
    expect(wanted.has(bytes(1), 0, 3 * leaseSeconds)).toBe(true);
  });

  test('has an id', () => {
    expect(() => new WantedContents().note('none' as ContentId, 0)).toThrow(RangeError);
  });
});
