import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import type { PeerId } from '../../../src/core/ids.ts';
import {
  decodePlainGreeting,
  encodePlainGreeting,
  plainGreetingBytes,
} from '../../../src/protocol/plain-greeting.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, makeIdentity, TestFetch, TestServer } from '../../helpers/transfer.ts';

const me = await makeIdentity();
const MiB = 1024 * 1024;

async function plainServer(...args: Parameters<typeof TestServer.start>): Promise<TestServer> {
  const server = await TestServer.start(...args);
  server.insecure = true;
  return server;
}

describe('a plain greeting', () => {
  test('says who greets, and is told from everything else', () => {
    const greeting = encodePlainGreeting(me.id);
    expect(decodePlainGreeting(greeting)).toBe(me.id);
    expect(decodePlainGreeting(greeting.subarray(1))).toBeUndefined();
    expect(decodePlainGreeting(new Uint8Array(plainGreetingBytes))).toBeUndefined();
  });
});

describe('without encryption', () => {
  test('a file of odd size moves whole, is verified, and each side knows who the other says it is', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 9 * MiB + 12_345);
    await using server = await plainServer([content]);
    await using fetch = new TestFetch(server, me, server.identity.id, true);
    expect((await fetch.connected).peer).toBe(server.identity.id);
    expect(await fetch.remote.manifest(content.id)).toEqual({ ok: true, value: content.manifest });
    const target = path.join(dir, 'partial');
    writeFileSync(target, '');
    truncateSync(target, content.bytes.length);
    await fetch.open(1, content, target);
    await fetch.remote.want(1, [{ first: 0, count: 37 }]);
    await until('all pieces are verified', () => fetch.pieces(1, 'verified') === 37);
    expect(readFileSync(target).equals(content.bytes)).toBe(true);
    expect(server.visitors.map(({ peer }) => peer)).toEqual([me.id]);
  });

  test('wrong bytes are found all the same', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    const wrong = { ...content, manifest: { ...content.manifest, leaves: new Uint8Array(128) } };
    await using server = await plainServer([content]);
    await using fetch = new TestFetch(server, me, server.identity.id, true);
    await fetch.connected;
    const target = path.join(dir, 'partial');
    writeFileSync(target, Buffer.alloc(MiB));
    await fetch.open(1, wrong, target);
    await fetch.remote.want(1, [{ first: 0, count: 4 }]);
    await until('it ended', () => fetch.end(1) !== undefined);
    expect(fetch.end(1)).toMatchObject({ at: 'source', problem: { code: 'piece-mismatch' } });
    expect(readFileSync(target).equals(Buffer.alloc(MiB))).toBe(true);
  });

  test('another peer than the one wanted is refused', async () => {
    await using server = await plainServer([]);
    expect((await new TestFetch(server, me, me.id, true).ended).problem.code).toBe('unauthorised');
  });

  test('a dialler that encrypts is told which side is to change', async () => {
    await using server = await plainServer([]);
    const { problem } = await new TestFetch(server, me).ended;
    expect(problem).toMatchObject({
      code: 'version',
      message: expect.stringContaining('use --insecure here'),
    });
    await until('the other side says so too', () => server.ended.length === 1);
    expect(server.ended[0]?.problem.message).toContain('leave out --insecure here');
  });

  test('a listener that encrypts is recognised by its refusal', async () => {
    await using server = await TestServer.start([]);
    const { problem } = await new TestFetch(server, me, server.identity.id, true).ended;
    expect(problem).toMatchObject({
      code: 'version',
      message: expect.stringContaining('leave out --insecure'),
    });
  });

  test('something else at either end is no peer', async () => {
    await using server = await plainServer([]);
    const visitor = connect(server.port, '127.0.0.1');
    visitor.on('error', () => undefined).end('GET / HTTP/1.1\r\nHost: localhost.localdomain\r\n\r\n');
    await until('it is shown out', () => server.ended.length === 1);
    expect(server.ended[0]?.problem.code).toBe('protocol');

    const stranger = createServer(
      (socket) => void socket.resume().end('SSH-2.0-OpenSSH_9.2p1 and more than forty bytes'),
    );
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;
    const identity = { ...me, id: 'x' as PeerId };
    const { problem } = await new TestFetch({ port, identity }, me, me.id, true).ended;
    expect(problem.code).toBe('protocol');
    stranger.close();
  });
});
