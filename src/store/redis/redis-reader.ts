/**
 * Looks things up in a catalogue on a Redis Cluster. Invariant: every answer comes in its time, from the parts of
 * the cluster that answer in theirs; a page that lacks a part says so.
 */
import type { PeerSummary } from '../../core/catalogue.ts';
import { baseName } from '../../core/search/file-type.ts';
import { isId, type ContentId, type PeerId } from '../../core/ids.ts';
import { redisHoldersFreshMs, redisTryMs } from '../../core/limits/redis.ts';
import { maxSourcesPerResult, maxWordsLike } from '../../core/limits/stores.ts';
import { maxPeersPerPage, maxSearchResults, maxSourcesPerContent } from '../../core/limits/wire.ts';
import { nameKey } from '../../core/peer-name.ts';
import { matches, matchesAny, type CompiledQuery, type Term } from '../../core/search/query-match.ts';
import { relevanceTo } from '../../core/search/query-rank.ts';
import { wholeNamesOf } from '../../core/search/whole-name.ts';
import type { ClusterStats } from '../../core/tracker/tracker-stats.ts';
import type {
  CatalogReader,
  ContentSources,
  PageRequest,
  PeerPage,
  SearchPage,
  StoreStats,
} from '../catalog-store.ts';
import { bounded } from '../checks.ts';
import { gatherCandidates, type RedisQuestion } from './redis-candidates.ts';
import { gatherCopies } from './redis-copies.ts';
import { encodeRedisCursor, redisStretchOf, type RedisStretch } from './redis-cursor.ts';
import { reachableOf, type RedisRow } from './redis-files.ts';
import { RedisUnavailable } from './redis-problem.ts';
import type { RedisShards } from './redis-shards.ts';
import { planOf, planOfName, planOfWhole } from './redis-words.ts';
import { emptyPage, mostHeldSize, pageOf, type Copies, type Hit } from '../results.ts';
import { isWhole, leftBeside, mayLackWholeNames, wholeFirst } from '../whole-names.ts';

type Summary = readonly [key: Buffer, ...rest: Buffer[]];

export class RedisReader implements CatalogReader {
  readonly #shards: RedisShards;
  #last = { number: 0, freshUntilMs: -Infinity };

  constructor(shards: RedisShards) {
    this.#shards = shards;
  }

  async search(query: CompiledQuery, { limit, cursor }: PageRequest): Promise<SearchPage> {
    const most = bounded(limit, maxSearchResults);
    const stretch = redisStretchOf(cursor, most, this.#shards.count);
    if (stretch === undefined) return emptyPage;
    const endMs = this.#endMs();
    const parts = query.peers.length === 0 ? undefined : await this.#partsOf(query.peers);
    const question = {
      plan: planOf(query),
      ids: query.ids,
      peers: parts?.peers,
      sizes: [query.minBytes ?? 0, Math.min(query.maxBytes ?? Infinity, Number.MAX_SAFE_INTEGER)] as const,
      accepts: (row: RedisRow) => matches(query, row),
    };
    const newest = await this.#page(stretch, most, endMs, relevanceTo(query), question);
    const page = mayLackWholeNames(newest, cursor, most)
      ? await this.#withWholeNames(query, newest, most, endMs, question)
      : newest;
    return parts?.isPartial === true ? { ...page, isPartial: true } : page;
  }

  async #withWholeNames(
    query: CompiledQuery,
    page: SearchPage,
    limit: number,
    endMs: number,
    question: RedisQuestion,
  ): Promise<SearchPage> {
    const wholeNames = wholeNamesOf(query);
    const stretch = redisStretchOf(undefined, limit, this.#shards.count);
    if (wholeNames.length === 0 || stretch === undefined) return page;
    const whole = await this.#page(stretch, limit, endMs, () => 0, {
      ...question,
      plan: planOfWhole(query, wholeNames),
      accepts: isWhole(query, wholeNames),
    });
    // What is late is not worth the page that is here.
    const left = whole.isPartial === true ? undefined : leftBeside(page, whole, limit);
    if (left === undefined) return page;
    const start = { results: [], more: true, cursor: encodeRedisCursor(stretch) };
    return wholeFirst(
      whole,
      left === 0 ? start : await this.#page(stretch, left, endMs, relevanceTo(query), question),
    );
  }

  async findName(name: string, limit: number, without: readonly Term[] = []): Promise<SearchPage> {
    const most = bounded(limit, maxSearchResults);
    if (isId(name)) return this.#namesOf(name as ContentId, most, without);
    const stretch = redisStretchOf(undefined, most, this.#shards.count);
    if (stretch === undefined) return emptyPage;
    const { cursor: _, ...page } = await this.#page(
      stretch,
      most,
      this.#endMs(),
      (path) => Number(baseName(path) === name),
      {
        plan: planOfName(name),
        ids: [],
        peers: undefined,
        sizes: [0, Number.MAX_SAFE_INTEGER],
        accepts: ({ path }) => baseName(path) === name && !matchesAny(without, path),
      },
    );
    return page;
  }

  async holders(ids: readonly ContentId[], perContent: number, turn = 0): Promise<readonly ContentSources[]> {
    const most = bounded(perContent, maxSourcesPerContent);
    const from = turn === 0 ? 0 : Math.floor(turn * ((await this.#lastNumber()) + 1));
    const wanted = {
      contents: ids.map((id) => [id] as const),
      sources: most,
      counted: maxSourcesPerContent,
      from,
    };
    const { copies: known, isPartial } = await gatherCopies(this.#shards, wanted);
    return ids.map((id, at) => {
      const { rows, sources } = known[at] ?? { rows: [], sources: [] };
      const claims = rows.map(
        ({ sizeBytes, copies }) => [sizeBytes, Math.min(copies, maxSourcesPerContent)] as const,
      );
      return { id, sizeBytes: mostHeldSize(claims), sources, ...(isPartial && { isPartial }) };
    });
  }

  async peers(cursor: string | undefined, limit: number): Promise<PeerPage> {
    const most = bounded(limit, maxPeersPerPage);
    const answers = await this.#shards.gather('list', () => [cursor ?? '', String(most + 1)]);
    const listed = answers.flatMap((answer) => (answer as readonly Summary[] | undefined) ?? []);
    listed.sort(([a], [b]) => Buffer.compare(a, b));
    const page = listed.slice(0, most);
    return {
      peers: page.map(summaryOf),
      cursor: listed.length > most ? page.at(-1)?.[0].toString() : undefined,
      ...(answers.includes(undefined) && { isPartial: true }),
    };
  }

  async findPeer(peer: string): Promise<PeerSummary | undefined> {
    const known = isId(peer) ? (peer as PeerId) : await this.#ownerOf(peer);
    if (known === null) return undefined;
    const answer = known && (await this.#shards.ask(this.#shards.of(known), 'find', [known]));
    // Nobody may be told that a peer is away because it could not be looked for.
    if (answer === undefined) throw new RedisUnavailable('no answer in time');
    const [found] = answer as readonly Summary[];
    return found && summaryOf(found);
  }

  async wordsLike(prefix: string, limit: number): Promise<readonly string[]> {
    const most = bounded(limit, maxWordsLike);
    const answers = await this.#shards.gather('words', () => [prefix, String(most)]);
    const words = new Set(
      answers.flatMap((answer) => ((answer as readonly Buffer[] | undefined) ?? []).map(String)),
    );
    return [...words].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).slice(0, most);
  }

  /** A file that peers of several parts share counts once for each of them. */
  async stats(): Promise<StoreStats> {
    const facts = await this.#facts(redisTryMs);
    const sum = (place: number): number => facts.reduce((all, each) => all + (each[place] ?? 0), 0);
    const isPartial = facts.length < this.#shards.count && { isPartial: true };
    return { peersOnline: sum(0), peersKnown: sum(1), files: sum(2), shares: sum(3), ...isPartial };
  }

  async cluster(): Promise<ClusterStats> {
    const { count: shards, cluster } = this.#shards;
    const shardsUp = (await this.#facts(redisTryMs)).length;
    return { shards, shardsUp, ...cluster.counts, lost: cluster.lost };
  }

  async close(): Promise<void> {
    this.#shards.cluster.close();
  }

  /** Of the parts that answer in time. */
  async #facts(timeoutMs?: number): Promise<readonly (readonly number[])[]> {
    const answers = await this.#shards.gather('facts', () => [], timeoutMs);
    return answers.flatMap((answer) => (answer === undefined ? [] : [answer as readonly number[]]));
  }

  /** Of the peer that came last; some seconds old, as it is only to choose among many. */
  async #lastNumber(): Promise<number> {
    const nowMs = performance.now();
    if (nowMs >= this.#last.freshUntilMs) {
      const number = Math.max(0, ...(await this.#facts()).map((facts) => facts[4] ?? 0));
      this.#last = { number, freshUntilMs: nowMs + redisHoldersFreshMs };
    }
    return this.#last.number;
  }

  /** Null: nobody; undefined: that could not be found out in time. */
  async #ownerOf(name: string, timeoutMs?: number): Promise<PeerId | null | undefined> {
    const key = nameKey(name);
    const owner = key.ok ? await this.#shards.askAt(`:name:${key.value}`, 'owner', timeoutMs) : null;
    return owner instanceof Buffer ? (owner.toString() as PeerId) : (owner as null | undefined);
  }

  /** The parts that peers lie in, who are given by their ids or the keys of their names. */
  async #partsOf(
    peers: readonly string[],
  ): Promise<{ readonly peers: ReadonlyMap<number, readonly PeerId[]>; readonly isPartial: boolean }> {
    const parts = new Map<number, PeerId[]>();
    const timeoutMs = this.#shards.searchMs / 3;
    const ids = await Promise.all(
      peers.map(async (peer) => (isId(peer) ? (peer as PeerId) : this.#ownerOf(peer, timeoutMs))),
    );
    for (const id of new Set(ids)) {
      if (id === undefined || id === null) continue;
      const shard = this.#shards.of(id);
      const same = parts.get(shard);
      if (same === undefined) parts.set(shard, [id]);
      else same.push(id);
    }
    return { peers: parts, isPartial: ids.includes(undefined) };
  }

  /** When an answer that is asked for now is due: what is left after the search itself is for who has what it found. */
  #endMs(): number {
    return performance.now() + 2 * this.#shards.searchMs;
  }

  async #page(
    stretch: RedisStretch,
    limit: number,
    endMs: number,
    relevanceOf: (path: string) => number,
    question: RedisQuestion,
  ): Promise<SearchPage> {
    const found = await gatherCandidates(this.#shards, stretch, question);
    const isLast = found.next.every((next) => next === 0);
    const terms = { limit, endMs, without: found.missing };
    const { results, more, ...rest } = await this.#ranked(found.hits, stretch, relevanceOf, terms);
    const isPartial = (found.missing.size > 0 || rest.isPartial === true) && { isPartial: true };
    if (limit === 0 || (isLast && !more)) return { results, more: more || !isLast, ...isPartial };
    const cursor = more
      ? { below: found.from, given: stretch.given + limit, limit: stretch.limit }
      : { below: found.next, given: 0, limit: stretch.limit };
    return { results, more: true, cursor: encodeRedisCursor(cursor), ...isPartial };
  }

  async #namesOf(id: ContentId, limit: number, withoutTerms: readonly Term[]): Promise<SearchPage> {
    const endMs = this.#endMs();
    const contents = [[id] as const];
    const wanted = { contents, sources: 1, counted: maxSourcesPerResult, from: 0, withoutTerms };
    const {
      copies: [known],
      isPartial,
    } = await gatherCopies(this.#shards, wanted);
    const rows = known?.rows ?? [];
    const hits = rows.map((row, at) => ({
      ...row,
      copies: Math.min(row.copies, maxSourcesPerResult),
      fid: rows.length - at,
    }));
    hits.sort((a, b) => b.copies - a.copies);
    const terms = { limit, endMs, without: new Set<number>() };
    const page = await this.#ranked(hits, { given: 0, limit }, () => 0, terms);
    return isPartial ? { ...page, isPartial } : page;
  }

  /** Ranks twice: what it shows must be known before it can be asked about. `more`: of these hits. */
  async #ranked(
    hits: readonly Hit[],
    { given, limit: first }: Pick<RedisStretch, 'given' | 'limit'>,
    relevanceOf: (path: string) => number,
    { limit, endMs, without }: RankTerms,
  ): Promise<SearchPage> {
    const known = new Map<string, number>();
    const relevanceOnce = (path: string): number => {
      const value = known.get(path) ?? relevanceOf(path);
      known.set(path, value);
      return value;
    };
    const rank = (copiesOf: (id: ContentId, sizeBytes: number) => Copies): SearchPage =>
      pageOf({ hits, next: undefined }, { below: 1, given, limit: first }, limit, relevanceOnce, copiesOf);
    const shown: (readonly [ContentId, number])[] = [];
    rank((...content) => {
      shown.push(content);
      return { paths: [], sources: [] };
    });
    const timeoutMs = Math.min(this.#shards.searchMs, endMs - performance.now());
    const wanted = { contents: shown, sources: maxSourcesPerResult, counted: 1, from: 0, without, timeoutMs };
    const { copies, isPartial } = await gatherCopies(this.#shards, wanted);
    let at = 0;
    const { results, more } = rank(() => {
      const { rows, sources } = copies[at++] ?? { rows: [], sources: [] };
      return { paths: rows.map(({ path }) => path), sources };
    });
    return { results, more, ...(isPartial && { isPartial }) };
  }
}

interface RankTerms {
  /** Results of the page. */
  readonly limit: number;
  /** When it is due. */
  readonly endMs: number;
  /** Parts that would not answer. */
  readonly without: ReadonlySet<number>;
}

function summaryOf(summary: Summary): PeerSummary {
  const [, peer = '', name = '', host = '', port = '0', count = '0', sums, reachable] = summary;
  const bytes = sums === undefined ? 0n : BigInt(`0x${sums.toString('hex', 16, 32)}`);
  return {
    peer: peer.toString() as PeerId,
    name: name.toString(),
    host: host.toString(),
    port: Number(port.toString()),
    ...reachableOf(reachable?.toString() ?? ''),
    files: Number(count.toString()),
    bytes: Number(bytes < BigInt(Number.MAX_SAFE_INTEGER) ? bytes : BigInt(Number.MAX_SAFE_INTEGER)),
  };
}
