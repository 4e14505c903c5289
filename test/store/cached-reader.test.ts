import { describe, expect, test } from '@jest/globals';
import { redisCachedAnswers, redisHoldersFreshMs, redisPageFreshMs } from '../../src/core/limits/redis.ts';
import { TrackerCounters } from '../../src/core/tracker/tracker-counters.ts';
import { CachedReader } from '../../src/store/cached-reader.ts';
import type { CatalogReader, SearchPage } from '../../src/store/catalog-store.ts';
import { MemoryStore } from '../../src/store/memory/memory-store.ts';
import { content, file, find, peer, query, share } from './files.ts';

/** A store that counts what it is asked, and what it should say of its pages. */
function counted(): { store: MemoryStore; asked: string[]; state: { isPartial: boolean; fails: boolean } } {
  const asked: string[] = [];
  const state = { isPartial: false, fails: false };
  class Counted extends MemoryStore {
    override async search(...args: Parameters<CatalogReader['search']>): Promise<SearchPage> {
      asked.push('search');
      if (state.fails) throw new Error('It fails');
      return { ...(await super.search(...args)), ...(state.isPartial && { isPartial: true }) };
    }

    override async holders(
      ...args: Parameters<CatalogReader['holders']>
    ): ReturnType<CatalogReader['holders']> {
      asked.push('holders');
      const held = await super.holders(...args);
      return state.isPartial ? held.map((each) => ({ ...each, isPartial: true })) : held;
    }
  }
  return { store: new Counted(), asked, state };
}

describe('a reader that remembers', () => {
  test('asks once for what many ask at the same time, and not again for a while', async () => {
    const { store, asked } = counted();
    let nowMs = 0;
    const counters = new TrackerCounters(['searcher-0']);
    const reader = new CachedReader(store, { nowMs: () => nowMs, counters: counters.of('searcher-0') });
    await share(store, 'alice', file('/a/song.mp3'));
    const page = { limit: 9 };
    await Promise.all([1, 2, 3].map(async () => reader.search(query('song'), page)));
    nowMs = redisPageFreshMs - 1;
    await reader.search(query('song'), page);
    expect(asked).toEqual(['search']);
    nowMs = redisPageFreshMs;
    await reader.search(query('song'), page);
    await reader.search(query('song'), { limit: 8 });
    expect(asked.length).toBe(3);
    expect([counters.total('cacheHits'), counters.total('cacheMisses')]).toEqual([3, 3]);
  });

  test('keeps no page that lacks a part, and no failure', async () => {
    const { store, asked, state } = counted();
    const reader = new CachedReader(store, { nowMs: () => 0 });
    state.isPartial = true;
    expect((await reader.search(query('song'), { limit: 9 })).isPartial).toBe(true);
    state.isPartial = false;
    state.fails = true;
    await expect(reader.search(query('song'), { limit: 9 })).rejects.toThrow('It fails');
    state.fails = false;
    expect((await reader.search(query('song'), { limit: 9 })).isPartial).toBeUndefined();
    expect(asked.length).toBe(3);
  });

  test('keeps sources while there are some; who waits for the first hears of it at once', async () => {
    const { store, asked } = counted();
    let nowMs = 0;
    const reader = new CachedReader(store, { nowMs: () => nowMs });
    await reader.holders([content('/a/x')], 9);
    await share(store, 'alice', file('/a/x'));
    expect((await reader.holders([content('/a/x')], 9))[0]?.sources.length).toBe(1);
    await store.detach([peer('alice')], 1);
    expect((await reader.holders([content('/a/x')], 9))[0]?.sources.length).toBe(1);
    nowMs = redisHoldersFreshMs;
    expect((await reader.holders([content('/a/x')], 9))[0]?.sources).toEqual([]);
    expect(asked.length).toBe(3);
  });

  test('keeps no sources that lack those of a part', async () => {
    const { store, asked, state } = counted();
    const reader = new CachedReader(store, { nowMs: () => 0 });
    await share(store, 'alice', file('/a/x'));
    state.isPartial = true;
    expect((await reader.holders([content('/a/x')], 9))[0]?.isPartial).toBe(true);
    state.isPartial = false;
    expect((await reader.holders([content('/a/x')], 9))[0]?.isPartial).toBeUndefined();
    await reader.holders([content('/a/x')], 9);
    expect(asked.length).toBe(2);
  });

  test('remembers a bounded number of answers', async () => {
    const { store, asked } = counted();
    const reader = new CachedReader(store, { nowMs: () => 0 });
    for (let at = 0; at <= redisCachedAnswers; at++) await reader.findName(`name ${at}`, 1);
    for (let at = 0; at < redisCachedAnswers; at++)
      await reader.search(query('song'), { limit: 1, cursor: String(at) });
    await reader.search(query('song'), { limit: 1, cursor: '0' });
    expect(asked.length).toBe(redisCachedAnswers);
    await reader.findName('one more', 1);
    await reader.search(query('song'), { limit: 1, cursor: '0' });
    expect(asked.length).toBe(redisCachedAnswers + 1);
  });

  test('says of everything else what its store says', async () => {
    const store = new MemoryStore();
    const reader = new CachedReader(store);
    await share(store, 'alice', file('/a/song.mp3'));
    expect(await find(store, 'song')).toEqual(['song.mp3']);
    expect(await reader.stats()).toEqual(await store.stats());
    expect(await reader.peers(undefined, 9)).toEqual(await store.peers(undefined, 9));
    expect(await reader.findPeer('alice')).toEqual(await store.findPeer('alice'));
    expect(await reader.wordsLike('so', 9)).toEqual(['song']);
    await reader.close();
  });
});
