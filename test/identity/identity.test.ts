import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { peerId } from '../../src/core/ids.ts';
import { peerIdOfCertificate } from '../../src/identity/certificate.ts';
import { type Identity, loadIdentity } from '../../src/identity/identity.ts';
import { foreignCertificate } from './foreign-certificate.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function identityIn(home: string): Promise<Identity> {
  const loaded = await loadIdentity(home);
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded.value;
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('identity', () => {
  test('is made at the first start, for its owner only, and stays', async () => {
    const home = join(temporaryFolder(), 'a', 'b');
    const first = await identityIn(home);
    expect(modeOf(home)).toBe(0o700);
    expect(modeOf(join(home, 'identity.pem'))).toBe(0o600);
    expect(await identityIn(home)).toEqual(first);
    expect(readdirSync(home).sort()).toEqual(['certificate.pem', 'identity.pem']);
  });

  test('the id is SHA-256 of the raw public key, which the certificate carries', async () => {
    const { id, certificatePem, privateKeyPem } = await identityIn(temporaryFolder());
    const { x = '' } = createPublicKey(privateKeyPem).export({ format: 'jwk' });
    const raw = Buffer.from(x, 'base64url');
    expect(raw).toHaveLength(32);
    expect(id).toBe(peerId(createHash('sha256').update(raw).digest()));
    expect(peerIdOfCertificate(new X509Certificate(certificatePem))).toEqual({ ok: true, value: id });
  });

  test('the certificate is valid long ago and for ever, and names nobody', async () => {
    const certificate = new X509Certificate((await identityIn(temporaryFolder())).certificatePem);
    expect(certificate.validFromDate.getUTCFullYear()).toBe(2020);
    expect(certificate.validToDate.getUTCFullYear()).toBe(9999);
    expect(certificate.subject).toBe('CN=shoal');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
  });

  test('several starts at once end with one key', async () => {
    const home = temporaryFolder();
    const all = await Promise.all(Array.from({ length: 12 }, () => identityIn(home)));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(readdirSync(home).sort()).toEqual(['certificate.pem', 'identity.pem']);
    expect(await identityIn(home)).toMatchObject({ id: all[0]?.id });
  });

  test('is plain data that can be posted to a thread', async () => {
    const identity = await identityIn(temporaryFolder());
    expect(structuredClone(identity)).toEqual(identity);
  });

  test('a key that others could read is closed to them', async () => {
    const home = temporaryFolder();
    const { id } = await identityIn(home);
    chmodSync(join(home, 'identity.pem'), 0o644);
    expect(await identityIn(home)).toMatchObject({ id });
    expect(modeOf(join(home, 'identity.pem'))).toBe(0o600);
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['junk', 'not a key'],
    [
      'a key of another type',
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
    ],
  ])('a key file that holds %s is a problem that says what to do, and is left alone', async (_, text) => {
    const home = temporaryFolder();
    const path = join(home, 'identity.pem');
    writeFileSync(path, text, { mode: 0o600 });
    const loaded = await loadIdentity(home);
    expect(loaded).toMatchObject({ ok: false, problem: { code: 'io' } });
    expect(!loaded.ok && loaded.problem.message).toContain('move it away to get a new identity');
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('a key file that cannot be read is a problem', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'identity.pem'));
    expect(await loadIdentity(home)).toMatchObject({ ok: false, problem: { code: 'io' } });
  });

  test('a home that cannot be made is a problem', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await loadIdentity(join(file, 'home'))).toMatchObject({ ok: false, problem: { code: 'io' } });
  });

  test('a certificate that is damaged, or of another key, is made anew', async () => {
    const home = temporaryFolder();
    const { id } = await identityIn(home);
    const path = join(home, 'certificate.pem');
    const other = (await identityIn(temporaryFolder())).certificatePem;
    for (const wrong of ['', 'junk', other]) {
      writeFileSync(path, wrong);
      const { certificatePem } = await identityIn(home);
      expect(peerIdOfCertificate(new X509Certificate(certificatePem))).toEqual({ ok: true, value: id });
      expect(readFileSync(path, 'utf8')).toBe(certificatePem);
    }
  });

  test('a certificate with any other kind of key has no peer id', async () => {
    for (const kind of ['rsa', 'ec'] as const) {
      const { certificatePem } = await foreignCertificate(kind);
      expect(peerIdOfCertificate(new X509Certificate(certificatePem))).toMatchObject({
        ok: false,
        problem: { code: 'unauthorised' },
      });
    }
  });
});
