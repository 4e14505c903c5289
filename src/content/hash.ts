/**
 * BLAKE3 behind one small interface: the native binding, or where its binary does not exist the same function
 * in WebAssembly (pieces) and JavaScript (everything else), slower by a factor of about eight.
 * Invariant: both give the same bytes for the same input; a test holds them to it.
 */
import type * as NativeModule from '@napi-rs/blake-hash';
import { minPieceLength } from '../core/piece-length.ts';

/** A hash being computed over bytes that come in parts. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The 32-byte hash. The hasher is spent. */
  digest(): Uint8Array;
}

export interface Blake3 {
  readonly kind: 'native' | 'fallback';
  /** The 32-byte hash of these bytes. */
  hash(bytes: Uint8Array): Uint8Array;
  createHasher(): Hasher;
  /** In derive-key mode: it never equals a hash of plain BLAKE3, or of another context. */
  derive(context: string, bytes: Uint8Array): Uint8Array;
}

/** The native binding, or undefined where there is no binary for this machine. */
export async function loadNativeBlake3(): Promise<Blake3 | undefined> {
  let native: typeof NativeModule;
  try {
    native = await import('@napi-rs/blake-hash');
  } catch {
    return undefined;
  }
  const { blake3: hash, Blake3Hasher } = native;
  const wrap = (hasher: NativeModule.Blake3Hasher): Hasher => ({
    update: (bytes) => void hasher.update(bytes),
    digest: () => hasher.digestBuffer(),
  });
  return {
    kind: 'native',
    hash,
    createHasher: () => wrap(new Blake3Hasher()),
    derive: (context, bytes) => Blake3Hasher.deriveKey(context, bytes),
  };
}

export async function loadFallbackBlake3(): Promise<Blake3> {
  const { createBLAKE3 } = await import('hash-wasm');
  const { blake3: script } = await import('@noble/hashes/blake3.js');
  const wasm = await createBLAKE3();
  return {
    kind: 'fallback',
    hash: (bytes) => wasm.init().update(bytes).digest('binary'),
    // hash-wasm makes further instances only asynchronously, and what is hashed in parts here is small or rare.
    createHasher: () => script.create(),
    derive: (context, bytes) => script(bytes, { context: new TextEncoder().encode(context) }),
  };
}

/** The best BLAKE3 of this machine. */
export const blake3: Blake3 = (await loadNativeBlake3()) ?? (await loadFallbackBlake3());

/** How fast this machine hashes pieces on one thread. */
export interface HashSpeed {
  readonly implementation: string;
  readonly native: boolean;
  readonly bytesPerSecond: number;
}

/** Hashes a few dozen pieces from memory; takes some tens of milliseconds. */
export function measureHashing(): HashSpeed {
  const piece = new Uint8Array(minPieceLength);
  const rounds = 64;
  blake3.hash(piece);
  const startedMs = performance.now();
  for (let round = 0; round < rounds; round++) blake3.hash(piece);
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    implementation: blake3.kind === 'native' ? '@napi-rs/blake-hash' : 'hash-wasm',
    native: blake3.kind === 'native',
    bytesPerSecond: (rounds * piece.length) / seconds,
  };
}
