import { expect, test } from '@jest/globals';
import { Ahead } from '../../../src/actors/tracker/ahead.ts';
import { maxBytesAhead, maxMessagesAhead } from '../../../src/core/limits/tracker.ts';

test('there is room until so many messages are unanswered, and again with the first answer', () => {
  const ahead = new Ahead();
  const log: string[] = [];
  for (let message = 1; message < maxMessagesAhead; message++) ahead.began(10);
  ahead.whenRoom(() => log.push('one more'));
  expect(log).toEqual(['one more']);
  ahead.began(10);
  ahead.whenRoom(() => log.push('again'));
  expect(log).toEqual(['one more']);
  ahead.ended(10);
  expect(log).toEqual(['one more', 'again']);
  ahead.ended(10);
  expect(log).toHaveLength(2);
});

test('large messages take the room of several', () => {
  const ahead = new Ahead();
  let rooms = 0;
  ahead.began(maxBytesAhead);
  ahead.whenRoom(() => (rooms += 1));
  expect(rooms).toBe(0);
  ahead.ended(maxBytesAhead);
  expect(rooms).toBe(1);
});

test('what waits until nothing is unanswered is called with the last answer, or at once', () => {
  const ahead = new Ahead();
  let calls = 0;
  const call = (): void => void (calls += 1);
  ahead.whenNone(call);
  expect(calls).toBe(1);
  ahead.began(1);
  ahead.began(1);
  ahead.whenNone(call);
  ahead.ended(1);
  expect([calls, ahead.count]).toEqual([1, 1]);
  ahead.ended(1);
  expect([calls, ahead.count]).toEqual([2, 0]);
});
