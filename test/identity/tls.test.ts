import { once } from 'node:events';
import { type AddressInfo, createServer, type OnReadOpts, type Socket } from 'node:net';
import { connect, type ConnectionOptions, TLSSocket, type TLSSocketOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Identity, loadIdentity } from '../../src/identity/identity.ts';
import { remotePeerId, type Service, tlsOptions, verifyExpected } from '../../src/identity/tls.ts';
import { foreignCertificate } from './foreign-certificate.ts';
import { temporaryFolder } from './temporary-folder.ts';

const cleanUps: (() => void)[] = [];

afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function newIdentity(): Promise<Identity> {
  const loaded = await loadIdentity(temporaryFolder());
  if (!loaded.ok) throw new Error(loaded.problem.message);
  return loaded.value;
}

/** Accepts one connection, paused as the listener does, and makes it a TLS server. */
async function serve(options: TLSSocketOptions): Promise<{ port: number; accepted: Promise<TLSSocket> }> {
  const server = createServer({ pauseOnConnect: true });
  cleanUps.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection').then(([socket]) => {
    const secured = new TLSSocket(socket as Socket, { isServer: true, ...options });
    cleanUps.push(() => secured.destroy());
    return secured;
  });
  return { port: (server.address() as AddressInfo).port, accepted };
}

/** `tls.connect` takes `onread` too; its types do not say so. */
interface DialOptions extends ConnectionOptions {
  onread?: OnReadOpts;
}

function dial(port: number, options: DialOptions): TLSSocket {
  const socket = connect({ host: '127.0.0.1', port, ...options });
  cleanUps.push(() => socket.destroy());
  return socket;
}

/** Both ends once they are secure. */
async function handshake(
  serverOptions: TLSSocketOptions,
  clientOptions: ConnectionOptions,
): Promise<{ server: TLSSocket; client: TLSSocket }> {
  const { port, accepted } = await serve(serverOptions);
  const client = dial(port, clientOptions);
  const connected = once(client, 'secureConnect');
  const server = await accepted;
  await Promise.all([connected, once(server, 'secure')]);
  return { server, client };
}

/** The code of the error with which the handshake fails, at either end. */
async function failure(serverOptions: TLSSocketOptions, clientOptions: ConnectionOptions): Promise<unknown> {
  const { port, accepted } = await serve(serverOptions);
  const client = dial(port, clientOptions);
  const clientFailed = once(client, 'error');
  const server = await accepted;
  const serverFailed = once(server, 'error');
  const [error] = (await Promise.race([clientFailed, serverFailed])) as [NodeJS.ErrnoException];
  clientFailed.catch(() => undefined);
  serverFailed.catch(() => undefined);
  server.on('error', () => undefined);
  client.on('error', () => undefined);
  return error.code;
}

describe('TLS by identity', () => {
  let anna: Identity;
  let bert: Identity;

  beforeAll(async () => {
    anna = await newIdentity();
    bert = await newIdentity();
  });

  test.each<Service>(['peer', 'tracker'])('both ends know who the other is (%s)', async (service) => {
    const { server, client } = await handshake(tlsOptions(anna, service), tlsOptions(bert, service));
    expect(verifyExpected(client, anna.id)).toEqual({ ok: true, value: anna.id });
    expect(remotePeerId(server)).toEqual({ ok: true, value: bert.id });
    expect(server.getProtocol()).toBe('TLSv1.3');
    expect(client.alpnProtocol).toBe(service === 'peer' ? 'shoal/1' : 'shoal-tracker/1');
  });

  test('a dialler that expects someone else refuses, and so does an accepter', async () => {
    const { server, client } = await handshake(tlsOptions(anna, 'peer'), tlsOptions(bert, 'peer'));
    expect(verifyExpected(client, bert.id)).toMatchObject({ ok: false, problem: { code: 'unauthorised' } });
    expect(verifyExpected(server, anna.id)).toMatchObject({ ok: false, problem: { code: 'unauthorised' } });
  });

  test('options may be reused for many connections', async () => {
    const server = tlsOptions(anna, 'peer');
    const client = tlsOptions(bert, 'peer');
    for (let turn = 0; turn < 3; turn++) {
      const ends = await handshake(server, client);
      expect(remotePeerId(ends.server)).toEqual({ ok: true, value: bert.id });
      expect(ends.client.isSessionReused()).toBe(false);
    }
  });

  test('data goes both ways, read into one buffer again and again', async () => {
    const { port, accepted } = await serve(tlsOptions(anna, 'peer'));
    let received = '';
    const client = dial(port, {
      ...tlsOptions(bert, 'peer'),
      onread: {
        buffer: new Uint8Array(4096),
        callback: (length, buffer) => {
          received += Buffer.from(buffer.subarray(0, length)).toString('latin1');
          return true;
        },
      },
    });
    const server = await accepted;
    client.write('please');
    await once(server, 'data');
    server.end('x'.repeat(20_000));
    await once(client, 'close');
    expect(received).toBe('x'.repeat(20_000));
  });

  test('a client without a certificate is nobody', async () => {
    const { server } = await handshake(tlsOptions(anna, 'peer'), {
      rejectUnauthorized: false,
      ALPNProtocols: ['shoal/1'],
    });
    expect(remotePeerId(server)).toMatchObject({ ok: false, problem: { code: 'unauthorised' } });
    expect(verifyExpected(server, bert.id)).toMatchObject({ ok: false, problem: { code: 'unauthorised' } });
  });

  test('a certificate with another kind of key is nobody, at either end', async () => {
    const { certificatePem, privateKeyPem } = await foreignCertificate('ec');
    const foreign = {
      key: privateKeyPem,
      cert: certificatePem,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['shoal/1'],
    };
    const accepting = await handshake(tlsOptions(anna, 'peer'), foreign);
    expect(remotePeerId(accepting.server)).toMatchObject({ ok: false, problem: { code: 'unauthorised' } });
    const dialling = await handshake(foreign, tlsOptions(anna, 'peer'));
    expect(remotePeerId(dialling.client)).toMatchObject({ ok: false, problem: { code: 'unauthorised' } });
  });

  test("another's certificate is of no use without its key", async () => {
    const stolen = { ...bert, certificatePem: anna.certificatePem };
    expect(() => tlsOptions(stolen, 'peer')).toThrow();
  });

  test('nothing older than TLS 1.3 is spoken', async () => {
    const old = { rejectUnauthorized: false, maxVersion: 'TLSv1.2', ALPNProtocols: ['shoal/1'] } as const;
    expect(await failure(tlsOptions(anna, 'peer'), old)).toMatch(
      /ERR_SSL_(UNSUPPORTED|TLSV1_ALERT)_PROTOCOL/,
    );
  });

  test('who wants a peer does not get a tracker', async () => {
    const code = await failure(tlsOptions(anna, 'tracker'), tlsOptions(bert, 'peer'));
    expect(code).toMatch(/NO_APPLICATION_PROTOCOL/);
  });

  test('before the handshake there is nobody', async () => {
    const { port } = await serve(tlsOptions(anna, 'peer'));
    const client = dial(port, tlsOptions(bert, 'peer'));
    expect(remotePeerId(client)).toMatchObject({ ok: false, problem: { code: 'unauthorised' } });
    await once(client, 'secureConnect');
  });

  test('an identity works on another thread', async () => {
    const { port, accepted } = await serve(tlsOptions(anna, 'peer'));
    const worker = new Worker(new URL('./dialling-thread.ts', import.meta.url), {
      workerData: { port, identity: bert, expected: anna.id },
    });
    const answer = once(worker, 'message');
    const server = await accepted;
    await once(server, 'secure');
    expect(remotePeerId(server)).toEqual({ ok: true, value: bert.id });
    expect(await answer).toEqual([{ ok: true, value: anna.id }]);
    await worker.terminate();
  });
});
