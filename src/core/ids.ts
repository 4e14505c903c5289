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
/** By character code: 5 bits, or -1. */
const values = Int8Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));

/** Writes 32 bytes as 52 base32 characters. Throws on any other length: that is our own mistake. */
export function encodeId(bytes: Uint8Array): string {
  if (bytes.length !== idBytes)
    throw new RangeError(`Expected an id of ${idBytes} bytes, got ${bytes.length}`);
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >>> bits) & 31];
      held &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + alphabet[(held << (5 - bits)) & 31] : text;
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
