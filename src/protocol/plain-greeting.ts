/**
 * What two peers that do without encryption say first, in place of the TLS handshake: the dialler at once, the
 * listener when it has read it. It has the form of a TLS record that no TLS conversation may begin with: a listener
 * that encrypts answers it with an alert, and each side sees at the first byte whether the other agrees.
 * Invariant: it proves nothing. Whoever answers may claim any id.
 */
import { decodeId, idBytes, peerId, type PeerId } from '../core/ids.ts';

/** The header of a record of application data with 40 bytes, then "shoal/1" and the end of a line. */
const magic = Uint8Array.of(0x17, 3, 3, 0, 40, 0x73, 0x68, 0x6f, 0x61, 0x6c, 0x2f, 0x31, 0x0a);

export const plainGreetingBytes = magic.length + idBytes;

/** First bytes of TLS records: the first words of who encrypts, and a refusal. */
export const tlsHandshakeByte = 0x16;
export const tlsAlertByte = 0x15;

/** A fatal TLS alert, `insufficient_security` (RFC 8446): what an encrypting dialler is refused with. */
export const tlsRefusal: Uint8Array = Uint8Array.of(tlsAlertByte, 3, 3, 0, 2, 2, 71);

export function encodePlainGreeting(me: PeerId): Uint8Array {
  const greeting = new Uint8Array(plainGreetingBytes);
  greeting.set(magic);
  greeting.set(decodeId(me) ?? new Uint8Array(idBytes), magic.length);
  return greeting;
}

/** Who the other side says it is; undefined for anything else than exactly a greeting. */
export function decodePlainGreeting(bytes: Uint8Array): PeerId | undefined {
  if (bytes.length !== plainGreetingBytes || magic.some((byte, at) => bytes[at] !== byte)) return undefined;
  return peerId(bytes.subarray(magic.length));
}
