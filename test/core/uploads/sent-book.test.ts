import { expect, test } from '@jest/globals';
import type { ContentId } from '../../../src/core/ids.ts';
import { SentBook, sumOfSent } from '../../../src/core/uploads/sent-book.ts';

const id = (text: string): ContentId => text as ContentId;

test('what was sent adds up for each content', () => {
  const book = new SentBook();
  book.add({ id: id('a'), bytes: 5, isFirst: true });
  book.add({ id: id('a'), bytes: 6, isFirst: false });
  book.add({ id: id('a'), bytes: 7, isFirst: true });
  expect(book.of(id('a'))).toEqual({ sentBytes: 18, timesSent: 2 });
  expect(book.of(id('b'))).toEqual({ sentBytes: 0, timesSent: 0 });
  expect(sumOfSent(book.of(id('a')), book.of(id('a')))).toEqual({ sentBytes: 36, timesSent: 4 });
});

test('those sent longest ago are forgotten when there are too many', () => {
  const book = new SentBook(2);
  for (const each of ['a', 'b', 'a', 'c']) book.add({ id: id(each), bytes: 1, isFirst: true });
  expect([...book].map(([key]) => key)).toEqual(['a', 'c']);
});
