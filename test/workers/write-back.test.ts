import { describe, expect, test } from '@jest/globals';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { writeBackBytes } from '../../src/core/limits/tracker.ts';
import { beginWritingOf, WriteBack } from '../../src/workers/write-back.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const piece = writeBackBytes / 4;

describe('write-back', () => {
  test('begins each time enough was written to a file, for each file by itself', () => {
    const begun: number[] = [];
    const writeBack = new WriteBack((fd) => void begun.push(fd));
    for (let at = 0; at < 3; at++) for (const fd of [7, 8]) writeBack.wrote(fd, piece);
    expect(begun).toEqual([]);
    writeBack.wrote(8, piece);
    expect(begun).toEqual([8]);
    writeBack.wrote(7, piece);
    expect(begun).toEqual([8, 7]);
    for (let at = 0; at < 4; at++) writeBack.wrote(7, piece);
    expect(begun).toEqual([8, 7, 7]);
  });

  test('does nothing where Node or the system cannot', () => {
    expect(beginWritingOf(() => undefined)).toBeUndefined();
    const noSymbol = {
      dlopen: () => {
        throw new Error('undefined symbol');
      },
    };
    expect(beginWritingOf(() => noSymbol)).toBeUndefined();
    expect(beginWritingOf(() => ({ dlopen: () => ({ functions: {} }) }))).toBeUndefined();
    const writeBack = new WriteBack(undefined);
    expect(() => writeBack.wrote(7, 2 * writeBackBytes)).not.toThrow();
  });

  test('leaves what was written as it is, and fails for nobody', () => {
    const begin = beginWritingOf() ?? (() => undefined);
    const file = path.join(tempDir(), 'written');
    const fd = openSync(file, 'w');
    writeSync(fd, 'bytes');
    begin(fd);
    closeSync(fd);
    expect(() => begin(fd)).not.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('bytes');
  });
});
