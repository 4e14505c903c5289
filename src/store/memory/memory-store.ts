/**
 * A catalogue in memory: the model that other stores are compared with, and what a tracker that need not
 * remember uses. Written to be obviously right, not fast: a search looks at every row. Invariant: a name belongs to
 * one known peer.
 */
import type { PeerSummary } from '../../core/catalogue.ts';
import { baseName } from '../../core/search/file-type.ts';
import { isId, type ContentId, type PeerId } from '../../core/ids.ts';
import { candidatesPerResult, maxRowsPerContent, maxWordsLike } from '../../core/limits/stores.ts';
import { maxPeersPerPage, maxSearchResults, maxSourcesPerContent } from '../../core/limits/wire.ts';
import { nameKey, suggestName } from '../../core/peer-name.ts';
import {
  matches,
  matchesAny,
  matchesHolders,
  type CompiledQuery,
  type Holder,
  type Term,
} from '../../core/search/query-match.ts';
import { relevanceTo } from '../../core/search/query-rank.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import { ShareDigest } from '../../core/share/share-digest.ts';
import { wholeNamesOf } from '../../core/search/whole-name.ts';
import type {
  AttachProblem,
  CatalogStore,
  ContentSources,
  PeerArrival,
  PageRequest,
  PeerPage,
  PreparedBatch,
  SearchPage,
  ShareBatch,
  ShareChange,
  ShareState,
  StoreStats,
  SweepLimits,
  SweepOutcome,
} from '../catalog-store.ts';
import { bounded, notAttached, refusalFor, staleShare, takenName } from '../checks.ts';
import {
  copiesOf,
  isSameAddress,
  liveHolders,
  MemoryRows,
  sourcesOf,
  stateOf,
  summaryOf,
  type Member,
  type Row,
} from './memory-rows.ts';
import { encodeCursor, firstStretch, stretchOf, type Stretch } from '../page-cursor.ts';
import { prepare, rowsOf } from '../prepared-batch.ts';
import { RefusedFiles } from '../refused-files.ts';
import { emptyPage, mostHeldSize, pageOf } from '../results.ts';
import { bucketOfContent, sha256 } from '../share-hash.ts';
import { isWhole, leftBeside, mayLackWholeNames, wholeFirst } from '../whole-names.ts';

export class MemoryStore implements CatalogStore {
  readonly #members = new Map<PeerId, Member>();
  readonly #rows = new MemoryRows();
  #lastPid = 0;

  async attach(arrival: PeerArrival, nowMs: number): Promise<Result<ShareState, AttachProblem>> {
    const key = nameKey(arrival.name);
    if (!key.ok) return key;
    const owner = this.#ownerOf(key.value);
    if (owner !== undefined && owner.arrival.peer !== arrival.peer) return this.#taken(arrival.name);
    const member = this.#members.get(arrival.peer) ?? this.#newMember(arrival, key.value);
    if (!isSameAddress(arrival, member.arrival)) member.reachable = undefined;
    Object.assign(member, { arrival, key: key.value, isOnline: true, leftMs: nowMs });
    member.refused.clear();
    this.#members.set(arrival.peer, member);
    return ok(stateOf(member));
  }

  async apply(peer: PeerId, batch: ShareBatch | PreparedBatch): Promise<Result<ShareChange>> {
    const member = this.#online(peer);
    if (member === undefined) return notAttached();
    const { adds, removes } = prepare(batch);
    let added = 0;
    let removed = 0;
    for (const { id, path } of removes) {
      removed += this.#rows.leave(member, member.share.get(id + path));
      member.refused.remove(id, path);
    }
    const rejected: { index: number; problem: Problem }[] = [];
    for (const row of rowsOf(adds)) {
      const file = row.file();
      const held = member.share.get(file.id + file.path);
      if (held?.sizeBytes === file.sizeBytes) continue;
      removed += this.#rows.leave(member, held);
      const problem = refusalFor(row.flaw, member.share.size);
      if (problem === undefined) added += this.#rows.join(member, file, row.terms);
      else {
        rejected.push({ index: row.index, problem });
        member.refused.add(file);
      }
    }
    return ok({ added, removed, rejected, count: member.share.size });
  }

  async dropBuckets(peer: PeerId, buckets: readonly number[]): Promise<Result<number>> {
    const member = this.#online(peer);
    if (member === undefined) return notAttached();
    const dropped = new Set(buckets);
    const before = member.share.size;
    for (const row of member.share.values())
      if (dropped.has(bucketOfContent(row.id))) this.#rows.leave(member, row);
    member.refused.dropBuckets(dropped);
    return ok(before - member.share.size);
  }

  async commit(peer: PeerId, state: ShareState): Promise<Result<ShareState>> {
    const member = this.#online(peer);
    if (member === undefined) return notAttached();
    if (!member.refused.agree(state, member.digest)) return staleShare();
    member.generation = state.generation;
    member.refused.clear();
    return ok(stateOf(member));
  }

  async bucketDigests(peer: PeerId): Promise<Result<Uint8Array>> {
    const member = this.#online(peer);
    return member === undefined ? notAttached() : ok(member.digest.bucketDigests());
  }

  async detach(peers: readonly PeerId[], nowMs: number): Promise<void> {
    for (const peer of peers) {
      const member = this.#online(peer);
      if (member !== undefined) Object.assign(member, { isOnline: false, leftMs: nowMs });
    }
  }

  async setReachable(peer: PeerId, reachable: boolean): Promise<void> {
    const member = this.#members.get(peer);
    if (member !== undefined) member.reachable = reachable;
  }

  async search(query: CompiledQuery, { limit, cursor }: PageRequest): Promise<SearchPage> {
    const most = bounded(limit, maxSearchResults);
    const stretch = stretchOf(cursor, most);
    if (stretch === undefined) return emptyPage;
    const hits = this.#rows
      .live()
      .filter((row) => matches(query, row, row.tokens) && matchesHolders(query, holdersOf(row)));
    const page = this.#page(hits, stretch, most, relevanceTo(query));
    if (!mayLackWholeNames(page, cursor, most)) return page;
    const whole = this.#page(hits.filter(isWhole(query, wholeNamesOf(query))), stretch, most, () => 0);
    const left = leftBeside(page, whole, most);
    if (left === undefined) return page;
    const start = { results: [], more: true, cursor: encodeCursor(stretch) };
    return wholeFirst(whole, left === 0 ? start : this.#page(hits, stretch, left, relevanceTo(query)));
  }

  async findName(name: string, limit: number, without: readonly Term[] = []): Promise<SearchPage> {
    const rows = this.#rows.live().filter(({ path, tokens }) => !matchesAny(without, path, tokens));
    if (isId(name)) {
      const known = rows.filter((row) => row.id === name).slice(0, maxRowsPerContent);
      return this.#onePage(
        known.toSorted((a, b) => copiesOf(b) - copiesOf(a)),
        limit,
        () => 0,
      );
    }
    const hits = rows.filter((row) => baseName(row.path) === name);
    return this.#onePage(hits, limit, (path) => (baseName(path) === name ? 1 : 0));
  }

  async holders(ids: readonly ContentId[], perContent: number, turn = 0): Promise<readonly ContentSources[]> {
    const lastPid = Math.max(0, ...[...this.#members.values()].map(({ pid }) => pid));
    const from = Math.floor(turn * (lastPid + 1));
    return ids.map((id) => {
      const rows = this.#rows
        .live()
        .filter((row) => row.id === id)
        .slice(0, maxRowsPerContent);
      const sources = sourcesOf(rows, bounded(perContent, maxSourcesPerContent), from);
      const sizeBytes = mostHeldSize(
        rows.map((row) => [row.sizeBytes, Math.min(liveHolders(row).length, maxSourcesPerContent)]),
      );
      return { id, sizeBytes, sources };
    });
  }

  async peers(cursor: string | undefined, limit: number): Promise<PeerPage> {
    const most = bounded(limit, maxPeersPerPage);
    const listed = [...this.#members.values()]
      .filter((member) => member.isOnline && (cursor === undefined || compare(member.key, cursor) > 0))
      .sort((a, b) => compare(a.key, b.key));
    const page = listed.slice(0, most);
    return { peers: page.map(summaryOf), cursor: listed.length > most ? page.at(-1)?.key : undefined };
  }

  async findPeer(peer: string): Promise<PeerSummary | undefined> {
    const key = nameKey(peer);
    const member = this.#members.get(peer as PeerId) ?? (key.ok ? this.#ownerOf(key.value) : undefined);
    return member?.isOnline === true ? summaryOf(member) : undefined;
  }

  async wordsLike(prefix: string, limit: number): Promise<readonly string[]> {
    const words = this.#rows.words().filter((word) => word.startsWith(prefix));
    return words.slice(0, bounded(limit, maxWordsLike));
  }

  async backup(): Promise<Result<void>> {
    return fail('bad-request', 'A catalogue in memory is kept nowhere: there is nothing to back up');
  }

  async sweep({ leftBeforeMs, maxRows, maxFilesAway = Infinity }: SweepLimits): Promise<SweepOutcome> {
    const away = [...this.#members.values()].filter((member) => !member.isOnline);
    away.sort((a, b) => a.leftMs - b.leftMs || a.pid - b.pid);
    let filesAway = away.reduce((all, { share }) => all + share.size, 0);
    let peers = 0;
    let rows = 0;
    for (const member of away) {
      if (member.leftMs >= leftBeforeMs && filesAway <= maxFilesAway) break;
      if (peers + rows >= maxRows) return { peers, rows, more: true };
      filesAway -= member.share.size;
      for (const row of member.share.values()) {
        if (peers + rows >= maxRows) return { peers, rows, more: true };
        this.#rows.leave(member, row);
        rows += 1;
      }
      this.#members.delete(member.arrival.peer);
      peers += 1;
    }
    return { peers, rows, more: false };
  }

  async stats(): Promise<StoreStats> {
    const members = [...this.#members.values()];
    return {
      peersOnline: members.filter((member) => member.isOnline).length,
      peersKnown: members.length,
      files: this.#rows.size,
      shares: members.reduce((all, member) => all + member.share.size, 0),
    };
  }

  async close(): Promise<void> {
    this.#members.clear();
    this.#rows.clear();
  }

  #newMember(arrival: PeerArrival, key: string): Member {
    this.#lastPid += 1;
    return {
      pid: this.#lastPid,
      arrival,
      reachable: undefined,
      key,
      isOnline: false,
      leftMs: 0,
      generation: 0,
      bytes: 0,
      digest: new ShareDigest(sha256),
      share: new Map(),
      refused: new RefusedFiles(),
    };
  }

  #online(peer: PeerId): Member | undefined {
    const member = this.#members.get(peer);
    return member?.isOnline === true ? member : undefined;
  }

  #ownerOf(key: string): Member | undefined {
    return [...this.#members.values()].find((member) => member.key === key);
  }

  #taken(name: string): { readonly ok: false; readonly problem: AttachProblem } {
    return takenName(
      name,
      suggestName(name, (key) => this.#ownerOf(key) !== undefined),
    );
  }

  #onePage(hits: readonly Row[], limit: number, relevanceOf: (path: string) => number): SearchPage {
    const most = bounded(limit, maxSearchResults);
    const whole = firstStretch(most);
    const { results, more } = this.#page(hits, whole, most, relevanceOf);
    return { results, more };
  }

  #page(
    all: readonly Row[],
    stretch: Stretch,
    limit: number,
    relevanceOf: (path: string) => number,
  ): SearchPage {
    const most = stretch.limit * candidatesPerResult;
    const rows = all.filter(({ fid }) => fid < stretch.below);
    const hits = rows.slice(0, most).map((row) => ({ ...row, copies: copiesOf(row) }));
    const next = rows.length > most ? (hits.at(-1)?.fid ?? stretch.below) : undefined;
    return pageOf({ hits, next }, stretch, limit, relevanceOf, (id, sizeBytes) =>
      this.#rows.copiesOf(id, sizeBytes),
    );
  }
}

function holdersOf(row: Row): readonly Holder[] {
  return liveHolders(row).map(({ arrival: { peer }, key }) => ({ peer, key }));
}

/** The order of code points, which is that of UTF-8 bytes too. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
