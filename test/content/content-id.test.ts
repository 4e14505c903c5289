import { describe, expect, test } from '@jest/globals';
import { contentIdOf, isContent, verifyManifest, verifyPiece } from '../../src/content/content-id.ts';
import { blake3, loadFallbackBlake3, loadNativeBlake3, type Blake3 } from '../../src/content/hash.ts';
import { ManifestHasher } from '../../src/content/manifest-hasher.ts';
import type { ContentId } from '../../src/core/ids.ts';
import type { Manifest } from '../../src/core/swarm/manifest.ts';
import { minPieceLength } from '../../src/core/swarm/piece-length.ts';
import * as fc from '../helpers/properties.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The input of the published test vectors: bytes counting from 0 to 250 again and again. */
const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index % 251);

function manifestOf(bytes: Uint8Array, partBytes = bytes.length): Manifest {
  const hasher = new ManifestHasher(bytes.length);
  for (let at = 0; at < bytes.length; at += partBytes) hasher.update(bytes.subarray(at, at + partBytes));
  return hasher.finish();
}

describe('BLAKE3', () => {
  const context = 'BLAKE3 2019-12-27 16:29:52 test vectors context';

  // From test_vectors.json of the BLAKE3 team.
  test.each([
    [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262', '2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d'],
    [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213', 'b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c'],
  ])('hashes %d counting bytes as published', (length, plain, derived) => {
    expect(hex(blake3.hash(counting(length)))).toBe(plain);
    expect(hex(blake3.derive(context, counting(length)))).toBe(derived);
  }); // prettier-ignore

  test('is the same from the native binding and from its fallback', async () => {
    const native = await loadNativeBlake3();
    const fallback = await loadFallbackBlake3();
    if (!native) return;
    expect([native.kind, fallback.kind]).toEqual(['native', 'fallback']);
    const all = (engine: Blake3, bytes: Uint8Array, split: number): string[] => {
      const hasher = engine.createHasher();
      hasher.update(bytes.subarray(0, split));
      hasher.update(bytes.subarray(split));
      const into = Buffer.alloc(66);
      engine.hashInto(bytes, into, 1);
      const deriveInto = engine.deriverInto('some context');
      deriveInto(counting(3), into, 33);
      deriveInto(bytes, into, 33);
      expect(hex(into)).toBe(`00${hex(engine.hash(bytes))}${hex(engine.derive('some context', bytes))}00`);
      return [engine.hash(bytes), hasher.digest(), engine.derive('some context', bytes)].map(hex);
    };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.nat(), (length, at) => {
        const split = length === 0 ? 0 : at % length;
        expect(all(native, counting(length), split)).toEqual(all(fallback, counting(length), split));
      }),
    );
    const piece = counting(minPieceLength);
    expect(hex(native.hash(piece))).toBe(hex(fallback.hash(piece)));
  });
});

describe('a content id', () => {
  // Computed from docs/content.md by a few lines of another script over @noble/hashes; they hold the format fixed.
  test.each([
    [0, 'o4l5wwdzveixx725k5ua5rokeq2qwdt2qrsqe3xwxpu442tu6hiq'],
    [1, 'ybdzmedonvwdlfakiooe4sv3ep4pd776ygobn7eul7jgwvshrita'],
    [minPieceLength, '4b3jif7ixtgcurzeov3gi4quhoj6e3nevubixy5uyjzfm7agkfna'],
    [minPieceLength + 1, 'syewqtmdxdfju3gjybhvl4hr4vaednbjm5mrg7vlgom3mjkxdtiq'],
  ])('of %d counting bytes stays what it is', (length, id) => {
    expect(contentIdOf(manifestOf(counting(length)))).toBe(id);
  });

  test.each([0, 1, 4096, minPieceLength, minPieceLength + 1])(
    'of %d bytes is that of no others',
    (length) => {
      const bytes = counting(length);
      const id = contentIdOf(manifestOf(bytes));
      expect(isContent(id, bytes)).toBe(true);
      expect(isContent(contentIdOf(manifestOf(counting(length + 1))), bytes)).toBe(false);
      expect(isContent(id, counting(length + 1))).toBe(false);
      for (const at of new Set([0, length >> 1, length - 1])) {
        const other = Uint8Array.from(bytes, (byte, index) => (index === at ? byte ^ 1 : byte));
        if (length > 0) expect(isContent(id, other)).toBe(false);
      }
      expect(isContent('no id' as ContentId, bytes)).toBe(false);
    },
  );

  test('does not depend on how the bytes came', () => {
    const bytes = counting(3 * minPieceLength + 17);
    const whole = manifestOf(bytes);
    expect(whole.leaves).toHaveLength(4 * 32);
    for (const part of [1021, 65_536, minPieceLength, minPieceLength + 1, 2 * minPieceLength])
      expect(manifestOf(bytes, part)).toEqual(whole);
  });

  test('has no leaves for an empty file', () => {
    expect(manifestOf(new Uint8Array())).toEqual({
      sizeBytes: 0,
      pieceLength: minPieceLength,
      leaves: new Uint8Array(),
    });
  });

  test('is not computed from more or fewer bytes than announced', () => {
    const hasher = new ManifestHasher(10);
    expect(() => hasher.update(counting(11))).toThrow(RangeError);
    hasher.update(counting(9));
    expect(() => hasher.finish()).toThrow(RangeError);
  });
});

describe('a manifest', () => {
  const bytes = counting(2 * minPieceLength + 5);
  const manifest = manifestOf(bytes);
  const id = contentIdOf(manifest);

  test('is accepted for its own id', () => {
    expect(verifyManifest(id, manifest)).toEqual({ ok: true, value: manifest });
  });

  test.each<[string, Partial<Manifest>]>([
    ['another size with as many pieces', { sizeBytes: bytes.length + 1 }],
    ['a size that is no whole number', { sizeBytes: bytes.length + 0.5 }],
    ['a negative size', { sizeBytes: -1 }],
    ['a huge size', { sizeBytes: Number.MAX_SAFE_INTEGER }],
    ['another piece length', { pieceLength: minPieceLength * 2 }],
    ['a leaf too few', { leaves: manifest.leaves.subarray(32) }],
    ['a leaf too many', { leaves: new Uint8Array(4 * 32) }],
    ['another leaf', { leaves: manifest.leaves.map((byte, index) => (index === 95 ? byte ^ 1 : byte)) }],
  ])('is refused with %s', (_, change) => {
    expect(verifyManifest(id, { ...manifest, ...change })).toMatchObject({
      ok: false,
      problem: { code: 'protocol' },
    });
  });

  test('proves each of its pieces and no other bytes', () => {
    const first = bytes.subarray(0, minPieceLength);
    const last = bytes.subarray(2 * minPieceLength);
    expect(verifyPiece(manifest, 0, first)).toBe(true);
    expect(verifyPiece(manifest, 2, last)).toBe(true);
    expect(verifyPiece(manifest, 1, first)).toBe(false);
    expect(verifyPiece(manifest, 2, last.subarray(1))).toBe(false);
    expect(
      verifyPiece(
        manifest,
        0,
        first.map((byte, at) => (at === 7 ? byte + 1 : byte)),
      ),
    ).toBe(false);
  });
});
