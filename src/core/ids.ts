/**
 * The identifiers of the domain, as branded strings. 32-byte ids are written in lower-case base32 (RFC 4648
 * alphabet, no padding): 52 characters, one word to a double click, safe in file names and links.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** What a file is: BLAKE3 over its size, piece length and leaves. Same bytes, same id. */
export type ContentId = Branded<'ContentId'>;
/** Who a peer or tracker is: SHA-256 of its raw Ed25519 public key. */
export type PeerId = Branded<'PeerId'>;

export const idBytes = 32;
export const idLength = 52;

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const codes = Uint8Array.from(alphabet, (letter) => letter.charCodeAt(0));
/** By character code: 5 bits, or -1. */
const values = Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));

/** Writes 32 bytes as 52 base32 characters. Throws on any other length: that is our own mistake. */
export function encodeId(bytes: Uint8Array): string {
  if (bytes.length !== idBytes)
    throw new RangeError(`Expected an id of ${idBytes} bytes, got ${bytes.length}`);
  let text = '';
  // Eight characters at a time: pages of results are full of ids, and fifty joins each cost more than the rest.
  for (let at = 0; at < idBytes - 2; at += 5) text += eight(twenty(bytes, at, 0), twenty(bytes, at + 2, 4));
  const last = twenty(bytes, idBytes - 2, 0);
  return text + String.fromCharCode(code(last >>> 15), code(last >>> 10), code(last >>> 5), code(last));
}

/** 20 bits of two and a half bytes, from the beginning of a byte or its middle; beyond the end they are 0. */
function twenty(bytes: Uint8Array, at: number, skippedBits: number): number {
  const held = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (held >>> (4 - skippedBits)) & 0xfffff;
}

function eight(high: number, low: number): string {
  return String.fromCharCode(
    code(high >>> 15),
    code(high >>> 10),
    code(high >>> 5),
    code(high),
    code(low >>> 15),
    code(low >>> 10),
    code(low >>> 5),
    code(low),
  );
}

/** The character code of the lowest five bits. */
function code(bits: number): number {
  return codes[bits & 31] ?? 0;
}

/** Reads what `encodeId` wrote; undefined for anything else, non-canonical spellings included. */
export function decodeId(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(idBytes);
  return decodeIdInto(text, bytes) ? bytes : undefined;
}

/** The same into the first bytes of an array. False for anything else, and then these bytes mean nothing. */
export function decodeIdInto(text: string, bytes: Uint8Array): boolean {
  if (text.length !== idLength) return false;
  let held = 0;
  let bits = 0;
  let length = 0;
  for (let at = 0; at < idLength; at++) {
    const value = values[text.charCodeAt(at)] ?? -1;
    if (value < 0) return false;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = held >>> bits;
      held &= (1 << bits) - 1;
    }
  }
  return held === 0;
}

export const isId = (text: string): boolean => decodeId(text) !== undefined;

export function contentId(bytes: Uint8Array): ContentId {
  return encodeId(bytes) as ContentId;
}

export function peerId(bytes: Uint8Array): PeerId {
  return encodeId(bytes) as PeerId;
}
