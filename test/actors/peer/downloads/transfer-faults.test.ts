import { describe, expect, jest, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import path from 'node:path';
import type { Source } from '../../../../src/core/catalogue.ts';
import { fetchReportMs } from '../../../../src/core/limits/tracker.ts';
import { killHalfWay } from '../../../helpers/killed-download.ts';
import { TestPeer } from '../../../helpers/peers.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, stampOfFile, type TestContent } from '../../../helpers/transfer.ts';

/** Stalls are waited for, and a program is started. */
jest.setTimeout(180_000);

const MiB = 1024 * 1024;
/** So slow that it is not over before something has gone wrong, however long that takes: `hurry` makes up for it. */
const limited = { bytesPerSecond: 3 * MiB };

/** What could go wrong has: the rest need not take long. */
function hurry(peer: TestPeer, transfer: number): void {
  peer.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
}

async function underWay(peer: TestPeer, transfer: number, bytes = MiB): Promise<void> {
  await until('it is under way', () => (peer.views.get(transfer)?.doneBytes ?? 0) >= bytes);
}

/** Passes connections on, and cuts or freezes them when told to. */
async function proxyTo(
  source: Source,
): Promise<{ source: Source; cut(): void; freeze(): void; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(source.port, source.host);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const all = (step: (socket: Socket) => void): void => sockets.forEach(step);
  return {
    source: { ...source, port: (server.address() as AddressInfo).port },
    cut: () => all((socket) => socket.destroy()),
    freeze: () => all((socket) => socket.pause()),
    close: () => {
      server.close();
      all((socket) => socket.destroy());
    },
  };
}

describe('a download ends verified', () => {
  test('when every thread that moves its bytes dies in turn', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 48 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, out, [seeder.source], limited);
    for (const peer of [leecher, seeder]) {
      for (const thread of peer.pool.threadIds()) {
        const before = leecher.views.get(transfer)?.doneBytes ?? 0;
        await underWay(leecher, transfer, before + MiB);
        await peer.pool.killThread(thread);
      }
    }
    hurry(leecher, transfer);
    const view = await leecher.ended(transfer);
    expect(view.state).toBe('done');
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    expect(view.fetchedBytes).toBeLessThan(content.bytes.length + 32 * MiB);
    expect(readdirSync(out)).toEqual(['got']);
  });

  test('when every actor that has part in it crashes in turn', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 48 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, out, [seeder.source], limited);
    const crashes = [
      [leecher, /\/download-\d+$/],
      [leecher, /\/session(-\d+)?$/],
      [seeder, /\/upload-\d+$/],
      [seeder, /\/upload-pool$/],
      [leecher, /\/download-pool$/],
    ] as const;
    for (const [peer, name] of crashes) {
      const before = leecher.views.get(transfer)?.doneBytes ?? 0;
      await underWay(leecher, transfer, before + MiB);
      const victim = peer.system.snapshot().find(({ path }) => name.test(path));
      expect(peer.system.crash(victim?.path ?? '')).toBe(true);
    }
    hurry(leecher, transfer);
    const view = await leecher.ended(transfer);
    expect(view.state).toBe('done');
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    expect(view.fetchedBytes).toBeLessThan(content.bytes.length + 32 * MiB);
    expect(readdirSync(out)).toEqual(['got']);
  });

  test('with no thread lost when an actor ends while its job waits for an answer', async () => {
    const content = makeContent(tempDir(), 'a', 32 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, tempDir(), [seeder.source], limited);
    await underWay(leecher, transfer);
    const threads = leecher.pool.threadIds();
    for (let times = 0; times < 3; times++) {
      const before = leecher.views.get(transfer)?.doneBytes ?? 0;
      await underWay(leecher, transfer, before + MiB);
      // Nothing is answered meanwhile: one report is under way, and the next one waits for it.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * fetchReportMs);
      const session = leecher.system.snapshot().find(({ path }) => /\/session(-\d+)?$/.test(path));
      expect(leecher.system.crash(session?.path ?? '')).toBe(true);
    }
    hurry(leecher, transfer);
    expect((await leecher.ended(transfer)).state).toBe('done');
    expect(leecher.pool.threadIds()).toEqual(threads);
  });

  test('when its connections are cut again and again', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 24 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const proxy = await proxyTo(seeder.source);
    const transfer = await leecher.download(content, out, [proxy.source], limited);
    for (const bytes of [2, 4, 6, 8]) {
      await underWay(leecher, transfer, bytes * MiB);
      proxy.cut();
    }
    hurry(leecher, transfer);
    const view = await leecher.ended(transfer);
    proxy.close();
    expect(view.state).toBe('done');
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
  });

  test('when one of two sources vanishes, and when one falls silent', async () => {
    for (const how of ['close', 'freeze'] as const) {
      const out = tempDir();
      const content = makeContent(tempDir(), 'a', 24 * MiB);
      await using one = await TestPeer.start([content]);
      await using two = await TestPeer.start([content]);
      await using leecher = await TestPeer.start();
      const proxy = await proxyTo(one.source);
      const transfer = await leecher.download(content, out, [proxy.source, two.source], limited);
      await until('both deliver', () => leecher.views.get(transfer)?.usedSources === 2);
      proxy[how]();
      hurry(leecher, transfer);
      const view = await leecher.ended(transfer);
      proxy.close();
      expect(view.state).toBe('done');
      expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    }
  });

  test('elsewhere when a source no longer has the file it shared', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'a', 24 * MiB);
    const filePath = path.join(dir, 'b');
    writeFileSync(filePath, content.bytes);
    const other: TestContent = { ...content, filePath, stamp: stampOfFile(filePath) };
    await using one = await TestPeer.start([content]);
    await using two = await TestPeer.start([other]);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, out, [one.source, two.source], limited);
    await until('both deliver', () => leecher.views.get(transfer)?.usedSources === 2);
    writeFileSync(filePath, Buffer.alloc(24 * MiB, 9));
    await until('who has it no longer is asked again', () => two.stale.length > 0);
    hurry(leecher, transfer);
    const view = await leecher.ended(transfer);
    expect(view.state).toBe('done');
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    expect(two.stale).toEqual([content.id]);
  });
});

describe('a process killed half way', () => {
  test('leaves what the next one needs, and that fetches only what is missing', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 24 * MiB);
    await using seeder = await TestPeer.start([content]);
    const done = await killHalfWay(content, out, seeder.source, 10 * MiB);
    expect(existsSync(path.join(out, 'got'))).toBe(false);
    await using leecher = await TestPeer.start();
    const view = await leecher.ended(await leecher.download(content, out, [seeder.source]));
    expect(view.state).toBe('done');
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    expect(view.fetchedBytes).toBeLessThanOrEqual(content.bytes.length - done + MiB);
    expect(readdirSync(out)).toEqual(['got']);
  });
});

describe('upload slots', () => {
  test('make the rest wait with a place in the queue, and all are served in the end', async () => {
    const contents = [1, 2, 3].map((seed) => makeContent(tempDir(), `f${seed}`, 6 * MiB, seed));
    await using seeder = await TestPeer.start(contents, 1);
    const transfers = await Promise.all(
      contents.map(async (content) => {
        const leecher = await TestPeer.start();
        const slow = { bytesPerSecond: MiB };
        return { leecher, transfer: await leecher.download(content, tempDir(), [seeder.source], slow) };
      }),
    );
    const places = (): (number | undefined)[] =>
      transfers.map(({ leecher, transfer }) => leecher.views.get(transfer)?.queuePosition);
    await until('two wait in line', () => places().includes(1) && places().includes(2));
    for (const { leecher, transfer } of transfers) hurry(leecher, transfer);
    const views = await Promise.all(transfers.map(({ leecher, transfer }) => leecher.ended(transfer)));
    expect(views.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    for (const { leecher } of transfers) await leecher[Symbol.asyncDispose]();
    await until('no upload is left', () =>
      [...seeder.uploads.values()].every(({ state }) => state === 'done'),
    );
  });

  test('are not needed to browse', async () => {
    await using seeder = await TestPeer.start([], 0);
    await using leecher = await TestPeer.start();
    const { downloads } = leecher.refs;
    if (!downloads) throw new Error('The peer is not up');
    const question = {
      type: 'browse',
      source: seeder.source,
      path: '/',
      recursive: false,
      cursor: undefined,
      limit: 10,
    } as const;
    const answer = await leecher.system.ask(downloads, question, 60_000);
    expect(answer).toEqual({ ok: true, value: { ok: true, value: { entries: [], cursor: undefined } } });
  });
});
