/**
 * TLS as we use it: version 1.3 only, a certificate from both sides, and no authority but the ids themselves.
 * Invariant: nobody has authenticated the other side until `remotePeerId` or `verifyExpected` said so.
 */
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { PeerId } from '../core/ids.ts';
import { maxTlsContexts, tlsSessionSeconds, trackerTlsSessionSeconds } from '../core/limits/connections.ts';
import { fail, type Result } from '../core/result.ts';
import { peerIdOfCertificate } from './certificate.ts';
import type { Identity } from './identity.ts';

/** What is spoken on the connection: a TLS server of one refuses clients that ask for the other. */
export type Service = 'peer' | 'tracker';

const applicationProtocol: Readonly<Record<Service, string>> = {
  peer: 'shoal/1',
  tracker: 'shoal-tracker/1',
};

const sessionSeconds: Readonly<Record<Service, number>> = {
  peer: tlsSessionSeconds,
  tracker: trackerTlsSessionSeconds,
};

/** OpenSSL takes no longer one; of an id they are 160 bits. */
const maxContextLength = 32;

/** AES with 128 bits first: a tenth faster than with 256 where it was measured, and as far out of reach. */
const ciphers = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384';

export interface TlsOptions {
  readonly secureContext: SecureContext;
  readonly minVersion: 'TLSv1.3';
  readonly ALPNProtocols: string[];
  readonly requestCert: true;
  readonly rejectUnauthorized: false;
}

/**
 * Options for `tls.connect`, `tls.createServer` and `new TLSSocket` alike. They accept any certificate, so call
 * `verifyExpected` or `remotePeerId` on `secureConnect` (a client) or `secure` (a TLSSocket that is a server) before
 * anything else. `ticketKeys` (48 secret bytes, the same on all threads) lets those who come again resume their
 * session; without them only at the thread they were at.
 */
export function tlsOptions(identity: Identity, service: Service, ticketKeys?: Uint8Array): TlsOptions {
  return {
    secureContext: contextOf(identity, service, ticketKeys),
    minVersion: 'TLSv1.3',
    ALPNProtocols: [applicationProtocol[service]],
    requestCert: true,
    rejectUnauthorized: false,
  };
}

/** Contexts of this thread: parsing the key costs more than the rest of a resumed handshake. */
const contexts = new Map<string, SecureContext>();

function contextOf(
  { id, privateKeyPem, certificatePem }: Identity,
  service: Service,
  ticketKeys?: Uint8Array,
): SecureContext {
  const secret = ticketKeys && Buffer.from(ticketKeys);
  const key = [service, privateKeyPem, certificatePem, secret?.toString('base64')].join('\n');
  const known = contexts.get(key);
  if (known) return known;
  const context = createSecureContext({
    key: privateKeyPem,
    cert: certificatePem,
    minVersion: 'TLSv1.3',
    ciphers,
    // Sessions resumed here were begun here, by the same key: who was let in is known by its certificate, which the
    // ticket holds, and who lets in shows none again, so that another key with the same secrets must not go on.
    sessionIdContext: id.slice(0, maxContextLength),
    sessionTimeout: sessionSeconds[service],
    ...(secret && { ticketKeys: secret }),
  });
  contexts.set(key, context);
  for (const oldest of contexts.keys()) {
    if (contexts.size <= maxTlsContexts) break;
    contexts.delete(oldest);
  }
  return context;
}

/** Who is at the other end, proved by the handshake. Problem: `unauthorised`. */
export function remotePeerId(socket: TLSSocket): Result<PeerId> {
  const certificate = socket.getPeerX509Certificate();
  return certificate
    ? peerIdOfCertificate(certificate)
    : fail('unauthorised', 'The other side showed no certificate');
}

/** The same, and that it is the one we wanted. Problem: `unauthorised`. */
export function verifyExpected(socket: TLSSocket, expected: PeerId): Result<PeerId> {
  const remote = remotePeerId(socket);
  if (!remote.ok || remote.value === expected) return remote;
  return fail('unauthorised', `The other side is ${remote.value}, not ${expected}`);
}
