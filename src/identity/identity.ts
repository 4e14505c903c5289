/** Who a profile is: an Ed25519 key that is made at its first start and stays. */
import { createPublicKey } from 'node:crypto';
import type { PeerId } from '../core/ids.ts';
import { ok, type Result } from '../core/result.ts';
import { loadCertificate, peerIdOfKey } from './certificate.ts';
import { loadPrivateKey } from './key-file.ts';

/** Plain data: may be posted to worker threads. `privateKeyPem` is a secret and belongs in no log. */
export interface Identity {
  readonly id: PeerId;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** The identity of the profile in `home`, made (folder 0700, key 0600) when there is none. Problems: `io`. */
export async function loadIdentity(home: string): Promise<Result<Identity>> {
  const loaded = await loadPrivateKey(home);
  if (!loaded.ok) return loaded;
  const key = loaded.value;
  return ok({
    id: peerIdOfKey(createPublicKey(key)),
    certificatePem: await loadCertificate(home, key),
    privateKeyPem: key.export({ format: 'pem', type: 'pkcs8' }),
  });
}
