import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFolders } from '../../src/profile/make-folders.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'shoal-folders-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('making folders', () => {
  test('makes all that are missing, and is content with what is there', () => {
    const deep = path.join(root, 'a', 'b', 'c');
    makeFolders(deep, 0o700);
    makeFolders(deep, 0o700);
    expect(statSync(deep).isDirectory()).toBe(true);
    expect(statSync(path.join(root, 'a')).mode & 0o777).toBe(0o700);
  });

  test('a file in the way is an error', () => {
    writeFileSync(path.join(root, 'file'), '');
    expect(() => makeFolders(path.join(root, 'file'))).toThrow('EEXIST');
    expect(() => makeFolders(path.join(root, 'file', 'below'))).toThrow('ENOTDIR');
  });

  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux('where nothing can be made it says so, and ends', () => {
    expect(() => makeFolders('/proc/shoal/below')).toThrow('No folder can be made there: /proc/shoal');
  });
});
