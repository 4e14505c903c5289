/**
 * Whom a tracker does not serve and what it does not list. Invariant: made of rules that were checked, it only
 * answers; a change of rules is another list.
 */
import type { SearchResult } from '../catalogue.ts';
import type { ContentId, PeerId } from '../ids.ts';
import { NetworkSet, parseNetwork } from '../network.ts';
import { compileQuery, type CompiledQuery } from '../search/query.ts';
import { matches, type Term } from '../search/query-match.ts';
import type { Problem } from '../result.ts';
import { tokensOfPath } from '../search/tokenizer.ts';

/** As the operator writes them. */
export interface DenyRules {
  /** Addresses and networks, such as `192.0.2.0/24`. */
  readonly addresses: readonly string[];
  readonly peers: readonly PeerId[];
  readonly contents: readonly ContentId[];
  /** Each a word, or some that follow each other: what a search for that phrase would find. */
  readonly words: readonly string[];
}

export const nothingDenied: DenyRules = { addresses: [], peers: [], contents: [], words: [] };

/** Why a file is not listed: no part of the share, and told to its peer. */
export const deniedFile: Problem = { code: 'unauthorised', message: 'This tracker does not list this file' };

export class DenyList {
  readonly rules: DenyRules;
  readonly #networks: NetworkSet;
  readonly #peers: ReadonlySet<PeerId>;
  readonly #contents: ReadonlySet<ContentId>;
  readonly #phrases: readonly CompiledQuery[];

  constructor(rules: DenyRules = nothingDenied) {
    this.rules = rules;
    this.#networks = new NetworkSet(
      rules.addresses.map(parseNetwork).filter((network) => network !== undefined),
    );
    this.#peers = new Set(rules.peers);
    this.#contents = new Set(rules.contents);
    this.#phrases = rules.words.map(phraseQuery).filter((query) => query !== undefined);
  }

  /** Nobody comes in from there. */
  refusesHost(host: string): boolean {
    return this.#networks.has(host);
  }

  refusesPeer(peer: PeerId): boolean {
    return this.#peers.has(peer);
  }

  refusesContent(id: ContentId): boolean {
    return this.#contents.size > 0 && this.#contents.has(id);
  }

  /** Whether there are any files that are not to be listed. */
  get refusesFiles(): boolean {
    return this.#contents.size > 0 || this.#phrases.length > 0;
  }

  /** Whether a file is not to be listed: its content, or one of the words in its path as a search would find it. */
  refusesFile({ id, path }: { readonly id: ContentId; readonly path: string }): boolean {
    if (this.refusesContent(id)) return true;
    if (this.#phrases.length === 0) return false;
    const tokens = tokensOfPath(path);
    return this.#phrases.some((phrase) => matches(phrase, { id, path, sizeBytes: 0 }, tokens));
  }

  /**
   * What may be shown of a result: without names that are denied, the first of which may be so by its folder, and
   * without the folder of one that is; undefined when nothing may.
   */
  shown(result: SearchResult): SearchResult | undefined {
    const { id, folder: firstFolder = '', ...unplaced } = result;
    const names = result.names.filter(
      (name, at) => !this.refusesFile({ id, path: at === 0 ? firstFolder + name : name }),
    );
    const [name] = names;
    if (name === undefined) return undefined;
    if (names.length === result.names.length) return result;
    return name === result.names[0] ? { ...result, names } : { id, ...unplaced, name, names };
  }
}

/** What is added to a search so that it finds nothing under these words; unfit ones add nothing. */
export function withoutWords(query: CompiledQuery, words: readonly string[]): CompiledQuery {
  if (words.length === 0) return query;
  return { ...query, without: [...query.without, ...phraseTerms(words)] };
}

/** The same list comes with every search until the rules change. */
let lastWords = '';
let lastTerms: readonly Term[] = [];

/** What a path is under where one of these stands in it; of unfit ones nothing. */
export function phraseTerms(words: readonly string[]): readonly Term[] {
  const text = words.join('\n');
  if (text !== lastWords) {
    lastTerms = words.flatMap((word) => phraseQuery(word)?.terms ?? []);
    lastWords = text;
  }
  return lastTerms;
}

/** What finds a phrase; undefined for text that nothing is found by. */
export function phraseQuery(words: string): CompiledQuery | undefined {
  const query = compileQuery(`"${words.replaceAll('"', ' ')}"`);
  return query.ok && query.value.terms.length > 0 ? query.value : undefined;
}
