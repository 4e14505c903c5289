import { expect, test } from '@jest/globals';
import type { ContentId } from '../../../src/core/ids.ts';
import { maxRememberedSent, maxSentParts } from '../../../src/core/limits/connections.ts';
import { SentParts } from '../../../src/core/uploads/sent-parts.ts';

const id = (text: string | number): ContentId => String(text) as ContentId;

test('what is sent adds up until it is taken, and is new to a connection once', () => {
  const parts = new SentParts();
  parts.add(id('a'), 1);
  parts.add(id('b'), 2);
  parts.add(id('a'), 4);
  expect(parts.take()).toEqual([
    { id: 'a', bytes: 5, isFirst: true },
    { id: 'b', bytes: 2, isFirst: true },
  ]);
  expect(parts.take()).toEqual([]);
  parts.add(id('a'), 1);
  expect(parts.take()).toEqual([{ id: 'a', bytes: 1, isFirst: false }]);
});

test('it is full before it is large, and forgets what was sent long ago', () => {
  const parts = new SentParts();
  for (let at = 0; at < maxSentParts; at++) {
    expect(parts.isFull).toBe(false);
    parts.add(id(at), 1);
  }
  expect(parts.isFull).toBe(true);
  parts.take();
  for (let at = 0; at <= maxRememberedSent; at++) {
    parts.add(id(`other ${at}`), 1);
    if (parts.isFull) parts.take();
  }
  parts.add(id(0), 1);
  expect(parts.take().at(-1)).toEqual({ id: '0', bytes: 1, isFirst: true });
});
