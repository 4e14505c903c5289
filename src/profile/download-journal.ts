/**
 * What is remembered of an unfinished download beside its partial file: the manifest, and which pieces are on
 * the disk. Both are replaced whole and carry a checksum, so that a crash leaves the old or the new one.
 * Invariant: a piece that the journal claims was flushed before the claim was written.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { blake3 } from '../content/hash.ts';
import { Bitfield } from '../core/bitfield.ts';
import { decodeId, type ContentId } from '../core/ids.ts';
import type { Manifest } from '../core/manifest.ts';

/** `clean`: the download ended in order, so nothing was written that is not claimed. */
export interface Claims {
  readonly have: Bitfield;
  readonly clean: boolean;
}

const checksumBytes = 32;
/** "Shoal manifest" and "Shoal claims", with the version of their form. */
const manifestMagic = 0x53_4d_00_01;
const claimsMagic = 0x53_43_00_01;

/** Undefined when there is none or it is damaged. It is still to be proved against the id. */
export async function readManifest(path: string): Promise<Manifest | undefined> {
  const body = await readSealed(path, manifestMagic);
  if (!body || body.length < 16) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return {
    sizeBytes: Number(view.getBigUint64(0)),
    pieceLength: Number(view.getBigUint64(8)),
    leaves: body.subarray(16),
  };
}

export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  const body = new Uint8Array(16 + manifest.leaves.length);
  const view = new DataView(body.buffer);
  view.setBigUint64(0, BigInt(manifest.sizeBytes));
  view.setBigUint64(8, BigInt(manifest.pieceLength));
  body.set(manifest.leaves, 16);
  await writeSealed(path, manifestMagic, body);
}

/** Undefined when there are none, or damaged ones, or those of another content. */
export async function readClaims(path: string, id: ContentId, pieces: number): Promise<Claims | undefined> {
  const body = await readSealed(path, claimsMagic);
  const idBytes = decodeId(id);
  if (!body || !idBytes || body.length <= idBytes.length) return undefined;
  if (!idBytes.every((byte, at) => body[at] === byte)) return undefined;
  const have = Bitfield.decode(body.subarray(idBytes.length + 1), pieces);
  return have && { have, clean: body[idBytes.length] === 1 };
}

export async function writeClaims(path: string, id: ContentId, { have, clean }: Claims): Promise<void> {
  await writeSealed(
    path,
    claimsMagic,
    Buffer.concat(
      [decodeId(id) ?? [], Uint8Array.of(clean ? 1 : 0), have.encode()].map((part) => Buffer.from(part)),
    ),
  );
}

async function readSealed(path: string, magic: number): Promise<Uint8Array | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return undefined;
  }
  if (bytes.length < 4 + checksumBytes || bytes.readUInt32BE(0) !== magic) return undefined;
  const sealed = bytes.subarray(0, -checksumBytes);
  return bytes.subarray(-checksumBytes).equals(blake3.hash(sealed)) ? sealed.subarray(4) : undefined;
}

/** Throws what writing throws; the file at `path` is then the old one. */
async function writeSealed(path: string, magic: number, body: Uint8Array): Promise<void> {
  const bytes = Buffer.alloc(4 + body.length + checksumBytes);
  bytes.writeUInt32BE(magic);
  bytes.set(body, 4);
  bytes.set(blake3.hash(bytes.subarray(0, -checksumBytes)), 4 + body.length);
  const next = `${path}.new`;
  const file = await open(next, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(next, path);
}
