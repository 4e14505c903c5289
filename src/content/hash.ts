/**
 * BLAKE3 behind one small interface: the native binding, or where its binary does not exist the same function
 * in WebAssembly (pieces) and JavaScript (everything else), slower by a factor of about eight.
 * Invariant: both give the same bytes for the same input; a test holds them to it.
 */
import type * as NativeModule from '@napi-rs/blake-hash';
import { minPieceLength } from '../core/swarm/piece-length.ts';

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
  /** The same into `target` from `at` on, for small inputs in great numbers: nothing is made that outlives the call. */
  hashInto(bytes: Uint8Array, target: Buffer, at: number): void;
  createHasher(): Hasher;
  /** In derive-key mode: it never equals a hash of plain BLAKE3, or of another context. */
  derive(context: string, bytes: Uint8Array): Uint8Array;
  /** As `hashInto` in derive-key mode of one context, which is prepared once. */
  deriverInto(context: string): Blake3['hashInto'];
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
  // A hash as bytes is memory of its own, which costs more than the hash of a small input; text does not.
  const into =
    (hasher: NativeModule.Blake3Hasher): Blake3['hashInto'] =>
    (bytes, target, at) => {
      hasher.reset();
      hasher.update(bytes);
      target.write(hasher.digest('hex'), at, 'hex');
    };
  return {
    kind: 'native',
    hash,
    hashInto: into(new Blake3Hasher()),
    createHasher: () => wrap(new Blake3Hasher()),
    derive: (context, bytes) => Blake3Hasher.deriveKey(context, bytes),
    deriverInto: (context) => into(Blake3Hasher.newDeriveKey(context)),
  };
}

export async function loadFallbackBlake3(): Promise<Blake3> {
  const { createBLAKE3 } = await import('hash-wasm');
  const { blake3: script } = await import('@noble/hashes/blake3.js');
  const wasm = await createBLAKE3();
  const hash = (bytes: Uint8Array): Uint8Array => wasm.init().update(bytes).digest('binary');
  const derive = (context: string, bytes: Uint8Array): Uint8Array =>
    script(bytes, { context: new TextEncoder().encode(context) });
  return {
    kind: 'fallback',
    hash,
    hashInto: (bytes, target, at) => target.set(hash(bytes), at),
    // hash-wasm makes further instances only asynchronously, and what is hashed in parts here is small or rare.
    createHasher: () => script.create(),
    derive,
    deriverInto: (context) => (bytes, target, at) => target.set(derive(context, bytes), at),
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
