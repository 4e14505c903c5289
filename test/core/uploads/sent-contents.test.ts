import { expect, test } from '@jest/globals';
import type { ContentId } from '../../../src/core/ids.ts';
import { SentContents } from '../../../src/core/uploads/sent-contents.ts';
import * as fc from '../../helpers/properties.ts';

const id = (text: string | number): ContentId => String(text) as ContentId;
const part = (of: string | number, bytes: number) => ({ id: id(of), bytes, isFirst: false });
const ten = (): number => 10;

test('a content is told of when all of it has gone, and again when all of it goes again', () => {
  const sent = new SentContents();
  expect(
    sent.add([part('a', 4), part('b', 10), part('empty', 0)], (of) => (of === 'empty' ? 0 : 10)),
  ).toEqual(['b', 'empty']);
  expect(sent.add([part('a', 6)], ten)).toEqual(['a']);
  expect(sent.add([part('a', 9)], ten)).toEqual([]);
  expect(sent.add([part('a', 1)], ten)).toEqual(['a']);
  expect(sent.end()).toEqual([]);
});

test('of what went in part it is told in the end, unless it was told of before', () => {
  const sent = new SentContents();
  sent.add([part('a', 4), part('b', 10)], ten);
  sent.add([part('b', 1), part('unknown', 1e9)], (of) => (of === 'unknown' ? undefined : 10));
  expect(sent.end()).toEqual(['a', 'unknown']);
  expect(sent.end()).toEqual([]);
});

test('each is told of once, however many are sent a part of', () => {
  const anyParts = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 3 })), { maxLength: 300 });
  fc.assert(
    fc.property(anyParts, (parts) => {
      const sent = new SentContents(1_000);
      const told = parts.flatMap(([of, bytes]) => sent.add([part(of, bytes)], () => undefined));
      told.push(...sent.end());
      expect(told.toSorted()).toEqual([...new Set(parts.map(([of]) => id(of)))].toSorted());
    }),
  );
});

test('those that got something last are kept, the others told of', () => {
  const sent = new SentContents(4);
  expect(
    sent.add(
      [1, 2, 3, 4].map((of) => part(of, 1)),
      ten,
    ),
  ).toEqual([]);
  sent.add([part(1, 1)], ten);
  expect(sent.add([part(5, 1)], ten)).toEqual(['2', '3', '4']);
  expect(sent.end()).toEqual(['1', '5']);
});
