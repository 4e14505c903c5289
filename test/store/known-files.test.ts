import { describe, expect, test } from '@jest/globals';
import { KnownFiles } from '../../src/store/known-files.ts';
import { sha256 } from './files.ts';

const entryOf = (text: string): Uint8Array => Buffer.from(sha256(Buffer.from(text)), 'latin1');

describe('known files', () => {
  test('are those that were noted, on every thread', () => {
    const here = new KnownFiles();
    const there = new KnownFiles(here.memory);
    const entry = entryOf('a');
    expect(here.has(entry, 0)).toBe(false);
    here.note(entry, 0);
    expect([here.has(entry, 0), there.has(entry, 0)]).toEqual([true, true]);
    expect(there.has(Uint8Array.from([9, ...entry]), 1)).toBe(true);
    expect(there.has(entryOf('b'), 0)).toBe(false);
  });

  test('make way for later ones', () => {
    const known = new KnownFiles(new SharedArrayBuffer(4));
    const [first, second] = [entryOf('first'), entryOf('second')];
    known.note(first, 0);
    known.note(second, 0);
    expect([known.has(first, 0), known.has(second, 0)]).toEqual([false, true]);
  });

  test('nothing is known at first, not even what is all zeros', () => {
    expect(new KnownFiles().has(new Uint8Array(16), 0)).toBe(false);
  });
});
