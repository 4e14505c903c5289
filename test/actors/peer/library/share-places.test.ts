import { expect, test } from '@jest/globals';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { placesOf, placesOfFile } from '../../../../src/actors/peer/library/share-places.ts';
import { isValidVirtualPath } from '../../../../src/core/share/virtual-path.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

test('shares have names of their own, whatever the folders are called', () => {
  const places = placesOf(['/x/music', '/y/music', '/z/music (2)', '/q/e\u0301', '/q/a\nb']);
  expect(places.map((place) => place.path)).toEqual([
    '/music/',
    '/music (2)/',
    '/music (2) (2)/',
    '/\u00e9/',
    '/a_b/',
  ]);
  expect(placesOf(['/']).map((place) => place.path)).toEqual(['/unnamed/']);
  for (const place of places) expect(isValidVirtualPath(`${place.path}x`)).toBe(true);
});

test('a folder shared twice, once through a link, is one share', () => {
  const dir = tempDir();
  mkdirSync(path.join(dir, 'real'));
  symlinkSync('real', path.join(dir, 'link'));
  const places = placesOf([path.join(dir, 'real'), path.join(dir, 'link'), `${path.join(dir, 'real')}/`]);
  expect(places).toEqual([
    { root: path.join(dir, 'real'), filePath: path.join(dir, 'real'), path: '/real/' },
  ]);
});

test('a folder in another that is shared is a part of that, unless it is hidden there', () => {
  const roots = (...shares: string[]): string[] => placesOf(shares).map(({ root }) => root);
  expect(roots('/nowhere/a/b', '/nowhere/a', '/nowhere/ab')).toEqual(['/nowhere/a', '/nowhere/ab']);
  expect(roots('/nowhere/a', '/nowhere/a/.b/c')).toEqual(['/nowhere/a', '/nowhere/a/.b/c']);
});

test('a file is placed in the share that has it, and in none when it is hidden or outside', () => {
  const shares = placesOf(['/nowhere/a', '/nowhere/a/b', '/nowhere/ab']);
  const paths = (file: string): string[] => placesOfFile(shares, file).map((place) => place.path);
  expect(paths('/nowhere/a/b/c/file')).toEqual(['/a/b/c/']);
  expect(paths('/nowhere/a/file')).toEqual(['/a/']);
  expect(paths('/nowhere/ab/file')).toEqual(['/ab/']);
  expect(paths('/nowhere/a/.shoal/file')).toEqual([]);
  expect(paths('/elsewhere/file')).toEqual([]);
});
