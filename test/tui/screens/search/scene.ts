/** Results for the tests of searching. */
import type { SearchResult, Source } from '../../../../src/core/catalogue.ts';
import type { EngineCommand, EngineEvent } from '../../../../src/core/engine/engine-api.ts';
import { fileTypeOf } from '../../../../src/core/search/file-type.ts';
import { encodeId, type ContentId, type PeerId } from '../../../../src/core/ids.ts';
import { trackerView } from '../../../helpers/views.ts';

export const idOf = (seed: number): ContentId => encodeId(new Uint8Array(32).fill(seed)) as ContentId;

export const source = (seed: number): Source => ({
  peer: encodeId(new Uint8Array(32).fill(100 + seed)) as PeerId,
  name: ['ann', 'bob', 'cleo', 'dan', 'eve'][seed] ?? `peer-${seed}`,
  host: '192.0.2.1',
  port: 4000 + seed,
});

export function result(seed: number, name: string, sizeBytes: number, sources: number): SearchResult {
  return {
    id: idOf(seed),
    name,
    names: seed === 1 ? [name, 'DEBIAN13.ISO'] : [name],
    folder: ['/Linux/ISO/', '/old/', '/本/', undefined, '/mirror/a much longer way/to where\u202e it lies/'][
      seed - 1
    ],
    sizeBytes,
    type: fileTypeOf(name),
    sources: Array.from({ length: sources }, (_, at) => source(at)),
  };
}

export const results: readonly SearchResult[] = [
  result(1, 'debian-13.1-amd64-dvd.iso', 3_984_588_800, 12),
  result(2, 'debian-13.1-amd64-netinst.iso', 791_674_880, 4),
  result(3, '日本語ファイル名-debian-第01巻.epub', 50_436_500, 2),
  result(4, 'photo\u202egpj.debian.exe', 1024, 1),
  result(5, 'debian-13.1-amd64-dvd.iso', 3_984_588_801, 1),
];

export const online = { trackers: [trackerView({ latencyMs: 12, peers: 41, files: 7 })], port: 41234 };

/** Answers to searches: these results, or those of a query. */
export const answering =
  (found: readonly SearchResult[] | ((query: string) => readonly SearchResult[])) =>
  ({ requestId, query }: Extract<EngineCommand, { readonly type: 'search' }>): readonly EngineEvent[] => [
    {
      type: 'answer-search',
      requestId,
      answer: { ok: true, value: typeof found === 'function' ? found(query) : found },
      last: true,
      trackers: { asked: 1, answered: 1 },
    },
  ];
