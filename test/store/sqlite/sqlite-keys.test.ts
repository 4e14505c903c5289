import { expect, test } from '@jest/globals';
import { FileKeys, secretBytes } from '../../../src/store/sqlite/sqlite-keys.ts';
import * as fc from '../../helpers/properties.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test('the key of a file is a number that is exact, and lies with those of its content', () => {
  fc.assert(
    fc.property(bytes(secretBytes), bytes(32), fc.uint8Array(), (secret, id, path) => {
      const keys = new FileKeys(secret);
      const key = keys.of(id, path);
      const [first, last] = keys.range(id);
      expect(Number.isSafeInteger(key) && first <= key && key <= last && Number.isSafeInteger(last)).toBe(
        true,
      );
      expect(new FileKeys(secret).of(id, path)).toBe(key);
    }),
  );
});

test('contents that differ in one bit lie apart, and so do paths of one content', () => {
  const keys = new FileKeys(Uint8Array.from({ length: secretBytes }, (_, at) => (at * 89 + 7) % 256));
  const ids = Array.from({ length: 256 }, (_, bit) => {
    const id = new Uint8Array(32);
    id[bit >> 3] = 1 << (bit & 7);
    return id;
  });
  expect(new Set(ids.map((id) => keys.range(id)[0])).size).toBe(256);
  const [id = new Uint8Array(32)] = ids;
  const paths = new Set(Array.from({ length: 200 }, (_, at) => keys.of(id, Buffer.from(`/a/${at}`))));
  expect(paths.size).toBeGreaterThan(195);
});

test('who does not know the secret cannot tell which files share a key', () => {
  const [one, other] = [1, 2].map((fill) => new FileKeys(new Uint8Array(secretBytes).fill(fill)));
  const id = new Uint8Array(32).fill(3);
  expect(one?.range(id)).not.toEqual(other?.range(id));
  const path = Buffer.from('/a');
  expect(one?.of(id, path)).not.toBe(other?.of(id, path));
});

test('keys are made as they were for catalogues on disks: another way of making them needs another version of the schema', () => {
  const keys = new FileKeys(Uint8Array.from({ length: secretBytes }, (_, at) => (at * 89 + 7) % 256));
  const id = Uint8Array.from({ length: 32 }, (_, at) => 255 - at);
  expect(keys.of(id, Buffer.from('/Müsik/日本.mp3'))).toBe(7_616_017_541_686_831);
});
