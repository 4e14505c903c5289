/**
 * What the lists of a shard say of a file, and how a query is put to them. Invariant: whatever `matches` accepts is
 * found; what is found too much, a closer look at the row refuses.
 *
 * Beside the words there are tokens told apart by a sign that no word has: `~ab` how a word begins,
 * `x:video` the type, `e:mkv` the extension, `z:24` the bits of the size, `w:…` a short hash of the whole name
 * (core/search/whole-name.ts), `n:…` a hash of a name without any word.
 */
import { hash } from 'node:crypto';
import type { SharedFile } from '../../core/catalogue.ts';
import { baseName, extensionOf, fileTypeOf } from '../../core/search/file-type.ts';
import type { Alternative, CompiledQuery, Term } from '../../core/search/query-match.ts';
import { canLookUp } from '../../core/search/query-terms.ts';
import { tokensOf, tokensOfPath } from '../../core/search/tokenizer.ts';
import { wholeNameOf } from '../../core/search/whole-name.ts';

/** Everything from 16 TiB is one class. */
const maxSizeBits = 45;
/** Hexadecimal digits of the hash of a whole name: a list for each name would be most of what a file takes. */
const wholeNameDigits = 3;
/** Words of a name that are looked up: the row says the rest. */
const maxNameWords = 6;
const anySize: readonly string[] = Array.from({ length: maxSizeBits + 1 }, (_, bits) => `z:${bits}`);

/** One way to satisfy a group: all of the words, and one that begins with `prefix`; `coarse` has all of those. */
interface Way {
  readonly words: readonly string[];
  readonly prefix?: string;
  readonly coarse?: string;
}

/** What the library's `search` is asked. */
export interface Plan {
  readonly all: readonly string[];
  readonly groups: readonly (readonly Way[])[];
  readonly none: readonly string[];
}

/** Every token that a file is listed under. */
export function tokensToList({ path, sizeBytes }: Pick<SharedFile, 'path' | 'sizeBytes'>): readonly string[] {
  const words = [...tokensOfPath(path)];
  const name = baseName(path);
  return [
    ...words,
    ...new Set(words.flatMap(beginningsOf)),
    `x:${fileTypeOf(path)}`,
    `e:${extensionOf(path)}`,
    `z:${bitsOf(sizeBytes)}`,
    wholeNameToken(wholeNameOf(name)),
    ...(tokensOf(name).length === 0 ? [nameToken(name)] : []),
  ];
}

export function planOf(query: CompiledQuery): Plan {
  const groups = [
    ...query.terms.filter((term) => term.every(isListed)).map((term) => term.map(wayOf)),
    ...anyOf('x', query.types),
    ...anyOf('e', query.extensions),
    ...sizesOf(query),
  ];
  const isSingle = ([first, ...others]: readonly Way[]): boolean =>
    others.length === 0 && first !== undefined && first.prefix === undefined;
  const plan = {
    all: [...new Set(groups.filter(isSingle).flatMap(([way]) => way?.words ?? []))],
    groups: groups.filter((group) => !isSingle(group)),
    none: [
      ...query.without.flatMap(excluded),
      ...query.withoutTypes.map((type) => `x:${type}`),
      ...query.withoutExtensions.map((extension) => `e:${extension}`),
    ],
  };
  const asksSomething = plan.all.length + plan.groups.length + query.ids.length + query.peers.length > 0;
  return asksSomething ? plan : { ...plan, groups: [anySize.map((token) => ({ words: [token] }))] };
}

/** Finds those of the files whose whole name is one of these, and others. */
export function planOfWhole(query: CompiledQuery, wholeNames: readonly string[]): Plan {
  const plan = planOf(query);
  return { ...plan, groups: [...plan.groups, wholeNames.map((name) => ({ words: [wholeNameToken(name)] }))] };
}

/** Finds files of exactly this name, and others. */
export function planOfName(name: string): Plan {
  const words = tokensOf(name).toSorted((a, b) => b.length - a.length);
  return { all: words.length === 0 ? [nameToken(name)] : words.slice(0, maxNameWords), groups: [], none: [] };
}

function isListed({ tokens, prefix }: Alternative): boolean {
  return tokens.length > 0 || (prefix !== undefined && canLookUp(prefix));
}

function wayOf({ tokens, prefix }: Alternative): Way {
  if (prefix === undefined || !canLookUp(prefix)) return { words: tokens };
  return { words: tokens, prefix, coarse: coarseOf(prefix) };
}

/** Of what must not be there only what the lists alone can tell. */
function excluded(term: Term): readonly string[] {
  return term.flatMap(({ tokens, prefix, adjacent }) => {
    const [only, ...others] = tokens;
    const isSure =
      only !== undefined && others.length === 0 && prefix === undefined && adjacent === undefined;
    return isSure ? [only] : [];
  });
}

function anyOf(facet: string, values: readonly string[]): readonly (readonly Way[])[] {
  return values.length === 0 ? [] : [values.map((value) => ({ words: [`${facet}:${value}`] }))];
}

/** Anything narrows a search better than sizes, which may be half of all files: then the row says enough. */
function sizesOf(query: CompiledQuery): readonly (readonly Way[])[] {
  const { terms, types, extensions, ids, peers, minBytes, maxBytes } = query;
  if ([terms, types, extensions, ids, peers].some(({ length }) => length > 0)) return [];
  if (minBytes === undefined && maxBytes === undefined) return [];
  const least = bitsOf(minBytes ?? 0);
  const most = bitsOf(Math.min(maxBytes ?? Infinity, Number.MAX_SAFE_INTEGER));
  return anyOf(
    'z',
    Array.from({ length: most - least + 1 }, (_, at) => String(least + at)),
  );
}

/** How many binary digits a size has: 0 for 0, 24 for 8 MiB to 16 MiB less one. */
function bitsOf(sizeBytes: number): number {
  return sizeBytes === 0 ? 0 : Math.min(maxSizeBits, Math.floor(Math.log2(sizeBytes)) + 1);
}

/** Its first two letters; one where a search may ask for one, which is a syllable of Hangul. */
function beginningsOf(word: string): readonly string[] {
  const letters = Array.from(word.slice(0, 4));
  const beginnings = [1, 2].map((length) => letters.slice(0, length).join(''));
  return [...new Set(beginnings.filter(canLookUp))].map((beginning) => `~${beginning}`);
}

function coarseOf(prefix: string): string {
  return `~${Array.from(prefix.slice(0, 4)).slice(0, 2).join('')}`;
}

function nameToken(name: string): string {
  return `n:${hash('sha256', name, 'hex').slice(0, 10)}`;
}

function wholeNameToken(wholeName: string): string {
  return `w:${hash('sha256', wholeName, 'hex').slice(0, wholeNameDigits)}`;
}
