/**
 * The manifest of an unfinished download, kept beside it so that the next run can begin before a source is found.
 * Replaced whole and with a checksum: a crash leaves the old one or the new one.
 */
import { verifyManifest } from '../content/content-id.ts';
import { blake3 } from '../content/hash.ts';
import type { ContentId } from '../core/ids.ts';
import type { Manifest } from '../core/swarm/manifest.ts';
import { realDisk, type Disk } from './disk.ts';

const checksumBytes = 32;
/** "Shoal manifest", with the version of its form. */
const magic = 0x53_4d_00_01;
const sizeAt = 4;
const pieceLengthAt = 12;
const leavesAt = 20;

/** Undefined when there is none, or it is damaged, or not that of the id. */
export async function readManifest(
  path: string,
  id: ContentId,
  disk: Disk = realDisk,
): Promise<Manifest | undefined> {
  let bytes: Buffer;
  try {
    bytes = await disk.readFile(path);
  } catch {
    return undefined;
  }
  if (bytes.length < leavesAt + checksumBytes || bytes.readUInt32BE() !== magic) return undefined;
  const body = bytes.subarray(0, -checksumBytes);
  if (!bytes.subarray(-checksumBytes).equals(blake3.hash(body))) return undefined;
  const proved = verifyManifest(id, {
    sizeBytes: Number(body.readBigUInt64BE(sizeAt)),
    pieceLength: Number(body.readBigUInt64BE(pieceLengthAt)),
    leaves: body.subarray(leavesAt),
  });
  return proved.ok ? proved.value : undefined;
}

/** Throws what the disk says; what was there is then still there. */
export async function writeManifest(path: string, manifest: Manifest, disk: Disk): Promise<void> {
  const bytes = Buffer.alloc(leavesAt + manifest.leaves.length + checksumBytes);
  bytes.writeUInt32BE(magic);
  bytes.writeBigUInt64BE(BigInt(manifest.sizeBytes), sizeAt);
  bytes.writeBigUInt64BE(BigInt(manifest.pieceLength), pieceLengthAt);
  bytes.set(manifest.leaves, leavesAt);
  bytes.set(blake3.hash(bytes.subarray(0, -checksumBytes)), bytes.length - checksumBytes);
  const next = `${path}.new`;
  const file = await disk.open(next, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await disk.rename(next, path);
}
