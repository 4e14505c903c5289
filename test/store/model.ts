/** What stores are compared by: any steps in any order, after each of which all that can be asked is asked of both. */
import { expect } from '@jest/globals';
import type { SharedFile } from '../../src/core/catalogue.ts';
import type { CatalogStore } from '../../src/store/catalog-store.ts';
import { MemoryStore } from '../../src/store/memory/memory-store.ts';
import { pages } from './contract-pages.ts';
import { content, file, peer, query, stateOf } from './files.ts';
import * as fc from '../helpers/properties.ts';

const peers = ['alice', 'bob', 'carol', 'dave'];
const names = ['alice', 'Alice', 'bob', 'carol', 'dave', 'alice-2', ''];
const paths = [
  '/m/Blue Moon.mp3',
  '/m/blue moon.mp3',
  '/v/Show.S01E02.mkv',
  '/v/myFileName.txt',
  '/w/東京物語.mkv',
  '/w/wu-tang/track 3.mp3',
  '/bad/../path',
];
const questions = [
  'blue moon',
  'moon',
  'show s01',
  'myfile',
  '東京',
  'wutang',
  'mp3 -blue',
  'type:video',
  'size:>5',
  '"blue moon" mp3',
  'show OR moon mp3',
  '(blue mp3) OR wu* OR 物語',
  'mo* -blue',
  'moon peer:alice,dave',
  `peer:${peer('bob')}`,
  `id:${content('a')},${content('b')}`,
  `mp3 OR mkv id:${content('c')} peer:carol size:>5`,
];

const someFile = fc
  .tuple(fc.constantFrom(...paths), fc.constantFrom('a', 'b', 'c'), fc.constantFrom(1, 10))
  .map(([path, of, size]): SharedFile => file(path, size, of));
const somePeer = fc.constantFrom(...peers);
const someFiles = fc.array(someFile, { maxLength: 6 });

type Step =
  | { readonly do: 'attach'; readonly who: string; readonly name: string }
  | {
      readonly do: 'apply';
      readonly who: string;
      readonly adds: SharedFile[];
      readonly removes: SharedFile[];
    }
  | { readonly do: 'drop'; readonly who: string; readonly every: number }
  | { readonly do: 'commit'; readonly who: string; readonly files: SharedFile[] | undefined }
  | { readonly do: 'detach'; readonly who: string[] }
  | { readonly do: 'sweep'; readonly age: number; readonly rows: number }
  | { readonly do: 'reachable'; readonly who: string; readonly is: boolean }
  | { readonly do: 'restart' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('attach' as const),
      who: somePeer,
      name: fc.constantFrom(...names),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('apply' as const),
      who: somePeer,
      adds: someFiles,
      removes: someFiles,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('drop' as const),
      who: somePeer,
      every: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      who: somePeer,
      files: fc.option(someFiles, { nil: undefined }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('detach' as const), who: fc.array(somePeer, { maxLength: 2 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      age: fc.nat({ max: 3 }),
      rows: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('reachable' as const), who: somePeer, is: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

/** Bytes as text, so that a Buffer equals a Uint8Array. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_, inner: unknown) =>
      inner instanceof Uint8Array ? Buffer.from(inner).toString('hex') : inner,
    ),
  );
}

async function take(
  store: CatalogStore,
  action: Exclude<Step, { do: 'restart' }>,
  now: number,
  kept: SharedFile[],
): Promise<unknown> {
  switch (action.do) {
    case 'attach':
      return store.attach({ peer: peer(action.who), name: action.name, host: '192.0.2.7', port: 1 }, now);
    case 'apply':
      return store.apply(peer(action.who), action);
    case 'drop': {
      const buckets = Array.from({ length: 256 }, (_, bucket) => bucket).filter(
        (bucket) => bucket % action.every === 0,
      );
      return store.dropBuckets(peer(action.who), buckets);
    }
    case 'commit':
      return store.commit(peer(action.who), stateOf(action.files ?? kept, now));
    case 'detach':
      return store.detach(action.who.map(peer), now);
    case 'reachable':
      return store.setReachable(peer(action.who), action.is);
    case 'sweep':
      return store.sweep({ leftBeforeMs: now - action.age, maxRows: action.rows });
  }
}

async function everythingSeen(store: CatalogStore, turns: readonly number[]): Promise<unknown> {
  const seen: unknown[] = [await store.stats(), await store.peers(undefined, 2), await store.peers('bob', 9)];
  for (const text of questions)
    seen.push(
      text,
      await pages(store, text, 2),
      (await store.search(query(text), { limit: 3 })).results,
      (await store.search(query(text), { limit: 50 })).results,
    );
  for (const prefix of ['b', 'm', 's0']) seen.push(await store.wordsLike(prefix, 3));
  for (const path of paths) seen.push(await store.findName(path.slice(3), 5));
  for (const text of ['a', 'b']) seen.push(await store.findName(content(text), 5));
  for (const turn of turns) seen.push(await store.holders(['a', 'b', 'c', 'none'].map(content), 2, turn));
  for (const who of peers) seen.push(await store.findPeer(who), await store.bucketDigests(peer(who)));
  return seen;
}

/**
 * Holds a kind of store to the memory store. `create` makes an empty catalogue and gives what opens it, again after
 * each restart; it is told the time by the model's clock. All that can be asked is asked after each `looksEvery`th
 * step, and after the last. `turns`: with whom sources begin is the same in both only for a store that
 * looks each time how many peers there have been.
 */
export async function expectToAnswerAsMemory(
  create: () => (wallMs: () => number) => Promise<CatalogStore>,
  numRuns: number,
  looksEvery = 1,
  turns: readonly number[] = [0, 0.3, 0.5, 0.9],
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
      const open = create();
      const model = new MemoryStore();
      let nowMs = 0;
      const wallMs = (): number => nowMs;
      let store = await open(wallMs);
      // What each peer shares, for commits that should agree.
      const shares = new Map<string, Map<string, SharedFile>>();
      try {
        for (const [now, action] of steps.entries()) {
          nowMs = now;
          if (action.do === 'restart') {
            await store.close();
            store = await open(wallMs);
            await model.detach(peers.map(peer), now);
          } else {
            const kept =
              'who' in action && typeof action.who === 'string'
                ? [...(shares.get(action.who)?.values() ?? [])]
                : [];
            const expected = plain(await take(model, action, now, kept));
            expect([action, plain(await take(store, action, now, kept))]).toEqual([action, expected]);
            if (action.do === 'apply') note(shares, action);
          }
          if ((now + 1) % looksEvery !== 0 && now + 1 < steps.length) continue;
          expect([action, plain(await everythingSeen(store, turns))]).toEqual([
            action,
            plain(await everythingSeen(model, turns)),
          ]);
        }
      } finally {
        await store.close();
      }
    }),
    { numRuns },
  );
}

function note(shares: Map<string, Map<string, SharedFile>>, action: Extract<Step, { do: 'apply' }>): void {
  const share = shares.get(action.who) ?? new Map<string, SharedFile>();
  shares.set(action.who, share);
  for (const { id, path } of action.removes) share.delete(id + path);
  for (const added of action.adds) share.set(added.id + added.path, added);
}
