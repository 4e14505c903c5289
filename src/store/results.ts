/**
 * Makes a page of results out of matching rows, the same way for every store: rows of one content and size are
 * one result, ranked by how well a name matched, then by live copies under the names that matched, then newest first; what is on
 * a page, by all who share it. Invariant: pure, so that stores which find the same rows give the same page.
 */
import type { SearchResult, Source } from '../core/catalogue.ts';
import { baseName, fileTypeOf } from '../core/search/file-type.ts';
import type { ContentId } from '../core/ids.ts';
import { maxNamesPerResult } from '../core/limits/wire.ts';
import { parentPath } from '../core/share/virtual-path.ts';
import type { SearchPage } from './catalog-store.ts';
import { encodeCursor, type Stretch } from './page-cursor.ts';

/** A row that answers a query. Higher `fid` is newer. */
export interface Hit {
  readonly fid: number;
  readonly id: ContentId;
  readonly path: string;
  readonly sizeBytes: number;
  /** Live holders, as far as they matter: no more than `maxSourcesPerResult`. */
  readonly copies: number;
}

/** What a store knows of a content at one size: paths of live rows, newest first, and live sources, each once. */
export interface Copies {
  readonly paths: readonly string[];
  readonly sources: readonly Source[];
}

/** What a store found for a stretch of its rows. */
export interface Candidates<H extends Hit = Hit> {
  /** Newest first. */
  readonly hits: readonly H[];
  /** The next stretch begins below this row number; undefined when nothing is left. */
  readonly next: number | undefined;
}

export const emptyPage: SearchPage = { results: [], more: false };

/** Hits of one content at one size, newest first. */
export type SameContent<H extends Hit = Hit> = readonly [H, ...H[]];

interface Group<H extends Hit> {
  readonly hits: SameContent<H>;
  /** Paths that matched, the best first. */
  readonly paths: readonly string[];
  readonly relevance: number;
  readonly copies: number;
}

/** One page of the candidates of a stretch, from what was given of them on. */
export function pageOf(
  candidates: Candidates,
  stretch: Stretch,
  limit: number,
  relevanceOf: (path: string) => number,
  copiesOf: (id: ContentId, sizeBytes: number) => Copies,
): SearchPage {
  return pageAtOnce(candidates, stretch, limit, relevanceOf, (contents) =>
    contents.map(([{ id, sizeBytes }]) => copiesOf(id, sizeBytes)),
  );
}

/** The same for a store that looks up the copies of all contents of a page together: they are told in their order. */
export function pageAtOnce<H extends Hit>(
  { hits, next }: Candidates<H>,
  stretch: Stretch,
  limit: number,
  relevanceOf: (path: string) => number,
  copiesOf: (contents: readonly SameContent<H>[]) => readonly Copies[],
): SearchPage {
  const groups = Array.from(groupByContent(hits), (same) => groupOf(same, relevanceOf));
  groups.sort((a, b) => b.relevance - a.relevance || b.copies - a.copies || b.hits[0].fid - a.hits[0].fid);
  const end = stretch.given + limit;
  const shown = groups.slice(stretch.given, end);
  const copies = copiesOf(shown.map((group) => group.hits));
  const found = shown.map((group, at) => ({
    relevance: group.relevance,
    result: resultOf(group, copies[at] ?? nobody),
  }));
  // Now that they are known, those count who share it under other names too.
  found.sort((a, b) => b.relevance - a.relevance || b.result.sources.length - a.result.sources.length);
  const results = found.map(({ result }) => result);
  const cursor =
    limit === 0 ? undefined : cursorAfter(stretch, groups.length > end ? end : undefined, hits, next);
  return cursor === undefined
    ? { results, more: next !== undefined || groups.length > end }
    : { results, more: true, cursor };
}

const nobody: Copies = { paths: [], sources: [] };

/** `given`: of this stretch, when there is more of it. Rows that come later are newer, and so part of no page after this. */
function cursorAfter(
  { limit }: Stretch,
  given: number | undefined,
  hits: readonly Hit[],
  next: number | undefined,
): string | undefined {
  if (given !== undefined) return encodeCursor({ below: (hits[0]?.fid ?? 0) + 1, given, limit });
  return next === undefined ? undefined : encodeCursor({ below: next, given: 0, limit });
}

/** The size with most holders, the newest of equals, out of rows newest first: an id can have only one. */
export function mostHeldSize(
  rows: readonly (readonly [sizeBytes: number, holders: number])[],
): number | undefined {
  const holders = new Map<number, number>();
  for (const [size, more] of rows) holders.set(size, (holders.get(size) ?? 0) + more);
  return [...holders].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function groupByContent<H extends Hit>(hits: readonly H[]): Iterable<SameContent<H>> {
  const groups = new Map<string, [H, ...H[]]>();
  for (const hit of hits) {
    const [first] = groups.get(hit.id) ?? [];
    const isOfSize = first === undefined || first.sizeBytes === hit.sizeBytes;
    const key = isOfSize ? hit.id : `${hit.id}${hit.sizeBytes}`;
    const same = groups.get(key);
    if (same === undefined) groups.set(key, [hit]);
    else same.push(hit);
  }
  return groups.values();
}

function groupOf<H extends Hit>(hits: SameContent<H>, relevanceOf: (path: string) => number): Group<H> {
  const [{ path, copies }] = hits;
  if (hits.length === 1) return { hits, paths: [path], relevance: relevanceOf(path), copies };
  const copiesOf = new Map<string, number>();
  for (const hit of hits) {
    const name = baseName(hit.path);
    copiesOf.set(name, (copiesOf.get(name) ?? 0) + hit.copies);
  }
  const scored = hits.map((hit) => {
    const name = baseName(hit.path);
    return { path: hit.path, name, relevance: relevanceOf(hit.path), copies: copiesOf.get(name) ?? 0 };
  });
  // Of equally good names that which most use, and always the same one: a file gets it that is fetched by its id.
  scored.sort(
    (a, b) =>
      b.relevance - a.relevance || b.copies - a.copies || Number(a.name > b.name) - Number(a.name < b.name),
  );
  return {
    hits,
    paths: scored.map((each) => each.path),
    relevance: scored[0]?.relevance ?? 0,
    copies: hits.reduce((all, hit) => all + hit.copies, 0),
  };
}

function resultOf({ hits: [{ id, sizeBytes }], paths }: Group<Hit>, copies: Copies): SearchResult {
  const names = [...new Set([...paths, ...copies.paths].map(baseName))];
  const [name = ''] = names;
  const best = paths[0] ?? copies.paths[0];
  return {
    id,
    name,
    names: names.slice(0, maxNamesPerResult),
    ...(best !== undefined && { folder: parentPath(best) }),
    sizeBytes,
    type: fileTypeOf(name),
    sources: copies.sources,
  };
}
