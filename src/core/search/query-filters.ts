/**
 * What the filters of a query ask for. Invariant: each filter narrows the search or is refused where it stands; of
 * one kind given twice, lists are one longer list, and sizes must all hold.
 */
import type { FileType } from '../catalogue.ts';
import { fileTypes } from './file-type.ts';
import { isId, type ContentId } from '../ids.ts';
import { maxQueryPeers } from '../limits/stores.ts';
import { nameKey } from '../peer-name.ts';
import { parseSize } from '../quantity.ts';
import type { CompiledQuery } from './query-match.ts';
import { refuse, refusePart, type Filter, type Refusal } from './query-parts.ts';
import { fold } from './tokenizer.ts';
import { typeMeantBy } from './type-words.ts';

/** A query that is being compiled. */
export type Draft = { -readonly [Key in keyof CompiledQuery]: CompiledQuery[Key] };

const sizePattern = /^(?:(?<sign>>=|<=|>|<)(?<bound>[^-]+)|(?<least>[^-<>=]+)-(?<most>[^-<>=]+))$/;

/** Adds what a filter asks for, or says what is wrong with it. */
export function addFilter(query: Draft, filter: Filter): Refusal | undefined {
  switch (filter.key) {
    case 'ext':
      return addExtensions(query, filter);
    case 'type':
      return addTypes(query, filter);
    case 'size':
      return addSizes(query, filter);
    case 'peer':
      return addPeers(query, filter);
    case 'id':
      return addIds(query, filter);
  }
}

function addExtensions(query: Draft, filter: Filter): Refusal | undefined {
  const extensions = filter.values.map((extension) => extension.replace(/^\./, '').toLowerCase());
  if (!extensions.every((extension) => /^[\p{L}\p{N}]+$/u.test(extension)))
    return refusePart(filter, 'Expected an extension such as ext:mkv');
  if (filter.negated) query.withoutExtensions = [...query.withoutExtensions, ...extensions];
  else query.extensions = [...query.extensions, ...extensions];
  return undefined;
}

function addTypes(query: Draft, filter: Filter): Refusal | undefined {
  const types: FileType[] = [];
  for (const name of filter.values) {
    const type = fileTypes.find((known) => known === fold(name));
    if (type === undefined) return refuseType(filter);
    types.push(type);
  }
  if (filter.negated) query.withoutTypes = [...query.withoutTypes, ...types];
  else query.types = [...query.types, ...types];
  return undefined;
}

/** Says which types there are, and what the filter would be with those that were meant. */
function refuseType(filter: Filter): Refusal {
  const expected = `Expected a type out of ${fileTypes.join(', ')}`;
  const meant = filter.values.map((name) => {
    const word = fold(name);
    return fileTypes.find((known) => known === word) ?? typeMeantBy(word);
  });
  return meant.includes(undefined)
    ? refusePart(filter, expected)
    : refusePart(filter, expected, `${filter.negated ? '-' : ''}type:${[...new Set(meant)].join(',')}`);
}

function addSizes(query: Draft, filter: Filter): Refusal | undefined {
  if (filter.negated) return refusePart(filter, 'A size cannot be excluded; turn the comparison round');
  const { sign, bound, least, most } = sizePattern.exec(filter.values.join())?.groups ?? {};
  const [low, high] = sign?.startsWith('>') ? [bound, undefined] : sign ? [undefined, bound] : [least, most];
  const min = low === undefined ? undefined : parseSize(low);
  const max = high === undefined ? undefined : parseSize(high);
  if ((min ?? max) === undefined || min?.ok === false || max?.ok === false)
    return refusePart(filter, 'Expected a size such as size:>10M, size:<=1.5G or size:1M-2M');
  if (min?.ok) query.minBytes = Math.max(query.minBytes ?? 0, min.value + (sign === '>' ? 1 : 0));
  if (max?.ok) query.maxBytes = Math.min(query.maxBytes ?? Infinity, max.value - (sign === '<' ? 1 : 0));
  if ((query.minBytes ?? 0) > (query.maxBytes ?? Infinity)) return refusePart(filter, 'No size can be both');
  return undefined;
}

function addPeers(query: Draft, filter: Filter): Refusal | undefined {
  if (filter.negated)
    return refusePart(filter, 'A peer cannot be excluded: what it shares, others may share too');
  const peers = new Set(query.peers);
  for (const name of filter.values) {
    const id = name.toLowerCase();
    const key = nameKey(name);
    if (!isId(id) && !key.ok)
      return refusePart(filter, 'Expected the name of a peer, such as peer:anna, or its id');
    peers.add(isId(id) || !key.ok ? id : key.value);
    if (peers.size > maxQueryPeers) {
      const from = filter.to - filter.text.length + filter.text.lastIndexOf(name);
      return refuse('limit', `A search may name at most ${maxQueryPeers} peers`, from, filter.to);
    }
  }
  query.peers = [...peers];
  return undefined;
}

function addIds(query: Draft, filter: Filter): Refusal | undefined {
  if (filter.negated) return refusePart(filter, 'A content cannot be excluded by its id');
  const ids = filter.values.map((id) => id.toLowerCase());
  if (!ids.every(isId))
    return refusePart(filter, 'Expected the id of a content, 52 letters and digits, as it is in results');
  query.ids = [...new Set([...query.ids, ...(ids as ContentId[])])];
  return undefined;
}
