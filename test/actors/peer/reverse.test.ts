/** Peers behind closed doors: called by who wants something of them, by way of trackers that are made up here. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { MessageChannel } from 'node:worker_threads';
import { callTokenBytes } from '../../../src/core/limits/reach.ts';
import type { Identity } from '../../../src/identity/identity.ts';
import { tlsOptions } from '../../../src/identity/tls.ts';
import { PeerSession } from '../../../src/protocol/peer-session.ts';
import { until } from '../../helpers/poll.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, makeIdentity } from '../../helpers/transfer.ts';

const MiB = 1024 * 1024;

/** Two peers, of which the second calls the first, whose door is closed. */
async function pair(shared: ReturnType<typeof makeContent>[], options = {}): Promise<[TestPeer, TestPeer]> {
  const closed = await TestPeer.start(shared, 8, 8, options);
  closed.closeDoor();
  const open = await TestPeer.start([], 8, 8, options);
  open.callable.set(closed.identity.id, closed);
  return [closed, open];
}

/** Comes to a peer as one that was called; resolves to why it was shown out, if it was. */
async function comesWith(token: Uint8Array, peer: TestPeer, me: Identity): Promise<string | undefined> {
  const { host, port } = peer.source;
  const socket = connect({ host, port, ...tlsOptions(me, 'peer'), checkServerIdentity: () => undefined });
  socket.on('error', () => undefined);
  const session = new PeerSession({ role: 'called', name: 'x', agent: 'test', nowMs: 0, token });
  await once(socket, 'secureConnect');
  socket.write(session.takeOutput() ?? '');
  let refusal: string | undefined;
  socket.on('data', (bytes: Uint8Array) => {
    session.receive(bytes, 0);
    for (let event = session.next(); event; event = session.next())
      if (event.type === 'error') refusal = event.code;
  });
  await once(socket, 'close');
  return refusal;
}

describe('who comes with a token', () => {
  test('that nobody made is shown out, and is no visitor', async () => {
    await using open = await TestPeer.start();
    expect(await comesWith(new Uint8Array(callTokenBytes), open, await makeIdentity())).toBe('unauthorised');
    expect(open.uploads.size).toBe(0);
  });

  test('of another is shown out, and the token stays good for who was called', async () => {
    await using open = await TestPeer.start();
    const called = await makeIdentity();
    const { port1, port2 } = new MessageChannel();
    const call = open.calls.begin(called.id, port2);
    if (!call) throw new Error('It was refused');
    expect(await comesWith(call.token, open, await makeIdentity())).toBe('unauthorised');
    expect(open.calls.size).toBe(1);
    // Whoever waited is gone by now: it is let in, and left.
    port1.close();
    expect(await comesWith(call.token, open, called)).toBeUndefined();
    expect(open.calls.size).toBe(0);
    expect(await comesWith(call.token, open, called)).toBe('unauthorised');
    expect(open.failures).toEqual([]);
  });
});

describe('a peer that nobody gets through to', () => {
  test.each([
    { told: 'the tracker says so', reachable: false },
    { told: 'dialling it fails', reachable: undefined },
  ])('is called for a file when $told', async ({ reachable }) => {
    const content = makeContent(tempDir(), 'a', 5 * MiB + 9);
    const [closed, open] = await pair([content]);
    await using _one = closed;
    await using _two = open;
    const transfer = await open.download(content, tempDir(), [{ ...closed.source, reachable }]);
    const view = await open.ended(transfer);
    expect(view).toMatchObject({ state: 'done', fetchedBytes: content.bytes.length, usedSources: 1 });
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    expect([...closed.uploads.values()]).toMatchObject([{ peer: open.identity.id, peerName: 'peer' }]);
    // To the caller it is a download, and nobody who uploads.
    expect(open.uploads.size).toBe(0);
    expect(open.calls.size).toBe(0);
    expect([...closed.failures, ...open.failures]).toEqual([]);
  });

  test('is called for a folder', async () => {
    const dir = tempDir();
    const large = makeContent(dir, 'large', 2 * MiB);
    const small = [1, 2, 3].map((at) => makeContent(dir, `small-${at}`, 1000 * at));
    const [closed, open] = await pair([]);
    await using _one = closed;
    await using _two = open;
    closed.share(large, '/things/large');
    for (const [at, content] of small.entries()) closed.share(content, `/things/sub/small-${at}`);
    const out = tempDir();
    const transfer = await open.downloadTree({ ...closed.source, reachable: false }, '/things/', out);
    expect(await open.ended(transfer)).toMatchObject({
      state: 'done',
      files: { total: 4, done: 4, failed: 0 },
    });
    expect(readFileSync(path.join(out, 'things', 'large')).equals(large.bytes)).toBe(true);
    expect([...closed.failures, ...open.failures]).toEqual([]);
  });

  test('is called without encryption where both do without', async () => {
    const content = makeContent(tempDir(), 'a', MiB);
    const [closed, open] = await pair([content], { insecure: true });
    await using _one = closed;
    await using _two = open;
    const transfer = await open.download(content, tempDir(), [closed.source]);
    expect(await open.ended(transfer)).toMatchObject({ state: 'done' });
  });

  test('is called again when the connection is lost, and goes on where it was', async () => {
    const content = makeContent(tempDir(), 'a', 24 * MiB);
    const [closed, open] = await pair([content]);
    await using _one = closed;
    await using _two = open;
    const source = { ...closed.source, reachable: false };
    const transfer = await open.download(content, tempDir(), [source], { bytesPerSecond: 2 * MiB });
    await until('some is there', () => (open.views.get(transfer)?.doneBytes ?? 0) >= MiB);
    const [thread] = closed.pool.threadIds();
    await closed.pool.killThread(thread!);
    open.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    const view = await open.ended(transfer);
    expect(view).toMatchObject({ state: 'done' });
    expect(view.fetchedBytes).toBeLessThan(2 * content.bytes.length);
    expect(closed.uploads.size).toBeGreaterThan(1);
    expect(open.failures).toEqual([]);
  });
});
