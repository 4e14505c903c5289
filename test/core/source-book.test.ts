import { describe, expect, test } from '@jest/globals';
import type { Source } from '../../src/core/catalogue.ts';
import type { PeerId } from '../../src/core/ids.ts';
import { maxStrikes, refusedRetryMs, sourceRetryMaxMs } from '../../src/core/limits.ts';
import { SourceBook } from '../../src/core/source-book.ts';

const source = (name: string, port = 1): Source => ({ peer: name as PeerId, name, host: 'h', port });
const me = 'me' as PeerId;
const a = 'a' as PeerId;
const lost = { code: 'closed', message: 'lost' } as const;

describe('a book of sources', () => {
  test('gives each source once while it is in use, and never ourselves', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a'), source('b'), source('me'), source('a')]);
    expect([book.take(0)?.peer, book.take(0)?.peer, book.take(0)]).toEqual(['a', 'b', undefined]);
    expect(book.inUse).toBe(2);
  });

  test('leaves a lost source alone for a time that grows, within a bound', () => {
    const book = new SourceBook(me, () => 0.999);
    book.learn([source('a')]);
    let now = 0;
    let before = 0;
    for (let failures = 1; failures < 20; failures++) {
      expect(book.take(now)?.peer).toBe('a');
      book.lost(a, lost, now);
      expect(book.take(now)).toBeUndefined();
      const wait = book.nextAttemptMs()! - now;
      expect(wait).toBeGreaterThanOrEqual(Math.min(before, sourceRetryMaxMs * 0.99));
      expect(wait).toBeLessThanOrEqual(sourceRetryMaxMs);
      before = wait;
      now += wait;
    }
    expect(book.problem).toEqual(lost);
  });

  test('forgets failures of a source that delivers again', () => {
    const book = new SourceBook(me, () => 0.999);
    book.learn([source('a')]);
    for (let at = 0; at < 8; at++) {
      book.take(1e9 * at);
      book.lost(a, lost, 1e9 * at);
    }
    book.take(1e12);
    book.delivered(a);
    book.lost(a, lost, 1e12);
    expect(book.nextAttemptMs()! - 1e12).toBeLessThanOrEqual(1000);
  });

  test('does not soon ask again who said no', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a')]);
    book.take(0);
    book.lost(a, { code: 'not-shared', message: 'no' }, 0);
    expect(book.nextAttemptMs()).toBe(refusedRetryMs);
  });

  test('bans who was wrong too often, for good', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a')]);
    book.take(0);
    for (let strike = 1; strike < maxStrikes; strike++) expect(book.strike(a)).toBe(false);
    expect(book.strike(a)).toBe(true);
    book.lost(a, lost, 0);
    book.learn([source('a')]);
    expect(book.take(1e12)).toBeUndefined();
    expect(book.nextAttemptMs()).toBeUndefined();
  });

  test('follows a source to its new address', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a', 1)]);
    book.learn([source('a', 2)]);
    expect(book.take(0)?.port).toBe(2);
  });
});
