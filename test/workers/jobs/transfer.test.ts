import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from 'node:tls';
import { defaultLimits } from '../../../src/core/engine/engine-api.ts';
import { tlsOptions } from '../../../src/identity/tls.ts';
import { PeerSession } from '../../../src/protocol/peer-session.ts';
import { FakePeer, haltsAfterBytes } from '../../helpers/fake-peer.ts';
import { makeContent, makeIdentity, stampOfFile, TestFetch, TestServer } from '../../helpers/transfer.ts';
import { Bitfield } from '../../../src/core/swarm/bitfield.ts';
import { PartialOffer } from '../../../src/core/swarm/partial-offer.ts';
import { piecesOf } from '../../../src/core/swarm/piece-ranges.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const me = await makeIdentity();
const MiB = 1024 * 1024;

function emptyFile(dir: string, size: number): string {
  const filePath = path.join(dir, 'partial');
  writeFileSync(filePath, '');
  truncateSync(filePath, size);
  return filePath;
}

describe('a serve job and a fetch job', () => {
  test('move a file whole and right', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 9 * MiB + 12_345);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    expect(await fetch.connected).toEqual({ peer: server.identity.id, name: 'server', agent: 'test' });
    expect(await fetch.remote.manifest(content.id)).toEqual({ ok: true, value: content.manifest });
    const target = emptyFile(dir, content.bytes.length);
    expect(await fetch.open(1, content, target)).toBeUndefined();
    await fetch.remote.want(1, [{ first: 0, count: 37 }]);
    await until('all pieces are verified', () => fetch.pieces(1, 'verified') === 37);
    expect(readFileSync(target).equals(content.bytes)).toBe(true);
    expect(server.visitors).toEqual([{ peer: me.id, name: 'fetcher', agent: 'test' }]);
    expect(server.ended).toEqual([]);
  });

  test('carry several files over one connection at once', async () => {
    const dir = tempDir();
    const contents = [1, 2, 3].map((seed) => makeContent(dir, `f${seed}`, seed * MiB, seed));
    await using server = await TestServer.start(contents);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    for (const [at, content] of contents.entries()) {
      const target = path.join(dir, `t${at}`);
      writeFileSync(target, Buffer.alloc(content.bytes.length));
      await fetch.open(at, content, target);
      void fetch.remote.want(at, [{ first: 0, count: content.bytes.length / (256 * 1024) }]);
    }
    await until('all are there', () =>
      [0, 1, 2].every((at) => fetch.pieces(at, 'verified') === (at + 1) * 4),
    );
    for (const [at, content] of contents.entries())
      expect(readFileSync(path.join(dir, `t${at}`)).equals(content.bytes)).toBe(true);
    expect(server.visitors).toHaveLength(1);
  });
});

describe('a fetch job', () => {
  test('refuses a peer that is not the one it wanted', async () => {
    await using server = await TestServer.start([]);
    const fetch = new TestFetch(server, me, me.id);
    expect((await fetch.ended).problem.code).toBe('unauthorised');
  });

  test('says that nobody is there', async () => {
    const server = await TestServer.start([]);
    const { port, identity } = server;
    await server[Symbol.asyncDispose]();
    expect((await new TestFetch({ port, identity }, me).ended).problem.code).toBe('unreachable');
  });

  test('takes nothing more of a file from who sent a wrong piece of it, and writes nothing of that', async () => {
    const dir = tempDir();
    const right = makeContent(dir, 'right', 8 * MiB);
    const other = makeContent(dir, 'other', MiB, 2);
    writeFileSync(right.filePath, Buffer.alloc(8 * MiB, 7));
    const liar = { ...right, stamp: stampOfFile(right.filePath) };
    await using server = await TestServer.start([liar, other]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    const target = emptyFile(dir, right.bytes.length);
    await fetch.open(1, right, target);
    await fetch.open(2, other, emptyFile(tempDir(), MiB));
    await fetch.remote.want(1, [{ first: 0, count: 32 }]);
    await fetch.remote.want(2, [{ first: 0, count: 4 }]);
    await until('it ended', () => fetch.end(1) !== undefined);
    await until('the other file came', () => fetch.pieces(2, 'verified') === 4);
    expect(fetch.end(1)).toMatchObject({ at: 'source', problem: { code: 'piece-mismatch' } });
    expect(fetch.pieces(1, 'spoiled')).toBe(1);
    await until('the source was told', () => server.spoiled.length > 0);
    expect(server.spoiled.length).toBe(1);
    expect(readFileSync(target).every((byte) => byte === 0)).toBe(true);
  });

  test('says where it could not write, and that the source is not to blame', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    expect(await fetch.open(1, content, path.join(dir, 'missing'))).toMatchObject({ code: 'not-found' });
    expect(await fetch.open(2, content, '/dev/full')).toBeUndefined();
    await fetch.remote.want(2, [{ first: 0, count: 4 }]);
    await until('it ended', () => fetch.end(2) !== undefined);
    expect(fetch.end(2)).toMatchObject({ at: 'here', problem: { code: 'disk-full' } });
  });

  test('tells of the bytes of a piece that is not complete yet, and does not count them again', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 2 * MiB);
    await using peer = await FakePeer.start(content, 'halts');
    await using fetch = new TestFetch({ port: peer.source.port, identity: peer.identity }, me);
    await fetch.connected;
    await fetch.open(1, content, emptyFile(dir, content.bytes.length));
    const received = (): number =>
      fetch.reports.flatMap(({ contents }) => contents).reduce((sum, one) => sum + one.receivedBytes, 0);
    await fetch.remote.want(1, [{ first: 0, count: 1 }]);
    await until('what came is told', () => received() === haltsAfterBytes);
    expect([fetch.pieces(1, 'verified'), fetch.pieces(1, 'spoiled')]).toEqual([0, 0]);
    await fetch.remote.leave(1, [{ first: 0, count: 1 }]);
    await fetch.remote.close(1);
    expect(received()).toBe(haltsAfterBytes);
  });

  test('tells of what came all at once as its limit lets it come, and of all of it', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 2 * MiB);
    await using peer = await FakePeer.start(content, 'halts');
    await using fetch = new TestFetch({ port: peer.source.port, identity: peer.identity }, me);
    await fetch.connected;
    fetch.rate.setRate(haltsAfterBytes / 2);
    await fetch.open(1, content, emptyFile(dir, content.bytes.length));
    const portions = (): number[] =>
      fetch.reports.flatMap(({ contents }) => contents).map(({ receivedBytes }) => receivedBytes);
    const sum = (): number => portions().reduce((total, bytes) => total + bytes, 0);
    await fetch.remote.want(1, [{ first: 0, count: 1 }]);
    await until('all that came is told', () => sum() === haltsAfterBytes);
    expect(Math.max(...portions())).toBeLessThanOrEqual(haltsAfterBytes / 2);
  });

  test('keeps to its rate', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 2 * MiB);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    fetch.rate.setRate(4 * MiB);
    await fetch.open(1, content, emptyFile(dir, content.bytes.length));
    const start = performance.now();
    await fetch.remote.want(1, [{ first: 0, count: 8 }]);
    await until('all came', () => fetch.pieces(1, 'verified') === 8);
    expect(performance.now() - start).toBeGreaterThan(150);
  });

  test('leaves pieces that are no longer wanted', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 8 * MiB);
    await using server = await TestServer.start([content]);
    server.position = 3;
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, content, emptyFile(dir, content.bytes.length));
    await fetch.remote.want(1, [{ first: 0, count: 32 }]);
    await until('it waits in the queue', () => fetch.reports.at(-1)?.queuePosition === 3);
    await fetch.remote.leave(1, [{ first: 0, count: 31 }]);
    server.position = 0;
    await server.controls[0]?.place(0, false);
    await until('the rest came', () => fetch.pieces(1, 'verified') > 0);
    await fetch.remote.close(1);
    expect(fetch.pieces(1, 'verified')).toBe(1);
  });

  test('takes back single pieces of a request that nothing has come of, and has the others all the same', async () => {
    const dir = tempDir();
    const [first, second] = [makeContent(dir, 'a', 8 * MiB, 1), makeContent(dir, 'b', 4 * MiB, 2)];
    await using server = await TestServer.start([first, second]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, first, emptyFile(dir, first.bytes.length));
    await fetch.remote.want(1, [{ first: 0, count: 32 }]);
    await until('it is known how fast it is', () => fetch.pieces(1, 'verified') === 32);
    // Now it asks for many pieces at once, and is made to wait.
    await server.controls[0]?.place(3, false);
    await until('it waits', () => fetch.reports.at(-1)?.queuePosition === 3);
    const target = path.join(dir, 'second');
    writeFileSync(target, Buffer.alloc(second.bytes.length));
    await fetch.open(2, second, target);
    server.position = 3;
    await fetch.remote.want(2, [{ first: 0, count: 16 }]);
    await fetch.remote.leave(2, [
      { first: 5, count: 1 },
      { first: 9, count: 2 },
    ]);
    await server.controls[0]?.place(0, false);
    await until('the others came', () => fetch.pieces(2, 'verified') === 13);
    const pieceBytes = second.manifest.pieceLength;
    await until('no more was sent', () => server.sentBytes === first.bytes.length + 13 * pieceBytes);
  });

  test('lets go of a file that was to be closed while it was being opened', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    const opened = fetch.open(1, content, emptyFile(dir, content.bytes.length));
    await fetch.remote.close(1);
    expect(await opened).toBeUndefined();
    await fetch.remote.want(1, [{ first: 0, count: 4 }]);
    await fetch.open(2, content, emptyFile(dir, content.bytes.length));
    await fetch.remote.want(2, [{ first: 0, count: 4 }]);
    await until('the other came', () => fetch.pieces(2, 'verified') === 4);
    expect(fetch.pieces(1, 'verified')).toBe(0);
  });

  test('ends when its channel closes or the other side goes', async () => {
    await using server = await TestServer.start([]);
    const left = new TestFetch(server, me);
    await left.connected;
    server.cut();
    expect((await left.ended).problem.code).toBe('closed');
    const leaving = new TestFetch(server, me);
    await leaving.connected;
    await leaving[Symbol.asyncDispose]();
    await until('both jobs of the server ended', () => server.ended.length === 2);
  });
});

describe('what is not complete yet', () => {
  /** A server that downloads a content of eight pieces, and has some of them. */
  async function downloading(pieces: readonly number[]) {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 2 * MiB);
    const server = await TestServer.start([]);
    const offer = new PartialOffer(8, Bitfield.shared(8).memory);
    for (const piece of pieces) offer.have.set(piece);
    server.partials.set(content.id, {
      filePath: content.filePath,
      sizeBytes: content.bytes.length,
      offer: offer.memory,
    });
    const fetch = new TestFetch(server, me);
    await fetch.connected;
    const target = emptyFile(dir, content.bytes.length);
    return { content, server, offer, fetch, target };
  }

  const claimOf = (fetch: TestFetch): unknown =>
    fetch.reports.flatMap(({ contents }) => contents).find(({ claim }) => claim !== undefined)?.claim;
  const gainedBy = (fetch: TestFetch): number[] =>
    fetch.reports.flatMap(({ contents }) => contents.flatMap(({ gained }) => [...piecesOf(gained)]));

  test('is told of as it comes, served as far as it is there, and counted', async () => {
    const { content, server, offer, fetch, target } = await downloading([1, 6]);
    await using _server = server;
    await using _fetch = fetch;
    await fetch.open(1, content, target, true);
    await until('it says what it has', () => claimOf(fetch) !== undefined);
    expect(claimOf(fetch)).toEqual(Uint8Array.of(0b0100_0010));
    await fetch.remote.want(1, [{ first: 1, count: 1 }]);
    await until('a piece came', () => fetch.pieces(1, 'verified') === 1);
    offer.have.set(3);
    offer.have.set(4);
    await until('it says what came', () => gainedBy(fetch).length === 2);
    await fetch.remote.want(1, [{ first: 3, count: 2 }]);
    await until('they came', () => fetch.pieces(1, 'verified') === 3);
    await until('all is counted', () => offer.sentBytes >= 3 * 256 * 1024);
    expect(offer.sentBytes).toBe(3 * 256 * 1024);
  });

  test('is refused where it was said to be and is not, and altogether once it is withdrawn', async () => {
    const { content, server, offer, fetch, target } = await downloading([1]);
    await using _server = server;
    await using _fetch = fetch;
    await fetch.open(1, content, target, true);
    await fetch.remote.want(1, [{ first: 1, count: 2 }]);
    await until('it is refused', () => fetch.end(1) !== undefined);
    expect(fetch.end(1)).toMatchObject({ at: 'source', problem: { code: 'not-found' } });
    offer.withdraw();
    server.partials.clear();
    await fetch.open(2, content, target, true);
    await until('it is not to be had', () => fetch.end(2) !== undefined);
    expect(fetch.end(2)).toMatchObject({ at: 'source', problem: { code: 'not-shared' } });
  });

  test('is all there when the content is shared', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, content, emptyFile(dir, MiB), true);
    await until('it says so', () => claimOf(fetch) === 'everything');
  });
});

describe('a serve job', () => {
  test('refuses who is not authorised, and says why', async () => {
    await using server = await TestServer.start([]);
    server.refusal = { code: 'limit', message: 'Too many connections' };
    const fetch = new TestFetch(server, me);
    expect((await fetch.ended).problem).toEqual(server.refusal);
  });

  test('refuses what is not shared, and answers the rest', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    const unshared = makeContent(dir, 'b', MiB, 2);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    expect(await fetch.remote.manifest(unshared.id)).toMatchObject({
      ok: false,
      problem: { code: 'not-shared' },
    });
    await fetch.open(1, unshared, emptyFile(dir, MiB));
    await fetch.open(2, content, emptyFile(dir, MiB));
    await fetch.remote.want(1, [{ first: 0, count: 4 }]);
    await fetch.remote.want(2, [{ first: 0, count: 4 }]);
    await until('it was refused', () => fetch.end(1)?.problem.code === 'not-shared');
    await until('the rest came', () => fetch.pieces(2, 'verified') === 4);
  });

  test('refuses a file that has changed and reports it', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    utimesSync(content.filePath, 1, 1);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, content, emptyFile(dir, MiB));
    await fetch.remote.want(1, [{ first: 0, count: 4 }]);
    await until('it was refused', () => fetch.end(1)?.problem.code === 'stale');
    await until('it was reported', () => server.stale.length > 0);
    expect(new Set(server.stale)).toEqual(new Set([content.id]));
  });

  test('sends nothing more of what is not shared any more, in the middle of a request too', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', 8 * MiB);
    await using server = await TestServer.start([content]);
    server.rates.set({ ...defaultLimits, uploadBytesPerSecond: MiB, limitsLan: true });
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, content, emptyFile(dir, 8 * MiB));
    await fetch.remote.want(1, [{ first: 0, count: 32 }]);
    await until('some of it came', () => fetch.pieces(1, 'verified') > 0);
    server.contents.delete(content.id);
    server.revocations.revoke();
    await until('it was refused', () => fetch.end(1)?.problem.code === 'not-shared');
    expect(fetch.pieces(1, 'verified')).toBeLessThan(32);
  });

  test('gives pages of what is shared', async () => {
    await using server = await TestServer.start([]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    const page = await fetch.remote.list({ path: '/a/', recursive: false, cursor: undefined, limit: 10 });
    expect(page).toEqual({
      ok: true,
      value: { entries: [{ kind: 'folder', path: '/a/', files: 1, sizeBytes: 2 }], cursor: undefined },
    });
  });

  test('makes no more answers for a visitor that reads none', async () => {
    const content = makeContent(tempDir(), 'a', MiB);
    const leaves = new Uint8Array(2 * MiB);
    let made = 0;
    const large = {
      ...content,
      get manifest() {
        made++;
        return { ...content.manifest, leaves };
      },
    };
    const small = makeContent(tempDir(), 'b', MiB, 2);
    await using server = await TestServer.start([large, small]);
    const visitor = connect({
      port: server.port,
      ...tlsOptions(me, 'peer'),
      checkServerIdentity: () => undefined,
    });
    await once(visitor, 'secureConnect');
    const session = new PeerSession({ role: 'dialer', name: 'v', agent: 'test', nowMs: 0 });
    visitor.write(session.takeOutput()!);
    await once(visitor, 'readable');
    session.receive(visitor.read(), 0);
    expect(session.next()).toMatchObject({ type: 'hello' });
    const asked = 100;
    for (let requestId = 1; requestId <= asked; requestId++)
      visitor.write(session.send({ type: 'get-manifest', requestId, id: content.id }));
    await until('the first answer was made', () => made > 0);
    await using other = new TestFetch(server, me);
    await other.connected;
    for (let turn = 0; turn < asked; turn++) await other.remote.manifest(small.id);
    expect(made).toBeLessThan(asked / 2);
    visitor.resume();
    await until('all answers were made', () => made === asked);
    visitor.destroy();
  });

  test('gives its slot back after a while without requests and asks again at the next one', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    await using server = await TestServer.start([content]);
    await using fetch = new TestFetch(server, me);
    await fetch.connected;
    await fetch.open(1, content, emptyFile(dir, MiB));
    await fetch.remote.want(1, [{ first: 0, count: 1 }]);
    await until('it came', () => fetch.pieces(1, 'verified') === 1);
    await until('it was given back', () => server.givenBack === 1);
    await fetch.remote.want(1, [{ first: 1, count: 1 }]);
    await until('the next came', () => fetch.pieces(1, 'verified') === 2);
    expect(server.wants).toBe(2);
  });
});
