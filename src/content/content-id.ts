/**
 * What a content is called: its id, proved from a manifest, and the proof of single pieces.
 * Invariant: a manifest that `verifyManifest` accepted is the only one that belongs to its id, so that pieces
 * checked against it are right wherever they came from.
 */
import { contentId, decodeIdInto, idBytes, type ContentId } from '../core/ids.ts';
import { isWellFormed, leafBytes, leafOf, type Manifest } from '../core/swarm/manifest.ts';
import { minPieceLength, pieceSize } from '../core/swarm/piece-length.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { blake3 } from './hash.ts';
import { manifestOf } from './manifest-hasher.ts';

/** Keeps content ids apart from every other use of BLAKE3, leaves included. */
const context = 'shoal 2026 content id v1';

/** Size and piece length, before the leaves. */
const lengthsBytes = 16;

/** BLAKE3 in derive-key mode over size and piece length (u64, big-endian) and the leaves. */
export function contentIdOf({ sizeBytes, pieceLength, leaves }: Manifest): ContentId {
  const named = Buffer.allocUnsafe(lengthsBytes + leaves.length);
  writeLengths(named, sizeBytes, pieceLength);
  named.set(leaves, lengthsBytes);
  return contentId(blake3.derive(context, named));
}

function writeLengths(named: Buffer, sizeBytes: number, pieceLength: number): void {
  named.writeUInt32BE(Math.floor(sizeBytes / 2 ** 32), 0);
  named.writeUInt32BE(sizeBytes >>> 0, 4);
  named.writeUInt32BE(Math.floor(pieceLength / 2 ** 32), 8);
  named.writeUInt32BE(pieceLength >>> 0, 12);
}

/** What the id of a content of one piece is made from, and the ids that were made and expected last. */
const one = Buffer.allocUnsafeSlow(lengthsBytes + leafBytes);
const made = Buffer.allocUnsafeSlow(idBytes);
const expected = Buffer.allocUnsafeSlow(idBytes);
const deriveInto = blake3.deriverInto(context);

/** Whether these bytes, a whole small file, are the content of this id. Of one piece, nothing is made for it. */
export function isContent(id: ContentId, bytes: Uint8Array): boolean {
  if (bytes.length === 0 || bytes.length > minPieceLength) return contentIdOf(manifestOf(bytes)) === id;
  writeLengths(one, bytes.length, minPieceLength);
  blake3.hashInto(bytes, one, lengthsBytes);
  deriveInto(one, made, 0);
  return decodeIdInto(id, expected) && made.equals(expected);
}

/** Proves that a manifest, from whatever source, is that of `id`. The problem is always `protocol`. */
export function verifyManifest(id: ContentId, manifest: Manifest): Result<Manifest> {
  if (!isWellFormed(manifest)) return fail('protocol', 'The manifest contradicts itself');
  if (contentIdOf(manifest) !== id) return fail('protocol', 'The manifest is not that of this content');
  return ok(manifest);
}

/** Whether these bytes are the piece `index` of the content that the verified manifest describes. */
export function verifyPiece(manifest: Manifest, index: number, bytes: Uint8Array): boolean {
  if (bytes.length !== pieceSize(manifest.sizeBytes, index)) return false;
  const leaf = leafOf(manifest, index);
  const hash = blake3.hash(bytes);
  for (let at = 0; at < leafBytes; at++) if (leaf[at] !== hash[at]) return false;
  return true;
}
