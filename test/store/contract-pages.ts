/** What every catalogue store must do page by page, with words and with reachability: run once for each engine. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { candidatesPerResult, leastRankedResults, maxRefusedHits } from '../../src/core/limits/stores.ts';
import { maxCursorBytes } from '../../src/core/limits/wire.ts';
import type { CatalogReader, CatalogStore } from '../../src/store/catalog-store.ts';
import { arrival, content, file, peer, query, share, value } from './files.ts';

/** Every page of a search, at most `most`, by the names found. */
export async function pages(
  store: CatalogReader,
  text: string,
  limit: number,
  most = 200,
): Promise<readonly (readonly string[])[]> {
  const found: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await store.search(query(text), { limit, cursor });
    if (page.cursor !== undefined) expect(page.more).toBe(true);
    expect(page.cursor?.length ?? 0).toBeLessThanOrEqual(maxCursorBytes);
    found.push(page.results.map(({ name }) => name));
    cursor = page.cursor;
  } while (cursor !== undefined && found.length < most);
  return found;
}

/** More of them than a search refuses. */
const alikeNames = 2 * maxRefusedHits;

export function describePages(engine: string, open: () => Promise<CatalogStore>): void {
  describe(`${engine} store`, () => {
    let store: CatalogStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });
    const songs = (count: number) =>
      Array.from({ length: count }, (_, at) => file(`/a/song ${String(at).padStart(3, '0')}.mp3`));

    describe('pages', () => {
      test.each([1, 3, 7, 50])('of %i hold everything once, and end', async (limit) => {
        const files = songs(100);
        await share(store, 'alice', ...files);
        const found = await pages(store, 'song', limit);
        expect(found.flat().toSorted()).toEqual(files.map(({ path }) => path.slice(3)));
        expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      });

      test.each([
        ['one of ten', 300, 10],
        ['half', 300, 2],
        ['a few of very many', 1_300, 200],
      ])(
        'of a kind (%s with those words) hold everything once, the newest first',
        async (_, count, every) => {
          const kindOf = (at: number): string => (at % every === 0 ? 'mkv' : 'mp3');
          const files = songs(count).map(({ path }, at) => file(path.replace('mp3', kindOf(at))));
          for (let from = 0; from < count; from += 500)
            await share(store, 'alice', ...files.slice(from, from + 500));
          const wanted = files.filter(({ path }) => path.endsWith('.mkv')).map(({ path }) => path.slice(3));
          for (const filter of ['type:video', 'ext:mkv', '-type:audio', '-ext:mp3 size:<1G'])
            expect((await pages(store, `song ${filter}`, 25)).flat()).toEqual(wanted.toReversed());
          expect(await pages(store, 'song type:image', 25)).toEqual([[]]);
          expect((await pages(store, 'song 010 -type:image', 25)).flat()).toEqual([`song 010.${kindOf(10)}`]);
        },
      );

      test('rank a stretch of the newest rows at a time', async () => {
        const stretch = leastRankedResults * candidatesPerResult;
        const numbers = Array.from({ length: stretch + 20 }, (_, at) => at);
        await share(store, 'alice', ...songs(numbers.length));
        // Two of the newest stretch, and one that is older: its second copy does not help it.
        const [old, low, high] = [3, 25, numbers.length - 2];
        await share(store, 'bob', ...[old, low, high].flatMap((at) => songs(at + 1).slice(-1)));
        const rest = (from: number, to: number) =>
          numbers
            .slice(from, to)
            .toReversed()
            .filter((at) => at !== low && at !== high && at !== old);
        expect((await pages(store, 'song', 2)).flat()).toEqual(
          [high, low, ...rest(20, numbers.length), old, ...rest(0, 20)].map(
            (at) => `song ${String(at).padStart(3, '0')}.mp3`,
          ),
        );
      });

      test('a name is found among very many that differ from it in separators or case', async () => {
        await share(store, 'alice', file('/x/Holiday.mkv', 5, 'wanted'));
        const alike = (at: number): string => `Holi${'-'.repeat(1 + (at % 40))}day${'_'.repeat(at / 40)}.MKV`;
        for (let from = 0; from < alikeNames; from += 500)
          await share(
            store,
            'bob',
            ...Array.from({ length: 500 }, (_, at) => file(`/b/${alike(from + at)}`)),
          );
        const named = await store.findName('Holiday.mkv', 2);
        expect(named.results.map(({ id }) => id)).toEqual([content('wanted')]);
        const { results } = await store.search(query('holiday'), { limit: 3 });
        expect(results).toHaveLength(3);
      });

      test('begin with the names that are exactly the words, however old', async () => {
        const exact = [file('/a/Harvest.mp3', 5, 'one'), file('/b/harvest', 6, 'two')];
        await share(store, 'alice', ...exact, file('/a/harvest/other.mp3'), file('/a/harvest.fair.mp3'));
        const others = (count: number, words: string) =>
          Array.from({ length: count }, (_, at) => file(`/c/${at} ${words}.mp3`));
        await share(store, 'bob', ...others(260, 'old harvest fair'));
        for (const limit of [1, 2, 3, 50]) {
          for (const text of ['harvest', 'HARVEST ', '"harvest"', 'harvest size:<1G']) {
            const { results, more } = await store.search(query(text), { limit });
            expect(results).toHaveLength(limit);
            expect(more).toBe(true);
            const first = limit === 1 ? ['harvest'] : ['harvest', 'Harvest.mp3'];
            expect(results.slice(0, 2).map(({ name }) => name)).toEqual(first);
          }
          const found = await pages(store, 'harvest', limit, 1_000);
          expect(new Set(found.flat()).size).toBe(264);
          expect(found.every((page) => page.length <= limit)).toBe(true);
        }
        const { results } = await store.search(query('harvest.mp3 type:audio'), { limit: 2 });
        expect(results[0]?.name).toBe('Harvest.mp3');
        const none = await store.search(query('harvest peer:bob'), { limit: 2 });
        expect(none.results.some(({ name }) => name.toLowerCase().startsWith('harvest'))).toBe(false);
      });

      test('show nothing twice and leave nothing out while files come', async () => {
        const files = songs(40);
        await share(store, 'alice', ...files);
        const found: string[] = [];
        let cursor: string | undefined;
        for (let at = 0; at === 0 || cursor !== undefined; at++) {
          const page = await store.search(query('song'), { limit: 3, cursor });
          found.push(...page.results.map(({ name }) => name));
          cursor = page.cursor;
          await share(store, 'bob', file(`/b/song new ${at}.mp3`));
        }
        expect(found.toSorted()).toEqual(files.map(({ path }) => path.slice(3)));
      });

      test('may be of other sizes than the first', async () => {
        const stretch = leastRankedResults * candidatesPerResult;
        await share(store, 'alice', ...songs(stretch + 4));
        const first = await store.search(query('song'), { limit: 2 });
        const second = await store.search(query('song'), { limit: 5, cursor: first.cursor });
        const third = await store.search(query('song'), { limit: 200, cursor: second.cursor });
        const names = [first, second, third].map(({ results }) => results.map(({ name }) => name));
        expect(names.map(({ length }) => length)).toEqual([2, 5, stretch - 7]);
        expect(third.cursor).toBeDefined();
        const fourth = await store.search(query('song'), { limit: 50, cursor: third.cursor });
        expect([...names, fourth.results.map(({ name }) => name)].flat()).toHaveLength(stretch + 4);
        expect([fourth.more, fourth.cursor]).toEqual([false, undefined]);
      });

      test.each(['', 'x', '1', '0.0.0', '9.9.9999', '5.999.1', '-1.0.5', '1.0.5 ', '99999999999999999.0.1'])(
        'the cursor %j is the end',
        async (cursor) => {
          await share(store, 'alice', ...songs(3));
          expect(await store.search(query('song'), { limit: 2, cursor })).toEqual({
            results: [],
            more: false,
          });
        },
      );

      test('nothing is asked for: nothing is given, and it says that there is something', async () => {
        await share(store, 'alice', ...songs(3));
        expect(await store.search(query('song'), { limit: 0 })).toEqual({ results: [], more: true });
      });
    });

    describe('words', () => {
      test('that begin so are given in order, folded, without what only says what a file is', async () => {
        await share(
          store,
          'alice',
          file('/Zebra/Apple.txt'),
          file('/a/Ápricot apply.mkv'),
          file('/a/\u6771\u4eac.mkv'),
        );
        expect(await store.wordsLike('ap', 9)).toEqual(['apple', 'apply', 'apricot']);
        expect(await store.wordsLike('ap', 2)).toEqual(['apple', 'apply']);
        expect(await store.wordsLike('z', 9)).toEqual(['zebra']);
        expect(await store.wordsLike('x', 9)).toEqual([]);
        expect(await store.wordsLike('e:', 9)).toEqual([]);
        expect(await store.wordsLike('\u6771', 9)).toEqual(['\u6771', '\u6771\u4eac']);
        expect(await store.wordsLike('ap', 0)).toEqual([]);
      });

      test('are gone with the last file that has them', async () => {
        await share(store, 'alice', file('/a/apple'));
        await store.apply(peer('alice'), { adds: [], removes: [file('/a/apple')] });
        expect(await store.wordsLike('ap', 9)).toEqual([]);
      });
    });

    describe('reachability', () => {
      const seen = async (): Promise<unknown> => {
        const [found] = (await store.search(query('apple'), { limit: 9 })).results;
        const [held] = await store.holders([content('/a/apple')], 9);
        const [listed] = (await store.peers(undefined, 9)).peers;
        const known = await store.findPeer('alice');
        const all = [found?.sources[0], held?.sources[0], listed, known].map((one) => one?.reachable);
        expect(new Set(all).size).toBe(1);
        return all[0];
      };

      test('is shown wherever the peer is, once somebody has tried', async () => {
        await share(store, 'alice', file('/a/apple'));
        expect(await seen()).toBeUndefined();
        await store.setReachable(peer('alice'), false);
        expect(await seen()).toBe(false);
        await store.setReachable(peer('alice'), true);
        expect(await seen()).toBe(true);
      });

      test.each([
        ['the same address', {}, true],
        ['another port', { port: 4_001 }, undefined],
        ['another host', { host: '192.0.2.8' }, undefined],
      ])('of a peer that returns from %s', async (_, changes, expected) => {
        await share(store, 'alice', file('/a/apple'));
        await store.setReachable(peer('alice'), true);
        await store.detach([peer('alice')], 1);
        value(await store.attach({ ...arrival('alice'), ...changes }, 2));
        expect(await seen()).toBe(expected);
      });

      test('of a stranger is nothing', async () => {
        await store.setReachable(peer('nobody'), true);
        expect(await store.stats()).toMatchObject({ peersKnown: 0 });
      });
    });
  });
}
