/** What a catalogue store must do with names that are not to be looked at: run for each engine. */
import { describe, expect, test } from '@jest/globals';
import { phraseTerms, withoutWords } from '../../src/core/tracker/deny-list.ts';
import { maxRowsPerContent } from '../../src/core/limits/stores.ts';
import type { CatalogStore } from '../../src/store/catalog-store.ts';
import { content, file, query, share, sourcesOf } from './files.ts';

export function describeDenied(engine: string, open: () => Promise<CatalogStore>): void {
  describe(`${engine} store: a path with words that are denied`, () => {
    test('is as if it were not there, and its content has its other names', async () => {
      const store = await open();
      const denied = phraseTerms(['bad thing']);
      const found = async (name: string): Promise<unknown> => {
        const { results, more } = await store.findName(name, 9, denied);
        return [more, ...results.map((one) => [one.name, one.folder, sourcesOf([one]).flat()])];
      };
      await share(store, 'alice', file('/good/song.mp3', 1, 'x'), file('/a/bad thing.mp3', 1, 'y'));
      await share(store, 'bob', file('/bad thing/song.mp3', 1, 'x'), file('/b/other.mp3', 1, 'y'));
      await share(store, 'carol', file('/bad thing/song.mp3', 1, 'x'), file('/a/bad thing.mp3', 1, 'y'));
      await share(store, 'dave', file('/bad thing/only.mp3', 1, 'z'));
      const all = ['alice', 'bob', 'carol'];
      expect(await found('song.mp3')).toEqual([false, ['song.mp3', '/good/', all]]);
      expect(await found(content('x'))).toEqual([false, ['song.mp3', '/good/', all]]);
      expect(await found(content('y'))).toEqual([false, ['other.mp3', '/b/', all]]);
      for (const nothing of ['bad thing.mp3', 'only.mp3', content('z')])
        expect([nothing, await found(nothing)]).toEqual([nothing, [false]]);
      expect((await store.findName('bad thing.mp3', 9)).results).toHaveLength(1);
      const searched = await store.search(withoutWords(query('mp3'), ['bad thing']), { limit: 9 });
      expect(searched.results.map(({ name, folder }) => `${folder ?? ''}${name}`).toSorted()).toEqual([
        '/b/other.mp3',
        '/good/song.mp3',
      ]);
      await store.close();
    });

    test('hides no other, however many there are of it', async () => {
      const store = await open();
      const many = Array.from({ length: maxRowsPerContent + 1 }, (_, at) => file(`/bad/${at}/x.mp3`, 1, 'x'));
      await share(store, 'alice', file('/good/x.mp3', 1, 'x'));
      await share(store, 'bob', ...many);
      const { results } = await store.findName(content('x'), 9, phraseTerms(['bad']));
      expect(results.map(({ name, folder }) => [name, folder])).toEqual([['x.mp3', '/good/']]);
      await store.close();
    });
  });
}
