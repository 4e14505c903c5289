import { describe, expect, test } from '@jest/globals';
import type { Source } from '../../../src/core/catalogue.ts';
import type { PeerId } from '../../../src/core/ids.ts';
import {
  maxKnownSources,
  maxStrikes,
  refusedRetryMs,
  sourceRestMs,
  sourceRetryMaxMs,
  stallBanMs,
} from '../../../src/core/limits/downloads.ts';
import type { Problem } from '../../../src/core/result.ts';
import { SourceBook } from '../../../src/core/swarm/source-book.ts';

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

  describe('of a source that was not there', () => {
    const away = { code: 'unreachable', message: 'nobody is there' } as const;
    /** It was lost with this problem, and is to be left alone for a while. */
    function after(problem: Problem, reachable = false): SourceBook {
      const book = new SourceBook(me, () => 0.999);
      book.learn([{ ...source('a'), reachable }]);
      book.take(0);
      book.lost(a, problem, 0);
      expect(book.hasReady(0)).toBe(false);
      return book;
    }

    test('is tried at once where it has moved or can be reached now', () => {
      for (const news of [
        source('a', 2),
        { ...source('a'), host: 'i' },
        { ...source('a'), reachable: true },
      ]) {
        const book = after(away);
        book.learn([news]);
        expect(book.take(0)).toEqual(news);
      }
    });

    test('is left alone while nothing is new, and who refused us wherever it is', () => {
      const book = after(away, true);
      book.learn([{ ...source('a'), reachable: true }]);
      expect(book.hasReady(0)).toBe(false);
      const refused = after({ code: 'unauthorised', message: 'no' });
      refused.learn([{ ...source('a', 2), reachable: true }]);
      refused.hurryUnreached();
      expect(refused.hasReady(0)).toBe(false);
    });

    test('is tried at once when we can be reached', () => {
      const book = after(away);
      book.hurryUnreached();
      expect(book.take(0)?.peer).toBe('a');
    });
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
    book.lost(a, { code: 'version', message: 'no' }, 0);
    expect(book.nextAttemptMs()).toBe(refusedRetryMs);
  });

  test.each(['stale', 'not-shared'] as const)('asks whose file is %s again soon, then ever later', (code) => {
    const book = new SourceBook(me, () => 0.5);
    book.learn([source('a')]);
    const waits: number[] = [];
    for (let now = 0; waits.length < 8; now += waits.at(-1)!) {
      expect(book.take(now)?.peer).toBe('a');
      book.lost(a, { code, message: 'touched' }, now, true);
      waits.push(book.nextAttemptMs()! - now);
    }
    expect(waits).toEqual([1_500, 3_000, 6_000, 12_000, 24_000, 48_000, refusedRetryMs, refusedRetryMs]);
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

  test('tries the most promising first, and now and then any', () => {
    const turns = [0.9, 0, 0.9, 0, 0, 0.99];
    const book = new SourceBook(me, () => turns.shift() ?? 0.9);
    book.learn([source('a'), source('b'), source('c')]);
    book.received(a, 1, 9e9, 0);
    book.received('b' as PeerId, 1, 5e9, 0);
    expect([book.take(0)?.peer, book.take(0)?.peer]).toEqual(['a', 'b']);
    book.released(a, 0);
    book.released('b' as PeerId, 0);
    expect(book.take(0)?.peer).toBe('c');
    expect(book.take(0)).toBeUndefined();
    expect(book.take(sourceRestMs)?.peer).toBeDefined();
  });

  test('bans for good who sends wrong pieces, or refuses what it said it has', () => {
    for (const code of ['piece-mismatch', 'not-found'] as const) {
      const book = new SourceBook(me, () => 0);
      book.learn([source('a')], true);
      for (let strike = 0; strike < maxStrikes; strike++) {
        expect(book.take(strike * 1e9)?.peer).toBe('a');
        book.lost(a, { code, message: 'wrong' }, strike * 1e9, true);
      }
      expect(book.take(1e15)).toBeUndefined();
      expect(book.of(a)).toMatchObject({ isBanned: true, notBeforeMs: Infinity });
      expect(book.size).toBe(0);
    }
  });

  test('asks who refused a piece what it has, before it holds that against it', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a')]);
    book.take(0);
    book.lost(a, { code: 'not-found', message: 'not here' }, 0, true);
    expect(book.of(a)).toMatchObject({ isPartial: true, isBanned: false });
  });

  test('bans who stalls again and again for a while, and forgives it who delivers in between', () => {
    const stall = { code: 'timeout', message: 'nothing came' } as const;
    const book = new SourceBook(me, () => 0);
    book.learn([source('a'), source('b')]);
    let now = 0;
    for (let round = 0; round < maxStrikes; round++) {
      now += 1e6;
      book.take(now);
      book.take(now);
      book.delivered('b' as PeerId);
      for (const peer of [a, 'b' as PeerId]) book.lost(peer, stall, now, true);
    }
    expect([book.of(a)?.isBanned, book.of('b' as PeerId)?.isBanned]).toEqual([true, false]);
    expect(book.of(a)?.notBeforeMs).toBe(now + stallBanMs);
    expect(book.take(now + 1)?.peer).toBe('b');
    expect(book.take(now + stallBanMs)?.peer).toBe('a');
    expect(book.of(a)?.isBanned).toBe(false);
  });

  test('does not take for a stall that a connection never came up', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a')]);
    for (let at = 0; at < 5; at++) {
      book.take(at * 1e9);
      book.lost(a, { code: 'timeout', message: 'no answer' }, at * 1e9, false);
    }
    expect(book.of(a)?.isBanned).toBe(false);
  });

  test('knows a partial source from one that shares, whichever is heard of first', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a', 1)], true);
    expect(book.of(a)?.isPartial).toBe(true);
    book.learn([source('a', 2)]);
    book.learn([source('a', 3)], true);
    expect(book.of(a)).toMatchObject({ isPartial: false, source: { port: 2 } });
  });

  test('makes room for newcomers by forgetting the least promising, and never who did wrong', () => {
    const book = new SourceBook(me, () => 0);
    book.learn(Array.from({ length: maxKnownSources }, (_, at) => source(`s${at}`)));
    const [bad, failing] = ['s0' as PeerId, 's1' as PeerId];
    book.take(0);
    for (let strike = 0; strike < maxStrikes; strike++) book.strike(bad);
    book.lost(bad, lost, 0);
    book.take(0);
    book.lost(failing, lost, 0);
    book.learn([source('new')]);
    expect(book.of('new' as PeerId)).toBeDefined();
    expect(book.of(failing)).toBeUndefined();
    expect(book.of(bad)?.isBanned).toBe(true);
    expect([...book.all]).toHaveLength(maxKnownSources);
  });

  test('lets nobody fill it with those who did wrong', () => {
    const book = new SourceBook(me, () => 0);
    book.learn(Array.from({ length: maxKnownSources }, (_, at) => source(`s${at}`)));
    for (let at = 0; at < maxKnownSources - 1; at++) {
      const bad = book.take(0)!.peer;
      for (let strike = 0; strike < maxStrikes; strike++) book.strike(bad);
      book.lost(bad, lost, 0);
    }
    const inUse = book.take(0)!.peer;
    book.learn([source('new')]);
    expect(book.of('new' as PeerId)).toBeDefined();
    expect(book.of(inUse)).toBeDefined();
    expect([...book.all]).toHaveLength(maxKnownSources);
  });

  test('forgets one that it is told to leave alone, until somebody names it again', () => {
    const book = new SourceBook(me, () => 0);
    book.learn([source('a')]);
    book.take(0);
    const blocked = { code: 'unauthorised', message: 'It is blocked here' } as const;
    book.drop(a, blocked);
    expect([book.inUse, book.size, book.nextAttemptMs(), book.problem]).toEqual([0, 0, undefined, blocked]);
    book.learn([source('a')]);
    expect(book.take(0)?.peer).toBe(a);
  });

  test('tries everybody who is not banned at once when somebody is in a hurry', () => {
    const book = new SourceBook(me, () => 0.99);
    book.learn([source('a')]);
    book.take(0);
    book.lost(a, { code: 'not-shared', message: 'no' }, 0);
    expect(book.take(1)).toBeUndefined();
    book.hurry();
    expect(book.take(1)?.peer).toBe('a');
  });
});
