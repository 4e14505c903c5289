import { describe, expect, test } from '@jest/globals';
import {
  isValidVirtualPath,
  nameOf,
  parentPath,
  splitVirtualPath,
} from '../../../src/core/share/virtual-path.ts';
import * as fc from '../../helpers/properties.ts';

describe('a virtual path', () => {
  test.each(['/a', '/music/a b/c.txt', '/é/x', '/a/Net::HTTP.3pm', '/a/b\\c', '/a/...'])(
    '%j is valid',
    (path) => {
      expect(isValidVirtualPath(path)).toBe(true);
    },
  );

  test.each([
    '',
    '/',
    'a',
    'a/b',
    '//a',
    '/a//b',
    '/a/',
    '/./a',
    '/a/..',
    '/../a',
    '/e\u0301',
    '/a\nb',
    '/a\x1b[2J',
    '/a\0',
    '/\ud800',
    `/${'a'.repeat(5000)}`,
    '/a'.repeat(65),
  ])('%j is not that of a file', (path) => {
    expect(isValidVirtualPath(path)).toBe(false);
  });

  test('is that of a file exactly when it splits into components and does not end in a slash', () => {
    const pieces = fc.constantFrom('/', '/', '.', 'a', '~', ' ', '\x7f', 'é', 'e\u0301', '\n', '\ud800');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const path = parts.join('');
        const isOne = !path.endsWith('/') && splitVirtualPath(path) !== undefined;
        expect(isValidVirtualPath(path)).toBe(isOne);
      }),
      { numRuns: 2_000 },
    );
  });

  test('splits into components, with or without the slash of a folder', () => {
    expect(splitVirtualPath('/')).toEqual([]);
    expect(splitVirtualPath('/a/b/')).toEqual(['a', 'b']);
    expect(splitVirtualPath('/a/b')).toEqual(['a', 'b']);
    expect(splitVirtualPath('/a//')).toBeUndefined();
    expect(splitVirtualPath('//')).toBeUndefined();
  });

  test('ends in the name', () => {
    expect(nameOf('/a/b.txt')).toBe('b.txt');
    expect(['/a/b.txt', '/a/b/', '/a/', '/a', '/'].map(parentPath)).toEqual(['/a/', '/a/', '/', '/', '/']);
  });
});
