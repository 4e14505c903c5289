import { describe, expect, test } from '@jest/globals';
import type { Exchange } from '../../../../src/actors/peer/trackers/exchange.ts';
import {
  exchangeOf,
  type LinkQuestion,
  type Swarming,
} from '../../../../src/actors/peer/trackers/tracker-exchange.ts';
import {
  mergePeers,
  mergeResults,
  mergeSources,
} from '../../../../src/actors/peer/trackers/tracker-merge.ts';
import type { PeerSummary, SearchFindings, SearchResult, Source } from '../../../../src/core/catalogue.ts';
import { contentId, peerId } from '../../../../src/core/ids.ts';
import { maxListedPeers, maxSearchPages } from '../../../../src/core/limits/tracker-link.ts';
import {
  maxIdsPerGetSources,
  maxPeersPerPage,
  maxSearchResults,
  maxSourcesPerContent,
} from '../../../../src/core/limits/wire.ts';
import { ok } from '../../../../src/core/result.ts';
import type { TrackerReply } from '../../../../src/protocol/tracker-messages.ts';

const id = (number: number) => contentId(new Uint8Array(32).fill(number));
const source = (number: number, host = '10.0.0.1', port = 99): Source => ({
  peer: peerId(new Uint8Array(32).fill(number)),
  name: `peer ${number}`,
  host,
  port,
});
const summary = (number: number): PeerSummary => ({ ...source(number), files: 1, bytes: 2 });

const all = { isSwarming: true, isFinding: true };
const nothing = { isSwarming: false, isFinding: false };

type Bare = LinkQuestion extends infer Q ? (Q extends unknown ? Omit<Q, 'replyTo'> : never) : never;

function exchange(
  question: Bare,
  swarming: Swarming = { knows: all, port: undefined, isReachable: undefined },
): { exchange: Exchange; answers: unknown[] } {
  const answers: unknown[] = [];
  const replyTo = { reply: (answer: unknown) => void answers.push(answer) };
  return { exchange: exchangeOf({ ...question, replyTo }, () => swarming), answers };
}

type Results = Extract<TrackerReply, { type: 'results' }>;

/** Gives a search a reply with these contents. */
function take(search: Exchange, reply: Partial<Results>, ...numbers: readonly number[]): string {
  const results = numbers.map((number) => ({ id: id(number), sizeBytes: 1, names: ['a.mp3'], sources: [] }));
  return search.take({ type: 'results', requestId: 1, more: false, results, ...reply });
}

describe('an exchange with a tracker', () => {
  test('collects the parts of a page up to what was asked for', () => {
    const { exchange: search, answers } = exchange({ type: 'search', query: 'x', limit: 3 });
    expect(take(search, { more: true }, 1, 2)).toBe('more');
    expect(take(search, {}, 3, 4)).toBe('done');
    search.finish();
    expect(answers).toMatchObject([
      { value: { results: [{ id: id(1), type: 'audio' }, { id: id(2) }, { id: id(3) }], end: {} } },
    ]);
  });

  test('asks for page after page up to what was asked for, and says where to go on', () => {
    const { exchange: search, answers } = exchange({ type: 'search', query: 'x', limit: 5, cursor: 'a' });
    expect(search.request()).toEqual({ type: 'search', query: 'x', limit: 5, cursor: 'a' });
    expect(take(search, { cursor: 'b' }, 1, 2)).toBe('again');
    expect(search.request()).toMatchObject({ limit: 3, cursor: 'b' });
    // What the page before had too counts once.
    expect(take(search, { cursor: 'c', isPartial: true }, 2, 3)).toBe('again');
    expect(search.request()).toMatchObject({ limit: 2, cursor: 'c' });
    expect(take(search, { cursor: 'd' }, 4, 5)).toBe('done');
    search.finish();
    const [answer] = answers as [{ value: SearchFindings }];
    expect(answer.value.results.map((found) => found.id)).toEqual([1, 2, 3, 4, 5].map(id));
    expect(answer.value.end).toEqual({ cursor: 'd', isPartial: true });
  });

  test('asks for no more at once than a tracker gives', () => {
    const { exchange: search } = exchange({ type: 'search', query: 'x', limit: 1_000 });
    expect(search.request()).toMatchObject({ limit: maxSearchResults });
  });

  test('comes to an end with a tracker that repeats itself, and with one whose pages do not', () => {
    const { exchange: circle, answers } = exchange({ type: 'search', query: 'x', limit: 9, cursor: 'a' });
    expect(take(circle, { cursor: 'a' })).toBe('done');
    circle.finish();
    expect(answers).toEqual([ok({ results: [], end: {} })]);
    const { exchange: endless } = exchange({ type: 'search', query: 'x', limit: 9 });
    let pages = 0;
    do pages += 1;
    while (take(endless, { cursor: `${pages}` }) === 'again');
    expect(pages).toBe(maxSearchPages);
  });

  test('tells the pages that have come when the next one does not, and that there is more', () => {
    const { exchange: search, answers } = exchange({ type: 'search', query: 'x', limit: 5 });
    take(search, { cursor: 'b' }, 1, 2);
    search.fail({ code: 'limit', message: 'Too many requests' });
    expect(answers).toMatchObject([
      { value: { results: [{ id: id(1) }, { id: id(2) }], end: { cursor: 'b' } } },
    ]);
    const { exchange: other, answers: problems } = exchange({ type: 'search', query: 'x', limit: 5 });
    other.fail({ code: 'limit', message: 'Too many requests' });
    expect(problems).toMatchObject([{ problem: { code: 'limit' } }]);
  });

  test('says that there may be more where a full page leads nowhere', () => {
    const { exchange: search, answers } = exchange({ type: 'search', query: 'x', limit: maxSearchResults });
    const many = Array.from({ length: maxSearchResults }, (_, at) => at);
    expect(take(search, { more: true }, ...many.slice(0, 150))).toBe('more');
    expect(take(search, {}, ...many.slice(150))).toBe('done');
    search.finish();
    expect(answers).toMatchObject([{ value: { end: { isCut: true } } }]);
  });

  test.each([
    ['beatles', true],
    ['"beatles', false],
    ['beatels', false],
    ['beat\u202eles', false],
    ['type:nonsense', false],
  ])('of what is suggested only takes what can be asked: %j', (suggestion, isTaken) => {
    const { exchange: search, answers } = exchange({ type: 'search', query: 'beatels', limit: 9 });
    take(search, { suggestion });
    search.finish();
    expect(answers).toEqual([ok({ results: [], end: isTaken ? { suggestion } : {} })]);
  });

  test('looks a name up in one page', () => {
    const { exchange: search, answers } = exchange({ type: 'find-name', name: 'a.mp3' });
    expect(take(search, { more: true }, 1)).toBe('more');
    expect(take(search, { cursor: 'b' }, 2)).toBe('done');
    search.finish();
    expect(answers).toMatchObject([{ value: [{ id: id(1) }, { id: id(2) }] }]);
  });

  test('believes only addresses that are addresses, and shows no name as it came if that moves text', () => {
    const { exchange: search, answers } = exchange({ type: 'search', query: 'x', limit: 9 });
    const sources = [
      source(1, 'internal.example'),
      source(2, '10.0.0.1', 0),
      source(3, 'fe80::1'),
      { ...source(4), name: 'e\u001b[31mvil' },
    ];
    const names = ['\u202egpj.exe'];
    search.take({
      type: 'results',
      requestId: 1,
      more: false,
      results: [{ id: id(1), sizeBytes: 1, names, sources }],
    });
    search.finish();
    expect(answers).toMatchObject([
      {
        value: {
          results: [{ name: '\ufffdgpj.exe', sources: [source(3, 'fe80::1'), { name: 'e\ufffd[31mvil' }] }],
        },
      },
    ]);
  });

  test('asks for sources in bounded pieces, and answers in the order asked', () => {
    const ids = Array.from({ length: maxIdsPerGetSources + 2 }, (_, number) => id(number));
    const { exchange: sources, answers } = exchange({ type: 'sources', ids });
    expect(sources.request()).toMatchObject({ ids: ids.slice(0, maxIdsPerGetSources) });
    const contents = [{ id: id(1), sizeBytes: 5, sources: [source(1)] }];
    expect(sources.take({ type: 'sources', requestId: 1, contents })).toBe('again');
    expect(sources.request()).toMatchObject({ ids: ids.slice(maxIdsPerGetSources) });
    expect(sources.take({ type: 'sources', requestId: 2, contents: [] })).toBe('done');
    sources.finish();
    const [answer] = answers as { value: { id: string; sources: unknown[]; sizeBytes: unknown }[] }[];
    expect(answer?.value.map((found) => found.id)).toEqual(ids);
    expect(answer?.value[1]).toEqual({ id: id(1), sizeBytes: 5, sources: [source(1)], partial: [] });
    expect(answer?.value[2]).toEqual({ id: id(2), sizeBytes: undefined, sources: [], partial: [] });
  });

  test('finds contents by their ids in bounded pieces, and believes of each one result', () => {
    const ids = Array.from({ length: maxIdsPerGetSources + 2 }, (_, number) => id(number));
    const { exchange: finding, answers } = exchange({ type: 'find-contents', ids: [...ids, id(0)] });
    expect(finding.request()).toEqual({ type: 'find-contents', ids: ids.slice(0, maxIdsPerGetSources) });
    expect(take(finding, { more: true }, 1, 2, 1)).toBe('more');
    // Nobody asked for the last of them yet.
    expect(take(finding, {}, 3, maxIdsPerGetSources)).toBe('again');
    expect(finding.request()).toEqual({ type: 'find-contents', ids: ids.slice(maxIdsPerGetSources) });
    expect(take(finding, {}, maxIdsPerGetSources + 1)).toBe('done');
    finding.finish();
    const [answer] = answers as { value: SearchResult[] }[];
    expect(answer?.value.map((found) => found.id)).toEqual([1, 2, 3, maxIdsPerGetSources + 1].map(id));
    expect(answer?.value[0]?.name).toBe('a.mp3');
  });

  test('asks a tracker that does not know that question who has the contents, and leaves their names empty', () => {
    const older: Swarming = { knows: nothing, port: undefined, isReachable: undefined };
    const { exchange: finding, answers } = exchange({ type: 'find-contents', ids: [id(1), id(2)] }, older);
    expect(finding.request()).toEqual({
      type: 'get-sources',
      ids: [id(1), id(2)],
      perId: maxSourcesPerContent,
    });
    const contents = [
      { id: id(1), sizeBytes: 5, sources: [source(1)] },
      { id: id(2), sizeBytes: 0, sources: [] },
    ];
    expect(finding.take({ type: 'sources', requestId: 1, contents })).toBe('done');
    finding.finish();
    expect(answers).toMatchObject([{ value: [{ id: id(1), name: '', sizeBytes: 5, sources: [source(1)] }] }]);
    expect((answers as { value: unknown[] }[])[0]?.value).toHaveLength(1);
  });

  test('joins a swarm where the tracker knows of swarms, and only asks for sources where it does not', () => {
    const follower = { path: '', tell: () => undefined, offer: () => true };
    const swarm = { type: 'swarm', id: id(1), isServed: true, follower } as const;
    const asked = { ids: [id(1)], perId: maxSourcesPerContent };
    const requestOf = (question: Bare, swarming: Swarming) => exchange(question, swarming).exchange.request();
    expect(requestOf(swarm, { knows: all, port: 7, isReachable: undefined })).toEqual({
      type: 'join',
      ...asked,
      port: 7,
    });
    expect(requestOf(swarm, { knows: all, port: undefined, isReachable: undefined })).toMatchObject({
      type: 'join',
      port: 0,
    });
    expect(
      requestOf({ ...swarm, isServed: false }, { knows: all, port: 7, isReachable: undefined }),
    ).toMatchObject({ port: 0 });
    expect(requestOf(swarm, { knows: nothing, port: 7, isReachable: undefined })).toEqual({
      type: 'get-sources',
      ...asked,
    });
    const { exchange: joining, answers } = exchange(swarm);
    const partial = [source(2), source(3, 'example.org'), source(4, '10.0.0.4', 0)];
    const contents = [
      { id: id(2), sizeBytes: 3, sources: [source(9)], partial: [] },
      { id: id(1), sizeBytes: 3, sources: [source(1)], partial },
    ];
    expect(joining.take({ type: 'joined', requestId: 1, contents })).toBe('done');
    joining.finish();
    expect(answers).toEqual([
      { ok: true, value: [{ id: id(1), sizeBytes: 3, sources: [source(1)], partial: [source(2)] }] },
    ]);
  });

  test('pages through all peers, and does not go round with a tracker that repeats itself', () => {
    const { exchange: peers, answers } = exchange({ type: 'peers' });
    expect(peers.request()).toEqual({ type: 'get-peers', cursor: undefined, limit: maxPeersPerPage });
    expect(peers.take({ type: 'peers', requestId: 1, peers: [summary(1)], cursor: 'a' })).toBe('again');
    expect(peers.request()).toMatchObject({ cursor: 'a' });
    expect(peers.take({ type: 'peers', requestId: 2, peers: [summary(2)], cursor: 'a' })).toBe('done');
    peers.finish();
    expect(answers).toEqual([{ ok: true, value: { peers: [summary(1), summary(2)] } }]);
  });

  test('says of a list of peers that a page of it was not whole', () => {
    const { exchange: peers, answers } = exchange({ type: 'peers' });
    const page = { type: 'peers', requestId: 1 } as const;
    expect(peers.take({ ...page, peers: [summary(1)], cursor: 'a', isPartial: true })).toBe('again');
    expect(peers.take({ ...page, peers: [summary(2)] })).toBe('done');
    peers.finish();
    expect(answers).toEqual([{ ok: true, value: { peers: [summary(1), summary(2)], isPartial: true } }]);
  });

  test('comes to an end with a tracker whose pages do not', () => {
    const { exchange: peers, answers } = exchange({ type: 'peers' });
    let pages = 0;
    for (let state = 'again'; state === 'again' && pages <= maxListedPeers; pages++)
      state = peers.take({ type: 'peers', requestId: 1, peers: [], cursor: String(pages) });
    expect(pages).toBe(maxListedPeers / maxPeersPerPage);
    peers.finish();
    expect(answers).toEqual([{ ok: true, value: { peers: [], isCut: true } }]);
  });
});

describe('answers of several trackers', () => {
  const result = (number: number, names: string[], sources: Source[]): SearchResult => ({
    id: id(number),
    name: names[0] ?? '',
    names,
    sizeBytes: 1,
    type: 'other',
    sources,
  });

  test('of one alone come out as they went in', () => {
    const results = [result(2, ['b'], []), result(1, ['a'], [])];
    expect(mergeResults([results], 200)).toBe(results);
  });

  test('share a content once, with all names and each source once, the best of each first', () => {
    const one = [result(1, ['a'], [source(1)]), result(2, ['b'], [])];
    const two = [result(3, ['c'], []), result(1, ['a', 'aa'], [source(1), source(2)])];
    const merged = mergeResults([one, two], 200);
    expect(merged.map((found) => found.id)).toEqual([id(1), id(3), id(2)]);
    expect(merged[0]).toEqual(result(1, ['a', 'aa'], [source(1), source(2)]));
    expect(mergeResults([one, two], 2)).toHaveLength(2);
  });

  test('add up the sources of each content, and the peers', () => {
    const one = [{ id: id(1), sizeBytes: undefined, sources: [], partial: [source(2)] }];
    const two = [{ id: id(1), sizeBytes: 9, sources: [source(1)], partial: [source(2), source(3)] }];
    expect(mergeSources([one, two])).toEqual(
      two.map((found) => ({ ...found, partial: [source(2), source(3)] })),
    );
    const both = { peers: [summary(1), summary(2)] };
    expect(mergePeers([{ peers: [summary(1)] }, both])).toEqual(both);
    expect(mergePeers([{ peers: [], isPartial: true }, both])).toEqual({ ...both, isPartial: true });
  });
});
