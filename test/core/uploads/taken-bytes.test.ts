import { expect, test } from '@jest/globals';
import type { ContentId } from '../../../src/core/ids.ts';
import {
  maxCopiesPerVisitor,
  maxRememberedSent,
  spareBytesPerContent,
} from '../../../src/core/limits/connections.ts';
import { TakenBytes } from '../../../src/core/uploads/taken-bytes.ts';

const id = (text: string | number): ContentId => String(text) as ContentId;

test('several copies are allowed, and some bytes besides; more is too much', () => {
  const taken = new TakenBytes();
  const sizeBytes = 10_000_000;
  for (let copy = 0; copy < maxCopiesPerVisitor; copy++) taken.add(id('a'), sizeBytes);
  taken.add(id('a'), spareBytesPerContent);
  expect(taken.isTooMuch(id('a'), sizeBytes)).toBe(false);
  taken.add(id('a'), 1);
  expect(taken.isTooMuch(id('a'), sizeBytes)).toBe(true);
  expect(taken.isTooMuch(id('b'), sizeBytes)).toBe(false);
});

test('contents sent long ago are forgotten', () => {
  const taken = new TakenBytes();
  taken.add(id('old'), 1e12);
  for (let at = 0; at < maxRememberedSent; at++) taken.add(id(at), 1);
  expect(taken.isTooMuch(id('old'), 1)).toBe(false);
});
