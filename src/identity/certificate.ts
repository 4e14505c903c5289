/**
 * Certificates, which carry a key into TLS and mean nothing more: the peer id is of the key alone. A profile's
 * own is kept in `<home>/certificate.pem` only because making one loads much code.
 */
import { createHash, type KeyObject, randomUUID, webcrypto, X509Certificate } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PeerId, peerId } from '../core/ids.ts';
import { fail, ok, type Result } from '../core/result.ts';

/** The id of whoever holds the certificate's key: SHA-256 of the raw Ed25519 public key. Else `unauthorised`. */
export function peerIdOfCertificate(certificate: X509Certificate): Result<PeerId> {
  let key: KeyObject;
  try {
    key = certificate.publicKey;
  } catch {
    return fail('unauthorised', 'The certificate shown has a key that cannot be read');
  }
  if (key.asymmetricKeyType !== 'ed25519')
    return fail(
      'unauthorised',
      `The certificate shown has a key of type ${key.asymmetricKeyType}, not ed25519`,
    );
  return ok(peerIdOfKey(key));
}

/** The id of an Ed25519 public key. */
export function peerIdOfKey(key: KeyObject): PeerId {
  // As a JWK (RFC 8037, section 2), because a DER form takes fifteen times as long, and every handshake comes here.
  const raw = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  return peerId(createHash('sha256').update(raw).digest());
}

/** The profile's certificate for this key, as PEM; made, and kept, when there is none that fits. */
export async function loadCertificate(home: string, privateKey: KeyObject): Promise<string> {
  const path = join(home, 'certificate.pem');
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined && isFor(kept, privateKey)) return kept;
  const made = await makeCertificate(privateKey);
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeFile(temporary, made, { flag: 'wx', mode: 0o600 });
    await rename(temporary, path);
  } catch {
    // A certificate that cannot be kept is made again next time.
    await rm(temporary, { force: true });
  }
  return made;
}

/** A self-signed certificate without a name and without an end (RFC 5280, section 4.1.2.5), as PEM. */
export async function makeCertificate(privateKey: KeyObject): Promise<string> {
  // Loaded here because they take a tenth of a second, and only a profile's first start needs them.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' });
  const jwk = privateKey.export({ format: 'jwk' });
  const { subtle } = webcrypto;
  const keys = {
    privateKey: await subtle.importKey('pkcs8', new Uint8Array(pkcs8), 'Ed25519', true, ['sign']),
    publicKey: await subtle.importKey(
      'jwk',
      { kty: 'OKP', crv: 'Ed25519', x: jwk.x ?? '' },
      'Ed25519',
      true,
      ['verify'],
    ),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=shoal',
      // A fixed past: a peer's wrong clock must not matter.
      notBefore: new Date('2020-01-01T00:00:00Z'),
      notAfter: new Date('9999-12-31T23:59:59Z'),
      signingAlgorithm: { name: 'Ed25519' },
      keys,
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

function isFor(pem: string, privateKey: KeyObject): boolean {
  try {
    return new X509Certificate(pem).checkPrivateKey(privateKey);
  } catch {
    return false;
  }
}
