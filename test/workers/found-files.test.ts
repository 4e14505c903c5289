import { expect, test } from '@jest/globals';
import { FoundList, filesOf, type FoundFile } from '../../src/workers/found-files.ts';

const place = { root: '/disk', filePath: '/disk/a', path: '/s/a/' };
const file = (name: string, changes: Partial<FoundFile> = {}): FoundFile => ({
  name,
  linkedTo: undefined,
  device: '2049',
  inode: 12,
  sizeBytes: 2 ** 41 + 1,
  mtimeSeconds: 1_700_000_000,
  mtimeNs: 999_999_999,
  quietSinceMs: 1_700_000_000_123,
  ...changes,
});

test('files come out of their columns as they were put in, on another thread too', () => {
  const files = [
    file('plain'),
    file('linked', { linkedTo: '/disk/b/target', inode: 7 }),
    file('numbered beyond 2^53', { inode: '18446744073709551615' }),
    file('before 1970', { mtimeSeconds: -3, mtimeNs: -5 }),
    file('empty', { sizeBytes: 0, inode: 0 }),
  ];
  const list = new FoundList(place, '2049');
  for (const each of files) list.add(each);
  const crossed = structuredClone(list.files);
  expect(crossed.place).toEqual(place);
  expect([...filesOf(crossed)]).toEqual(files);
});
