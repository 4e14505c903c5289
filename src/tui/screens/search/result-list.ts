/**
 * What a search has found, in columns: a hundred thousand results as objects with lists of sources of their own take
 * four times as much. Invariant: it never changes, and gives each result as it was given, but that peers and folders
 * that are the same in several results are one object.
 */
import type { FileType, SearchResult, Source, VirtualPath } from '../../../core/catalogue.ts';
import { contentHash } from '../../../core/share/content-map.ts';
import type { ContentId } from '../../../core/ids.ts';

interface Columns {
  readonly ids: readonly ContentId[];
  readonly names: readonly string[];
  /** Of those with other names too, all of them. */
  readonly allNames: ReadonlyMap<number, readonly string[]>;
  readonly folders: readonly (VirtualPath | undefined)[];
  readonly sizesBytes: Float64Array;
  readonly types: readonly FileType[];
  readonly sources: readonly (readonly Source[])[];
}

/** In the index: nothing here. Others are a place in the list, and 1. */
const free = 0;

export class ResultList {
  readonly length: number;
  readonly #columns: Columns;
  /** Leads from ids to places, by open addressing. */
  readonly #index: Uint32Array;

  constructor(results: readonly SearchResult[]) {
    this.length = results.length;
    this.#columns = columnsOf(results);
    this.#index = indexOf(this.#columns.ids);
  }

  idAt(at: number): ContentId | undefined {
    return this.#columns.ids[at];
  }

  nameAt(at: number): string {
    return this.#columns.names[at] ?? '';
  }

  namesAt(at: number): readonly string[] {
    return this.#columns.allNames.get(at) ?? [this.nameAt(at)];
  }

  /** All its names, for who looks for something in them. */
  textAt(at: number): string {
    return this.#columns.allNames.get(at)?.join('\n') ?? this.nameAt(at);
  }

  sizeAt(at: number): number {
    return this.#columns.sizesBytes[at] ?? 0;
  }

  typeAt(at: number): FileType {
    return this.#columns.types[at] ?? 'other';
  }

  sourcesAt(at: number): readonly Source[] {
    return this.#columns.sources[at] ?? [];
  }

  folderAt(at: number): VirtualPath | undefined {
    return this.#columns.folders[at];
  }

  /** A result, made anew each time it is asked for. */
  at(at: number): SearchResult | undefined {
    const id = this.idAt(at);
    if (id === undefined) return undefined;
    const [name, names, folder] = [this.nameAt(at), this.namesAt(at), this.folderAt(at)];
    const [sizeBytes, type, sources] = [this.sizeAt(at), this.typeAt(at), this.sourcesAt(at)];
    return { id, name, names, ...(folder !== undefined && { folder }), sizeBytes, type, sources };
  }

  *[Symbol.iterator](): Generator<SearchResult> {
    for (let at = 0; at < this.length; at += 1) {
      const result = this.at(at);
      if (result !== undefined) yield result;
    }
  }

  /** The places of a content: several where it is said to be of different sizes. */
  *placesOf(id: ContentId): Generator<number> {
    const last = this.#index.length - 1;
    for (let slot = contentHash(id) & last; this.#index[slot] !== free; slot = (slot + 1) & last) {
      const at = (this.#index[slot] ?? free) - 1;
      if (this.#columns.ids[at] === id) yield at;
    }
  }

  /** The place of a content of that size; undefined: it is not among them. */
  placeOf({ id, sizeBytes }: Pick<SearchResult, 'id' | 'sizeBytes'>): number | undefined {
    for (const at of this.placesOf(id)) if (this.sizeAt(at) === sizeBytes) return at;
    return undefined;
  }
}

function columnsOf(results: readonly SearchResult[]): Columns {
  const allNames = new Map<number, readonly string[]>();
  const folders = new Map<VirtualPath, VirtualPath>();
  const types = new Map<FileType, FileType>();
  const sources = new SameSources();
  for (const [at, { name, names }] of results.entries())
    if (names.length !== 1 || names[0] !== name) allNames.set(at, names);
  return {
    ids: results.map(({ id }) => id),
    names: results.map(({ name }) => name),
    allNames,
    folders: results.map(({ folder }) => folder && same(folders, folder)),
    sizesBytes: Float64Array.from(results, ({ sizeBytes }) => sizeBytes),
    types: results.map(({ type }) => same(types, type)),
    sources: results.map((result) => sources.of(result.sources)),
  };
}

/** Of equal texts the first. */
function same<Text extends string>(known: Map<Text, Text>, text: Text): Text {
  const before = known.get(text);
  if (before !== undefined) return before;
  known.set(text, text);
  return text;
}

/** Of equal peers the first, and one list for all results that come from one peer. */
class SameSources {
  readonly #known = new Map<string, { readonly source: Source; readonly alone: readonly Source[] }>();

  of(sources: readonly Source[]): readonly Source[] {
    const [first, second] = sources;
    if (first === undefined) return [];
    if (second === undefined) return this.#same(first).alone;
    return sources.map((source) => this.#same(source).source);
  }

  #same(source: Source) {
    // As it was told: a tracker may know another address of a peer than the next one.
    const key = `${source.peer} ${source.port} ${String(source.reachable)} ${source.host} ${source.name}`;
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const known = { source, alone: [source] };
    this.#known.set(key, known);
    return known;
  }
}

/** Half full at most. */
function indexOf(ids: readonly ContentId[]): Uint32Array {
  let slots = 2;
  while (slots < ids.length * 2) slots *= 2;
  const index = new Uint32Array(slots);
  for (const [at, id] of ids.entries()) {
    let slot = contentHash(id) & (slots - 1);
    while (index[slot] !== free) slot = (slot + 1) & (slots - 1);
    index[slot] = at + 1;
  }
  return index;
}

export const emptyList = new ResultList([]);
