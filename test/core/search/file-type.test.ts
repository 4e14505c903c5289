import { describe, expect, test } from '@jest/globals';
import { baseName, extensionOf, fileTypeOf, fileTypes } from '../../../src/core/search/file-type.ts';

describe('file types', () => {
  test.each([
    ['/m/Song.MP3', 'mp3', 'audio'],
    ['/m/Film.2024.mkv', 'mkv', 'video'],
    ['/p/photo.jpeg', 'jpeg', 'image'],
    ['/d/Book.epub', 'epub', 'document'],
    ['/a/backup.tar.gz', 'gz', 'archive'],
    ['/s/debian.iso', 'iso', 'software'],
    ['/x/unknown.qqq', 'qqq', 'other'],
    ['/x/README', '', 'other'],
    ['/x/.profile', '', 'other'],
    ['/x/.config.yml', 'yml', 'document'],
    ['/x/ends with dot.', '', 'other'],
    ['/x/Hello Mr. Robinson & Co', '', 'other'],
    ['/x.mp3/plain', '', 'other'],
    ['/x/a.averyveryverylongending', '', 'other'],
  ])('%s has extension %j and is %s', (path, extension, type) => {
    expect([extensionOf(path), fileTypeOf(path)]).toEqual([extension, type]);
  });

  test('the base name is what follows the last slash', () => {
    expect([baseName('/a/b/c.txt'), baseName('c.txt')]).toEqual(['c.txt', 'c.txt']);
  });

  test('every type a file can have is listed', () => {
    expect(
      new Set(['/a.mp3', '/a.mkv', '/a.png', '/a.pdf', '/a.zip', '/a.iso', '/a'].map(fileTypeOf)),
    ).toEqual(new Set(fileTypes));
  });
});
