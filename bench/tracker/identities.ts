/**
 * As many identities as a crowd needs, in seconds rather than minutes: keys are made one by one, certificates out of
 * one pattern with the key put in. Invariant: each key is its own, and a certificate carries its key; nobody here
 * looks at what a certificate says beside that, its signature included.
 */
import { generateKeyPairSync } from 'node:crypto';
import { makeCertificate, peerIdOfKey } from '../../src/identity/certificate.ts';
import type { Identity } from '../../src/identity/identity.ts';

const rawKeyBytes = 32;

export async function makeIdentities(count: number): Promise<readonly Identity[]> {
  const first = generateKeyPairSync('ed25519');
  const pattern = bytesOf(await makeCertificate(first.privateKey));
  const rawOf = (key: typeof first.publicKey): Buffer =>
    key.export({ format: 'der', type: 'spki' }).subarray(-rawKeyBytes);
  const at = pattern.indexOf(rawOf(first.publicKey));
  return Array.from({ length: count }, () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const certificate = Buffer.from(pattern);
    rawOf(publicKey).copy(certificate, at);
    return {
      id: peerIdOfKey(publicKey),
      certificatePem: pemOf(certificate),
      privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
    };
  });
}

const header = '-----BEGIN CERTIFICATE-----';
const footer = '-----END CERTIFICATE-----';

const bytesOf = (pem: string): Buffer =>
  Buffer.from(pem.replace(header, '').replace(footer, '').replaceAll(/\s/g, ''), 'base64');

const pemOf = (der: Buffer): string => `${header}\n${der.toString('base64')}\n${footer}\n`;
