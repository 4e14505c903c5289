/** Files and rows as the library takes and gives them. Invariant: what is packed here is what redis-lua-rows.ts says. */
import { hash } from 'node:crypto';
import type { SharedFile, Source } from '../../core/catalogue.ts';
import { contentId, type ContentId, type PeerId } from '../../core/ids.ts';
import { idBytes } from '../../core/ids.ts';
import type { RedisArgument } from './redis-node.ts';
import { tokensToList } from './redis-words.ts';
import { bytesOf } from '../share-hash.ts';

const pathHashBytes = 6;
const entryBytes = 16;
const sizeBytesLength = 8;
const stampBytes = 6;
const tailAt = idBytes + pathHashBytes;
const headBytes = tailAt + entryBytes + sizeBytesLength;
const pathAt = idBytes + entryBytes + sizeBytesLength + stampBytes;

/** A row as a part of the cluster gives it. */
export interface RedisRow extends SharedFile {
  readonly fid: number;
  /** When it came, milliseconds since 1970 by the clock of its server. */
  readonly cameMs: number;
  /** Live holders in that part, as far as they were counted. */
  readonly copies: number;
}

export function packSize(sizeBytes: number): Buffer {
  const packed = Buffer.alloc(sizeBytesLength);
  packed.writeUInt32BE(Math.floor(sizeBytes / 2 ** 32), 0);
  packed.writeUInt32BE(sizeBytes % 2 ** 32, 4);
  return packed;
}

/** What `apply` takes for a file that is removed. */
export function packRemove({ id, path }: Pick<SharedFile, 'id' | 'path'>): readonly RedisArgument[] {
  return [Buffer.concat([bytesOf(id), pathHash(path)]), path];
}

/** What `apply` takes for a file that is added; one that cannot be taken is marked by a byte more. */
export function packAdd(file: SharedFile, isTakeable: boolean): readonly RedisArgument[] {
  const head = Buffer.alloc(headBytes + Number(!isTakeable));
  head.set(bytesOf(file.id));
  head.set(pathHash(file.path), idBytes);
  head.set(packSize(file.sizeBytes), tailAt + entryBytes);
  head.set(entryDigest(file, head), tailAt);
  return [head, file.path];
}

/** The tokens of those files that can be taken, each with the places of the files that have it. */
export function packTokens(
  files: readonly SharedFile[],
  isTakeable: readonly boolean[],
): readonly RedisArgument[] {
  const placesOf = new Map<string, number[]>();
  for (const [at, file] of files.entries())
    for (const token of isTakeable[at] === true ? tokensToList(file) : []) {
      const places = placesOf.get(token);
      if (places === undefined) placesOf.set(token, [at + 1]);
      else places.push(at + 1);
    }
  return [...placesOf].flatMap(([token, places]) => [token, Buffer.from(places)]);
}

export function unpackRow(fid: number, copies: number, row: Buffer): RedisRow {
  const size = idBytes + entryBytes;
  return {
    fid,
    copies,
    id: contentId(row.subarray(0, idBytes)),
    sizeBytes: row.readUInt32BE(size) * 2 ** 32 + row.readUInt32BE(size + 4),
    cameMs: row.readUIntBE(size + sizeBytesLength, stampBytes),
    path: row.toString('utf8', pathAt),
  };
}

/** A source, with its number: that of a peer known longer is smaller. */
export type NumberedSource = readonly [number: number, source: Source];

export function unpackSource([number, peer, name, host, port, reachable]: readonly [
  number,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
]): NumberedSource {
  return [
    number,
    {
      peer: peer.toString() as PeerId,
      name: name.toString(),
      host: host.toString(),
      port: Number(port.toString()),
      ...reachableOf(reachable.toString()),
    },
  ];
}

/** '' where nobody tried. */
export function reachableOf(text: string): { readonly reachable?: boolean } {
  return text === '' ? {} : { reachable: text === '1' };
}

export function packIds(ids: readonly ContentId[]): readonly Buffer[] {
  return ids.map((id) => Buffer.from(bytesOf(id)));
}

function pathHash(path: string): Buffer {
  return hash('sha256', path, 'buffer').subarray(0, pathHashBytes);
}

/** As core/share/share-digest.ts defines it. `head` has the content id and the size. */
function entryDigest({ path }: SharedFile, head: Buffer): Buffer {
  const size = head.subarray(tailAt + entryBytes, headBytes);
  const input = Buffer.concat([head.subarray(0, idBytes), size, Buffer.from(path)]);
  return hash('sha256', input, 'buffer').subarray(0, entryBytes);
}
