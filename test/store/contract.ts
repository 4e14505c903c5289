/** What every catalogue store must do: run once for each engine. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileEntries } from '../../src/core/share/file-entries.ts';
import { maxFilesPerShare, maxSourcesPerResult, maxSuspectFiles } from '../../src/core/limits/stores.ts';
import { maxNamesPerResult } from '../../src/core/limits/wire.ts';
import type { CatalogStore } from '../../src/store/catalog-store.ts';
import { findSuggestion } from '../../src/store/find-suggestion.ts';
import { KnownFiles } from '../../src/store/known-files.ts';
import { prepareEntries } from '../../src/store/prepared-batch.ts';
import {
  arrival,
  bucketDigestsOf,
  code,
  content,
  file,
  find,
  namesOf,
  peer,
  query,
  share,
  sourcesOf,
  stateOf,
  value,
} from './files.ts';
import { nameCorpus } from './name-corpus.ts';
import { suggestionCases, suggestionNames } from './suggestion-corpus.ts';

/** `maxFiles`: what this store takes of one peer. */
export function describeStore(
  engine: string,
  open: () => Promise<CatalogStore>,
  maxFiles = maxFilesPerShare,
): void {
  describe(`${engine} store`, () => {
    let store: CatalogStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });

    describe('peers', () => {
      test('a peer that comes for the first time has an empty share', async () => {
        const state = value(await store.attach(arrival('alice'), 0));
        expect(state).toEqual({ generation: 0, count: 0, digest: expect.anything() });
        expect(Buffer.from(state.digest)).toEqual(Buffer.alloc(16));
      });

      test('a peer that returns is told what is still known of its share', async () => {
        const files = [file('/a/one.txt'), file('/a/two.txt')];
        await share(store, 'alice', ...files);
        value(await store.commit(peer('alice'), stateOf(files, 7)));
        await store.detach([peer('alice')], 1);
        const known = value(await store.attach(arrival('alice'), 2));
        expect({ ...known, digest: Buffer.from(known.digest) }).toEqual({
          ...stateOf(files, 7),
          digest: Buffer.from(stateOf(files).digest),
        });
        expect(await find(store, 'one')).toEqual(['one.txt']);
      });

      test('attaching again moves the peer to its new address and name', async () => {
        await share(store, 'alice', file('/a/one.txt'));
        value(await store.attach({ ...arrival('alice', 5_000), name: 'Alicia' }, 1));
        const [found] = (await store.search(query('one'), { limit: 9 })).results;
        expect(found?.sources).toEqual([
          { peer: peer('alice'), name: 'Alicia', host: '192.0.2.7', port: 5_000 },
        ]);
      });

      test('a name that somebody online has is refused with one that is free', async () => {
        await share(store, 'alice');
        await store.attach({ ...arrival('mallory'), name: 'alice-2' }, 0);
        const refused = await store.attach({ ...arrival('bob'), name: 'Alice' }, 0);
        expect(refused).toMatchObject({ ok: false, problem: { code: 'name-taken', suggestion: 'Alice-3' } });
        expect(await store.findPeer(peer('bob'))).toBeUndefined();
      });

      test.each(['ALICE', 'álice', 'ａｌｉｃｅ', 'аlice', 'al\u200bice'])(
        '%j is the name alice',
        async (name) => {
          await share(store, 'alice');
          expect(code(await store.attach({ ...arrival('bob'), name }, 0))).toBe('name-taken');
        },
      );

      test('a name stays with its key while that may return, and is free when it is forgotten', async () => {
        await share(store, 'alice', file('/a/x.txt'));
        await store.detach([peer('alice')], 10);
        const thief = { ...arrival('bob'), name: 'alice' };
        expect(code(await store.attach(thief, 11))).toBe('name-taken');
        expect(code(await store.attach(arrival('alice'), 12))).toBe('ok');
        await store.detach([peer('alice')], 13);
        await store.sweep({ leftBeforeMs: 14, maxRows: 100 });
        expect(code(await store.attach(thief, 15))).toBe('ok');
      });

      test.each(['', ' ', '\u200b', 'a:b', 'a/b', 'a\nb', 'x'.repeat(65), peer('x') as string])(
        '%j is no name',
        async (name) => {
          expect(code(await store.attach({ ...arrival('bob'), name }, 0))).toBe('bad-name');
        },
      );

      test('online peers are listed in the order of their names, a page at a time', async () => {
        for (const name of ['dora', 'Bob', 'carol', 'alice', 'eve'])
          await share(store, name, file(`/${name}/x`));
        await store.detach([peer('carol')], 1);
        const first = await store.peers(undefined, 2);
        const second = await store.peers(first.cursor, 2);
        expect([namesOf(first.peers), namesOf(second.peers)]).toEqual([
          ['alice', 'Bob'],
          ['dora', 'eve'],
        ]);
        expect(second.cursor).toBeUndefined();
      });

      test('a peer is listed with the number and size of its files', async () => {
        await share(store, 'alice', file('/a/one', 10), file('/a/two', 32));
        await store.apply(peer('alice'), { adds: [], removes: [file('/a/one', 10)] });
        const { peers } = await store.peers(undefined, 9);
        expect(peers).toEqual([{ ...arrival('alice'), files: 1, bytes: 32 }]);
      });

      test('a peer that claims impossible sizes is listed, and found, like any other', async () => {
        const huge = [1, 2, 3].map((number) => file(`/a/${number}`, Number.MAX_SAFE_INTEGER));
        await share(store, 'mallory', ...huge);
        const listed = { ...arrival('mallory'), files: 3, bytes: Number.MAX_SAFE_INTEGER };
        expect((await store.peers(undefined, 9)).peers).toEqual([listed]);
        expect(await store.findPeer('mallory')).toEqual(listed);
      });

      test('an online peer is found by name and by id, one that left by neither', async () => {
        await share(store, 'Alice');
        expect((await store.findPeer('alice'))?.name).toBe('Alice');
        expect((await store.findPeer(peer('Alice')))?.name).toBe('Alice');
        await store.detach([peer('Alice')], 1);
        expect(await store.findPeer('alice')).toBeUndefined();
        expect(await store.findPeer(peer('Alice'))).toBeUndefined();
      });

      test('detaching strangers and the already detached does nothing', async () => {
        await share(store, 'alice');
        await store.detach([peer('nobody'), peer('alice'), peer('alice')], 1);
        expect((await store.stats()).peersOnline).toBe(0);
      });
    });

    describe('shares', () => {
      test('files are found as soon as they are applied, and no longer once removed', async () => {
        await share(store, 'alice', file('/a/red apple.txt'), file('/a/green apple.txt'));
        expect(new Set(await find(store, 'apple'))).toEqual(new Set(['red apple.txt', 'green apple.txt']));
        const change = await store.apply(peer('alice'), { adds: [], removes: [file('/a/red apple.txt')] });
        expect(value(change)).toEqual({ added: 0, removed: 1, rejected: [], count: 1 });
        expect(await find(store, 'apple')).toEqual(['green apple.txt']);
      });

      test('adding and removing twice is the same as once', async () => {
        const both = { adds: [file('/a/x'), file('/a/x')], removes: [file('/a/y'), file('/a/y')] };
        await share(store, 'alice', file('/a/y'));
        expect(value(await store.apply(peer('alice'), both))).toMatchObject({
          added: 1,
          removed: 1,
          count: 1,
        });
        expect(value(await store.apply(peer('alice'), both))).toMatchObject({
          added: 0,
          removed: 0,
          count: 1,
        });
        expect(code(await store.commit(peer('alice'), stateOf([file('/a/x')])))).toBe('ok');
      });

      test('removes of a batch come before its adds', async () => {
        await share(store, 'alice', file('/a/x'));
        const change = await store.apply(peer('alice'), { adds: [file('/a/x')], removes: [file('/a/x')] });
        expect(value(change).count).toBe(1);
        expect(await find(store, 'x')).toEqual(['x']);
      });

      test('a content at a path with another size replaces the one before', async () => {
        await share(store, 'alice', file('/a/x', 5));
        value(await store.apply(peer('alice'), { adds: [file('/a/x', 6)], removes: [] }));
        expect(
          (await store.search(query('x'), { limit: 9 })).results.map((found) => found.sizeBytes),
        ).toEqual([6]);
        expect(code(await store.commit(peer('alice'), stateOf([file('/a/x', 6)])))).toBe('ok');
      });

      test('what one peer removes the others keep', async () => {
        await share(store, 'alice', file('/a/x'));
        await share(store, 'bob', file('/a/x'));
        value(await store.apply(peer('alice'), { adds: [], removes: [file('/a/x')] }));
        expect(sourcesOf((await store.search(query('x'), { limit: 9 })).results)).toEqual([['bob']]);
      });

      test('a peer cannot remove what only others have', async () => {
        await share(store, 'alice', file('/a/x'));
        await share(store, 'bob');
        const change = value(await store.apply(peer('bob'), { adds: [], removes: [file('/a/x')] }));
        expect(change.removed).toBe(0);
        expect(await find(store, 'x')).toEqual(['x']);
      });

      test('a commit sets the generation when the shares agree', async () => {
        const files = [file('/a/x', 1), file('/a/y', 2)];
        await share(store, 'alice', ...files);
        const kept = value(await store.commit(peer('alice'), stateOf(files, 3)));
        expect([kept.generation, kept.count]).toEqual([3, 2]);
      });

      test.each([
        ['a missing file', [file('/a/x', 1)]],
        ['an unknown file', [file('/a/x', 1), file('/a/y', 2), file('/a/z', 3)]],
        ['another size', [file('/a/x', 1), file('/a/y', 3)]],
      ])('a commit with %s is stale and changes nothing', async (_, claimed) => {
        const files = [file('/a/x', 1), file('/a/y', 2)];
        await share(store, 'alice', ...files);
        value(await store.commit(peer('alice'), stateOf(files, 3)));
        expect(code(await store.commit(peer('alice'), stateOf(claimed, 9)))).toBe('stale');
        expect(value(await store.attach(arrival('alice'), 0)).generation).toBe(3);
      });

      test('bucket digests are those of the files, so that a peer sees where it differs', async () => {
        const files = Array.from({ length: 40 }, (_, at) => file(`/a/${at}`, at));
        await share(store, 'alice', ...files);
        expect(Buffer.from(value(await store.bucketDigests(peer('alice'))))).toEqual(
          Buffer.from(bucketDigestsOf(files)),
        );
      });

      test('dropping buckets removes exactly the files in them', async () => {
        const files = Array.from({ length: 600 }, (_, at) => file(`/a/${at}`, at));
        await share(store, 'alice', ...files);
        await share(store, 'bob', ...files);
        const digests = bucketDigestsOf(files);
        const chosen = Array.from({ length: 256 }, (_, bucket) => bucket).filter(
          (bucket) => bucket % 3 === 0,
        );
        const dropped = value(await store.dropBuckets(peer('alice'), chosen));
        const left = value(await store.bucketDigests(peer('alice')));
        for (const bucket of chosen) digests.fill(0, bucket * 8, bucket * 8 + 8);
        expect(Buffer.from(left)).toEqual(Buffer.from(digests));
        const { peers } = await store.peers(undefined, 9);
        expect(peers.map(({ files: count }) => count)).toEqual([600 - dropped, 600]);
      });

      test('a file that is no path in a share is rejected, the others are taken', async () => {
        await share(store, 'alice');
        const adds = [file('/a/ok'), file('/a/../etc'), file('no-slash'), file('/a/also ok')];
        const change = value(await store.apply(peer('alice'), { adds, removes: [] }));
        expect(change.rejected.map(({ index, problem }) => [index, problem.code])).toEqual([
          [1, 'bad-name'],
          [2, 'bad-name'],
        ]);
        expect(change.count).toBe(2);
      });

      test('a commit may still count the rejected files once, and is told the share without them', async () => {
        await share(store, 'alice');
        const taken = [file('/a/ok')];
        const all = [...taken, file('/a/../etc')];
        value(await store.apply(peer('alice'), { adds: all, removes: [] }));
        expect(value(await store.commit(peer('alice'), stateOf(all, 2))).count).toBe(1);
        expect(code(await store.commit(peer('alice'), stateOf(all, 3)))).toBe('stale');
        expect(code(await store.commit(peer('alice'), stateOf(taken, 3)))).toBe('ok');
      });

      test('nothing can be done to the share of a peer that is not online', async () => {
        await share(store, 'alice', file('/a/x'));
        await store.detach([peer('alice')], 1);
        expect([
          code(await store.apply(peer('alice'), { adds: [file('/a/y')], removes: [] })),
          code(await store.commit(peer('alice'), stateOf([file('/a/x')]))),
          code(await store.dropBuckets(peer('alice'), [0])),
          code(await store.bucketDigests(peer('nobody'))),
        ]).toEqual(['not-found', 'not-found', 'not-found', 'not-found']);
      });
    });

    describe('files that are taken for known', () => {
      test('are listed with all their words, whether they are or not', async () => {
        const [mine, ours] = [file('/a/mine only.txt'), file('/a/ours too.txt')];
        const prepared = new KnownFiles();
        const entries = FileEntries.of([mine, ours]);
        prepareEntries(entries, undefined, prepared);
        await share(store, 'alice', ours);
        await store.attach(arrival('bob'), 0);
        const batch = { adds: prepareEntries(entries, undefined, prepared), removes: [] };
        expect(value(await store.apply(peer('bob'), batch))).toMatchObject({ added: 2, rejected: [] });
        expect(await find(store, 'mine')).toEqual(['mine only.txt']);
        expect(await find(store, 'ours too')).toEqual(['ours too.txt']);
        expect(await find(store, 'only ext:txt type:document')).toEqual(['mine only.txt']);
        expect((await store.findName('mine only.txt', 5)).results).toHaveLength(1);
        expect(value(await store.commit(peer('bob'), stateOf([mine, ours], 1))).count).toBe(2);
      });
    });

    describe('results', () => {
      test('a peer that left is in no result, and its files come back with it', async () => {
        await share(store, 'alice', file('/a/apple.txt'));
        await share(store, 'bob', file('/b/apple.txt', 1_000, '/a/apple.txt'), file('/b/pear.txt'));
        await store.detach([peer('bob')], 1);
        expect(sourcesOf((await store.search(query('apple'), { limit: 9 })).results)).toEqual([['alice']]);
        expect((await store.search(query('apple'), { limit: 9 })).results[0]?.names).toEqual(['apple.txt']);
        expect(await find(store, 'pear')).toEqual([]);
        expect((await store.findName('pear.txt', 9)).results).toEqual([]);
        expect((await store.holders([content('/b/pear.txt')], 9))[0]?.sources).toEqual([]);
        value(await store.attach(arrival('bob'), 2));
        expect(await find(store, 'pear')).toEqual(['pear.txt']);
      });

      test('one content under several names is one result with all of them and all sources', async () => {
        await share(store, 'alice', file('/a/apple.txt', 5, 'same'));
        await share(store, 'bob', file('/b/apple pie.txt', 5, 'same'), file('/b/dessert.txt', 5, 'same'));
        const { results, more } = await store.search(query('apple pie'), { limit: 9 });
        expect(results).toEqual([
          {
            id: content('same'),
            name: 'apple pie.txt',
            names: ['apple pie.txt', 'dessert.txt', 'apple.txt'],
            // Where it is called what it is called above.
            folder: '/b/',
            sizeBytes: 5,
            type: 'document',
            sources: [arrival('alice'), arrival('bob')],
          },
        ]);
        expect(more).toBe(false);
      });

      test('a peer that lies about a size is a result of its own', async () => {
        await share(store, 'alice', file('/a/film.mkv', 700, 'film'));
        await share(store, 'mallory', file('/a/film.mkv', 1, 'film'));
        const { results } = await store.search(query('film'), { limit: 9 });
        expect(new Set(results.map(({ sizeBytes }) => sizeBytes))).toEqual(new Set([1, 700]));
        expect(sourcesOf(results).flat().sort()).toEqual(['alice', 'mallory']);
      });

      test('exact names come first, then words in a row, then in order, then anyhow', async () => {
        const names = ['blue moon.mp3', 'blue moon rising.mp3', 'blue and moon.mp3', 'moon blue.mp3'];
        await share(store, 'alice', ...names.toReversed().map((name) => file(`/m/${name}`)));
        await share(store, 'bob', ...names.map((name) => file(`/m/${name}`)));
        expect(await find(store, 'blue moon')).toEqual(names);
      });

      test('a content goes by the name that most use, or the first of those, whoever came last', async () => {
        await share(store, 'carol', file('/c/zebra.bin', 9, 'same'));
        await share(store, 'alice', file('/a/lion.bin', 9, 'same'));
        const [first] = (await store.findName(content('same'), 1)).results;
        expect([first?.name, first?.names]).toEqual(['lion.bin', ['lion.bin', 'zebra.bin']]);
        await share(store, 'bob', file('/b/folder/zebra.bin', 9, 'same'));
        await share(store, 'dave', file('/d/ant.bin', 9, 'same'));
        const [then] = (await store.findName(content('same'), 1)).results;
        expect([then?.name, then?.names]).toEqual(['zebra.bin', ['zebra.bin', 'ant.bin', 'lion.bin']]);
      });

      test('equally good names are ranked by sources, then newest first', async () => {
        await share(
          store,
          'alice',
          file('/1/tune one.mp3'),
          file('/1/tune two.mp3'),
          file('/1/tune six.mp3'),
        );
        await share(store, 'bob', file('/1/tune two.mp3'));
        expect(await find(store, 'tune')).toEqual(['tune two.mp3', 'tune six.mp3', 'tune one.mp3']);
      });

      test('no more results than asked for, and it says that there are more', async () => {
        await share(store, 'alice', ...Array.from({ length: 9 }, (_, at) => file(`/a/song ${at}.mp3`)));
        const some = await store.search(query('song'), { limit: 4 });
        expect([some.results.length, some.more]).toEqual([4, true]);
        const all = await store.search(query('song'), { limit: 9 });
        expect([all.results.length, all.more]).toEqual([9, false]);
      });

      test('names and sources of one result are bounded', async () => {
        for (let at = 0; at < maxSourcesPerResult + 3; at++)
          await share(store, `peer${at}`, file(`/a/copy ${at}.bin`, 9, 'copied'));
        const [found] = (await store.search(query('copy'), { limit: 9 })).results;
        expect(found?.names.length).toBe(maxNamesPerResult);
        expect(found?.sources.length).toBe(maxSourcesPerResult);
        expect((await store.holders([content('copied')], 3))[0]?.sources.length).toBe(3);
      });

      test('folders are searched like names', async () => {
        await share(store, 'alice', file('/music/Pink Floyd/Animals/Dogs.flac'), file('/music/Dogs.txt'));
        expect(await find(store, 'floyd dogs')).toEqual(['Dogs.flac']);
      });

      test('filters and exclusions narrow a search', async () => {
        await share(
          store,
          'alice',
          file('/a/trip.mkv', 700_000_000),
          file('/a/trip.mp4', 5_000_000),
          file('/a/trip.jpg', 200_000),
          file('/a/trip notes.txt', 0),
        );
        const cases: readonly (readonly [string, readonly string[]])[] = [
          ['trip type:video', ['trip.mkv', 'trip.mp4']],
          ['trip ext:mkv,jpg', ['trip.jpg', 'trip.mkv']],
          ['trip -type:video -notes', ['trip.jpg']],
          ['trip -ext:mkv size:>100K', ['trip.jpg', 'trip.mp4']],
          ['trip size:<1', ['trip notes.txt']],
          ['size:1M-10M', ['trip.mp4']],
          ['type:image', ['trip.jpg']],
          ['ext:mkv', ['trip.mkv']],
          ['size:<=200000', ['trip notes.txt', 'trip.jpg']],
          ['size:>=5000000 size:<700000000', ['trip.mp4']],
        ];
        for (const [text, names] of cases)
          expect([text, [...(await find(store, text))].sort()]).toEqual([text, [...names].sort()]);
      });

      test('one of several words is enough where OR is between them, and only there', async () => {
        await share(
          store,
          'alice',
          file('/m/blue moon.mp3'),
          file('/m/red moon.mp3'),
          file('/m/red sun.mp3'),
          file('/m/green sun.ogg'),
          file('/m/Wu-Tang sun.mp3'),
        );
        const cases: readonly (readonly [string, readonly string[]])[] = [
          ['blue OR green', ['blue moon.mp3', 'green sun.ogg']],
          ['blue|green', ['blue moon.mp3', 'green sun.ogg']],
          ['blue OR red moon', ['blue moon.mp3', 'red moon.mp3']],
          ['sun blue OR green', ['green sun.ogg']],
          ['(red sun) OR (blue moon) ', ['blue moon.mp3', 'red sun.mp3']],
          ['"red moon" OR green', ['green sun.ogg', 'red moon.mp3']],
          ['wutang OR gre', ['Wu-Tang sun.mp3', 'green sun.ogg']],
          ['sun wu-tang OR ogg', ['Wu-Tang sun.mp3', 'green sun.ogg']],
          ['red OR green -moon', ['green sun.ogg', 'red sun.mp3']],
          ['blue OR red OR green sun ext:mp3', ['red sun.mp3']],
          ['sun OR x', ['Wu-Tang sun.mp3', 'green sun.ogg', 'red sun.mp3']],
          ['nothing OR none', []],
        ];
        for (const [text, names] of cases)
          expect([text, (await find(store, text)).toSorted()]).toEqual([text, names.toSorted()]);
      });

      test('a peer can be asked for by its name or id, as long as it is online', async () => {
        await share(store, 'Anna', file('/a/only anna.txt'), file('/a/both.txt', 5, 'both'));
        await share(store, 'bob', file('/b/both.txt', 5, 'both'), file('/b/only bob.txt'));
        await share(store, 'Carol C', file('/c/only carol.txt', 7));
        const cases: readonly (readonly [string, readonly string[]])[] = [
          ['peer:anna', ['both.txt', 'only anna.txt']],
          ['PEER:\u0410nna', ['both.txt', 'only anna.txt']],
          [`peer:${peer('bob')}`, ['both.txt', 'only bob.txt']],
          [`only peer:anna,${peer('bob')}`, ['only anna.txt', 'only bob.txt']],
          ['only peer:anna peer:bob', ['only anna.txt', 'only bob.txt']],
          ['peer:"Carol C" size:>5', ['only carol.txt']],
          ['txt peer:nobody', []],
        ];
        for (const [text, names] of cases)
          expect([text, (await find(store, text)).toSorted()]).toEqual([text, names.toSorted()]);
        const [both] = (await store.search(query('both peer:bob'), { limit: 9 })).results;
        expect(both?.sources.map(({ name }) => name)).toEqual(['Anna', 'bob']);
        await store.detach([peer('bob')], 1);
        expect(await find(store, 'peer:bob')).toEqual([]);
        expect(await find(store, `peer:${peer('bob')}`)).toEqual([]);
        expect(await find(store, 'both peer:anna')).toEqual(['both.txt']);
      });

      test('contents can be asked for by their ids, among whatever else is asked', async () => {
        await share(store, 'alice', file('/a/one.txt', 5, 'x'), file('/a/two.txt', 6, 'y'));
        await share(store, 'bob', file('/b/three.txt', 5, 'x'), file('/b/four.txt', 7, 'z'));
        const [x, y] = [content('x'), content('y')];
        expect(await find(store, `id:${x}`)).toEqual(['one.txt']);
        expect((await find(store, `id:${x},${y}`)).toSorted()).toEqual(['one.txt', 'two.txt']);
        expect((await find(store, `id:${x} id:${y}`)).toSorted()).toEqual(['one.txt', 'two.txt']);
        expect(await find(store, `id:${x.toUpperCase()} one`)).toEqual(['one.txt']);
        expect(await find(store, `id:${x},${y} peer:alice size:>5`)).toEqual(['two.txt']);
        expect(await find(store, `id:${content('nowhere')}`)).toEqual([]);
        await store.detach([peer('alice')], 1);
        expect(await find(store, `id:${y}`)).toEqual([]);
      });

      test('a name of words that were meant comes first, whichever of them it has', async () => {
        await share(
          store,
          'alice',
          file('/1/moonlight.mp3'),
          file('/1/red moon.mp3'),
          file('/1/a blue moon.mp3'),
          file('/1/red and moon.mp3'),
          file('/moon red/x.mp3'),
        );
        expect(await find(store, 'blue OR red moon')).toEqual([
          'red moon.mp3',
          'a blue moon.mp3',
          'red and moon.mp3',
          'x.mp3',
        ]);
        expect(await find(store, 'moon')).toEqual([
          'red and moon.mp3',
          'a blue moon.mp3',
          'red moon.mp3',
          'moonlight.mp3',
          'x.mp3',
        ]);
      });

      test('a file is found by its exact name and by no other', async () => {
        await share(store, 'alice', file('/a/Read Me.txt'), file('/b/Read Me.txt'), file('/a/read me.txt'));
        await share(store, 'bob', file('/c/!!!', 1), file('/c/Read Me.txt/inside'));
        const { results } = await store.findName('Read Me.txt', 9);
        expect(results.map(({ id }) => id).sort()).toEqual(
          [content('/a/Read Me.txt'), content('/b/Read Me.txt')].sort(),
        );
        expect((await store.findName('!!!', 9)).results.map(({ name }) => name)).toEqual(['!!!']);
        expect((await store.findName('Read', 9)).results).toEqual([]);
      });

      test('a content is found by its id, under the name that most have first', async () => {
        await share(store, 'alice', file('/a/usual', 5, 'x'), file('/a/other', 6, 'y'));
        await share(store, 'bob', file('/a/usual', 5, 'x'));
        await share(store, 'carol', file('/c/odd', 5, 'x'));
        const { results, more } = await store.findName(content('x'), 9);
        expect(results).toMatchObject([
          { id: content('x'), name: 'usual', names: ['usual', 'odd'], sizeBytes: 5 },
        ]);
        expect(more).toBe(false);
        expect(sourcesOf(results)).toEqual([['alice', 'bob', 'carol']]);
        expect((await store.findName(content('z'), 9)).results).toEqual([]);
      });

      test('sources are given for each id asked for, in that order', async () => {
        await share(store, 'alice', file('/a/x', 5, 'x'), file('/a/x2', 5, 'x'), file('/a/y', 6, 'y'));
        await share(store, 'bob', file('/b/x', 5, 'x'));
        const answers = await store.holders([content('y'), content('none'), content('x')], 9);
        expect(answers.map(({ sizeBytes, sources }) => [sizeBytes, sources.map(({ name }) => name)])).toEqual(
          [
            [6, ['alice']],
            [undefined, []],
            [5, ['alice', 'bob']],
          ],
        );
      });

      test('of more sources than are wanted all have their turn', async () => {
        const names = ['alice', 'bob', 'carol', 'dave', 'eve'];
        for (const name of names) await share(store, name, file('/a/x', 5, 'x'));
        const named = async (turn: number): Promise<string[]> => {
          const [found] = await store.holders([content('x')], 2, turn);
          return found?.sources.map(({ name }) => name) ?? [];
        };
        expect(await named(0)).toEqual(['alice', 'bob']);
        expect(await named(0.999)).toEqual(['eve', 'alice']);
        const seen = new Set<string>();
        for (let turn = 0; turn < 1; turn += 0.1) for (const name of await named(turn)) seen.add(name);
        expect([...seen].toSorted()).toEqual(names);
      });

      test('the size of a content is the one most sources claim', async () => {
        await share(store, 'mallory', file('/m/x', 1, 'x'));
        await share(store, 'alice', file('/a/x', 5, 'x'));
        await share(store, 'bob', file('/b/x', 5, 'x'));
        expect((await store.holders([content('x')], 9))[0]?.sizeBytes).toBe(5);
      });
    });

    test('names of all kinds are found by what people type, and by nothing else', async () => {
      await share(store, 'alice', ...nameCorpus.map(([path]) => file(path.normalize('NFC'))));
      const wrong: string[] = [];
      for (const [path, finds, misses] of nameCorpus) {
        const id = content(path.normalize('NFC'));
        const isFound = async (typed: string): Promise<boolean> =>
          (await store.search(query(typed), { limit: 200 })).results.some((result) => result.id === id);
        for (const typed of finds) if (!(await isFound(typed))) wrong.push(`${typed} misses ${path}`);
        for (const typed of misses) if (await isFound(typed)) wrong.push(`${typed} finds ${path}`);
      }
      expect(wrong).toEqual([]);
    });

    test('where mistyped words find nothing, words that do are suggested', async () => {
      await share(store, 'alice', ...suggestionNames.map((path) => file(path)));
      await share(store, 'bob', file('/gone/Zeppelin.mp3'));
      await store.detach([peer('bob')], 1);
      const wrong: string[] = [];
      for (const [typed, expected] of suggestionCases) {
        const found = (await find(store, typed)).length;
        const suggested = await findSuggestion(store, typed, async () => true);
        if (found > 0 || suggested !== expected) wrong.push(`${typed} finds ${found}, suggests ${suggested}`);
      }
      expect(wrong).toEqual([]);
    });

    test('a word that many files have is not taken for another one mistyped', async () => {
      await share(store, 'alice', file('/m/the beatles.mp3'));
      const some = Array.from({ length: maxSuspectFiles }, (_, at) => file(`/m/teh ${at}.txt`));
      await share(store, 'bob', ...some);
      expect(await findSuggestion(store, 'teh beatles', async () => true)).toBe('the beatles');
      await share(store, 'carol', file('/m/teh end.txt'));
      expect(await findSuggestion(store, 'teh beatles', async () => true)).toBeUndefined();
    });

    test('where there is no time nothing is suggested', async () => {
      await share(store, 'alice', file('/m/beatles.mp3'));
      let looks = 0;
      expect(await findSuggestion(store, 'beatels', async () => (looks += 1) < 3)).toBeUndefined();
    });

    test('refuses a file that is denied, also where somebody has it already', async () => {
      await share(store, 'alice', file('/a/x'));
      value(await store.attach(arrival('bob'), 0));
      const denied = { ...file('/a/x'), isDenied: true };
      const change = value(await store.apply(peer('bob'), { adds: [denied], removes: [] }));
      expect(change).toMatchObject({ added: 0, count: 0 });
      expect(change.rejected).toMatchObject([{ index: 0, problem: { code: 'unauthorised' } }]);
    });

    describe('sweeping', () => {
      test('forgets peers that left before a time, and only their files', async () => {
        await share(store, 'alice', file('/a/x'), file('/a/y'));
        await share(store, 'bob', file('/a/x'));
        await share(store, 'carol', file('/a/z'));
        await store.detach([peer('alice')], 10);
        await store.detach([peer('carol')], 20);
        expect(await store.sweep({ leftBeforeMs: 11, maxRows: 100 })).toEqual({
          peers: 1,
          rows: 2,
          more: false,
        });
        expect(await store.stats()).toEqual({ peersOnline: 1, peersKnown: 2, files: 2, shares: 2 });
        expect(value(await store.attach(arrival('alice'), 12)).count).toBe(0);
        expect(value(await store.attach(arrival('carol'), 21)).count).toBe(1);
      });

      test('does a bounded piece of work, and a peer that returns in between keeps what is left', async () => {
        const files = Array.from({ length: 10 }, (_, at) => file(`/a/${at}`, at));
        await share(store, 'alice', ...files);
        value(await store.commit(peer('alice'), stateOf(files)));
        await store.detach([peer('alice')], 10);
        expect(await store.sweep({ leftBeforeMs: 11, maxRows: 4 })).toEqual({
          peers: 0,
          rows: 4,
          more: true,
        });
        const left = value(await store.attach(arrival('alice'), 12));
        expect(left.count).toBe(6);
        expect(Buffer.from(left.digest)).toEqual(Buffer.from(stateOf(files.slice(4)).digest));
        expect(await store.sweep({ leftBeforeMs: 99, maxRows: 4 })).toEqual({
          peers: 0,
          rows: 0,
          more: false,
        });
      });

      test('forgets no more peers without files in one call than it may delete rows', async () => {
        const names = ['alice', 'bob', 'carol'];
        for (const name of names) value(await store.attach(arrival(name), 0));
        await store.detach(names.map(peer), 10);
        const limits = { leftBeforeMs: 11, maxRows: 2 };
        expect(await store.sweep(limits)).toEqual({ peers: 2, rows: 0, more: true });
        expect(await store.sweep(limits)).toEqual({ peers: 1, rows: 0, more: false });
      });

      test('is done when it says so', async () => {
        await share(store, 'alice', ...Array.from({ length: 10 }, (_, at) => file(`/a/${at}`)));
        await store.detach([peer('alice')], 10);
        let calls = 0;
        while ((await store.sweep({ leftBeforeMs: 11, maxRows: 3 })).more) calls += 1;
        expect(calls).toBe(3);
        expect(await store.stats()).toEqual({ peersOnline: 0, peersKnown: 0, files: 0, shares: 0 });
      });
    });

    test('a share has a highest number of files, and the rest is rejected', async () => {
      value(await store.attach(arrival('alice'), 0));
      const batch = 5_000;
      const room = 3;
      for (let from = 0; from < maxFiles - room; from += batch) {
        const length = Math.min(batch, maxFiles - room - from);
        const adds = Array.from({ length }, (_, at) => file(`/a/${from + at}`, 1, String(at)));
        value(await store.apply(peer('alice'), { adds, removes: [] }));
      }
      const more = Array.from({ length: 100 }, (_, at) => file(`/a/more ${at}`));
      const change = value(await store.apply(peer('alice'), { adds: more, removes: [] }));
      expect(change).toMatchObject({ added: room, count: maxFiles });
      expect(change.rejected.map(({ index, problem }) => [index, problem.code])).toEqual(
        more.slice(room).map((_, at) => [at + room, 'limit']),
      );
      const [first] = more;
      const removes = first === undefined ? [] : [first];
      expect(value(await store.apply(peer('alice'), { adds: more, removes }))).toMatchObject({
        ...{ added: 1, removed: 1, count: maxFiles },
        rejected: { length: more.length - room },
      });
    }, 120_000);
  });
}
