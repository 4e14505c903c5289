/**
 * What a search asks for, compiled once and understood alike by every store. Invariant: `matches` is the meaning
 * of a compiled query; an index may only be faster, never of another opinion.
 */
import type { FileType, SharedFile } from '../catalogue.ts';
import type { ContentId, PeerId } from '../ids.ts';
import { extensionOf, fileTypeOf } from './file-type.ts';
import { atomsOf, tokensOfPath } from './tokenizer.ts';

/** One way to satisfy a term. */
export interface Alternative {
  /** All of these are among the file's tokens, */
  readonly tokens: readonly string[];
  /** one of them begins with this, */
  readonly prefix: string | undefined;
  /** and this stands in one name of the path, separators left out, from the start of an atom to the end of one. */
  readonly adjacent: string | undefined;
  /** `adjacent` may end inside an atom: it is still being typed. */
  readonly open: boolean;
}

/** A word or phrase: any of its alternatives will do. */
export type Term = readonly Alternative[];

/** What was typed at one place: the sequences of words, each folded, any of which will do. */
export type Place = readonly (readonly string[])[];

/** Everything must hold; empty lists and undefined bounds ask nothing. */
export interface CompiledQuery {
  readonly terms: readonly Term[];
  readonly without: readonly Term[];
  readonly types: readonly FileType[];
  readonly withoutTypes: readonly FileType[];
  readonly extensions: readonly string[];
  readonly withoutExtensions: readonly string[];
  /** Both inclusive. */
  readonly minBytes: number | undefined;
  readonly maxBytes: number | undefined;
  /** One of these contents. */
  readonly ids: readonly ContentId[];
  /** Shared by one of these peers, who is online: the keys of their names (`nameKey`) or their ids. */
  readonly peers: readonly string[];
  /** The words asked for in their order: for ranking. */
  readonly words: readonly Place[];
}

/** A file as it is looked at; one without an id is never one that a query asks for by id. */
export type MatchedFile = Pick<SharedFile, 'path' | 'sizeBytes'> & Partial<Pick<SharedFile, 'id'>>;

/** A peer that shares a file, under the key of its name (`nameKey`). */
export interface Holder {
  readonly peer: PeerId;
  readonly key: string;
}

/**
 * Whether a file answers a query, as far as it tells itself: who shares it is for `matchesHolders`. `known` are its
 * tokens, when somebody has them already.
 */
export function matches(query: CompiledQuery, file: MatchedFile, known?: ReadonlySet<string>): boolean {
  if (!matchesFacets(query, file)) return false;
  if (query.terms.length + query.without.length === 0) return true;
  const tokens = known ?? tokensOfPath(file.path);
  return (
    query.terms.every((term) => satisfies(term, file.path, tokens)) &&
    !matchesAny(query.without, file.path, tokens)
  );
}

/** Whether a path has any of these words and phrases. `known`: its tokens, when somebody has them already. */
export function matchesAny(terms: readonly Term[], path: string, known?: ReadonlySet<string>): boolean {
  if (terms.length === 0) return false;
  const tokens = known ?? tokensOfPath(path);
  return terms.some((term) => satisfies(term, path, tokens));
}

/** Whether one of those who share a file, and are online, is a peer that the query asks for. */
export function matchesHolders({ peers }: CompiledQuery, holders: Iterable<Holder>): boolean {
  if (peers.length === 0) return true;
  for (const { peer, key } of holders) if (peers.includes(peer) || peers.includes(key)) return true;
  return false;
}

/** Whether id, size, type and extension are as asked for. */
export function matchesFacets(query: CompiledQuery, { id, path, sizeBytes }: MatchedFile): boolean {
  if (query.ids.length > 0 && (id === undefined || !query.ids.includes(id))) return false;
  if (query.minBytes !== undefined && sizeBytes < query.minBytes) return false;
  if (query.maxBytes !== undefined && sizeBytes > query.maxBytes) return false;
  const type = fileTypeOf(path);
  if (query.types.length > 0 && !query.types.includes(type)) return false;
  if (query.withoutTypes.includes(type)) return false;
  const extension = extensionOf(path);
  if (query.extensions.length > 0 && !query.extensions.includes(extension)) return false;
  return !query.withoutExtensions.includes(extension);
}

function satisfies(term: Term, path: string, tokens: ReadonlySet<string>): boolean {
  return term.some(
    ({ tokens: all, prefix, adjacent, open }) =>
      all.every((token) => tokens.has(token)) &&
      (prefix === undefined || beginsOne(tokens, prefix)) &&
      (adjacent === undefined || path.split('/').some((name) => standsIn(name, adjacent, open))),
  );
}

function beginsOne(tokens: ReadonlySet<string>, prefix: string): boolean {
  for (const token of tokens) if (token.startsWith(prefix)) return true;
  return false;
}

function standsIn(name: string, text: string, open: boolean): boolean {
  const { text: whole, borders } = atomsOf(name);
  for (let at = whole.indexOf(text); at >= 0; at = whole.indexOf(text, at + 1))
    if (borders[at] === 1 && (open || borders[at + text.length] === 1)) return true;
  return false;
}
