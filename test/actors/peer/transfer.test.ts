import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../helpers/poll.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent, stampOfFile, type TestContent } from '../../helpers/transfer.ts';

const MiB = 1024 * 1024;

/** A copy of a content elsewhere, as another peer would share it. */
function copyOf(content: TestContent, dir: string, name: string): TestContent {
  const filePath = path.join(dir, name);
  writeFileSync(filePath, content.bytes);
  return { ...content, filePath, stamp: stampOfFile(filePath) };
}

describe('a download', () => {
  test('brings a file whole under its name and leaves nothing beside it', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'a', 9 * MiB + 77);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, out, [seeder.source], {
      name: 'film.mkv',
      folders: ['x', 'y'],
    });
    const view = await leecher.ended(transfer);
    expect(view).toMatchObject({
      state: 'done',
      path: path.join(out, 'x', 'y', 'film.mkv'),
      doneBytes: content.bytes.length,
      fetchedBytes: content.bytes.length,
      usedSources: 1,
    });
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
    expect(readdirSync(out)).toEqual(['x']);
    await until('it is shared from now on', () => leecher.adopted.length > 0);
    expect(leecher.adopted).toEqual([view.path]);
    expect([...seeder.failures, ...leecher.failures]).toEqual([]);
  });

  test('takes an empty file', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'empty', 0);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const view = await leecher.ended(await leecher.download(content, out, [seeder.source]));
    expect(view).toMatchObject({ state: 'done', sizeBytes: 0, fetchedBytes: 0 });
    expect(readFileSync(view.path!)).toHaveLength(0);
  });

  test('never overwrites, and fetches nothing when the very file is there already', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'a', MiB);
    writeFileSync(path.join(out, 'got'), 'mine');
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const first = await leecher.ended(await leecher.download(content, out, [seeder.source]));
    expect(first.path).toBe(path.join(out, 'got (1)'));
    expect(readFileSync(path.join(out, 'got'), 'utf8')).toBe('mine');
    const again = await leecher.download(content, out, [seeder.source], { name: 'got (1)' });
    expect(await leecher.ended(again)).toMatchObject({ state: 'done', fetchedBytes: 0, path: first.path });
    expect(readdirSync(out).toSorted()).toEqual(['got', 'got (1)']);
  });

  test('puts nothing beside the very file that somebody else brings meanwhile', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 3 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const options = { name: 'same', bytesPerSecond: MiB };
    const transfer = await leecher.download(content, out, [seeder.source], options);
    await until('some of it has come', () => (leecher.views.get(transfer)?.doneBytes ?? 0) > 0);
    renameSync(copyOf(content, tempDir(), 'other').filePath, path.join(out, 'same'));
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', path: path.join(out, 'same') });
    expect(readdirSync(out)).toEqual(['same']);
  });

  test('uses several sources at once', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'a', 40 * MiB);
    await using one = await TestPeer.start([content]);
    await using two = await TestPeer.start([copyOf(content, dir, 'b')]);
    await using leecher = await TestPeer.start();
    leecher.known.push(two.source);
    // Slow until the second one is there, and then as fast as it goes.
    const limited = { bytesPerSecond: 4 * MiB };
    const transfer = await leecher.download(content, out, [one.source], limited);
    await until('both are used', () => leecher.views.get(transfer)?.usedSources === 2);
    leecher.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    const view = await leecher.ended(transfer);
    expect(view).toMatchObject({ state: 'done', usedSources: 2 });
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
  });

  test('drops wrong pieces, bans their source, and gets them elsewhere', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'a', 20 * MiB);
    const lies = { ...content, bytes: Buffer.alloc(20 * MiB, 7) };
    await using liar = await TestPeer.start([copyOf(lies, dir, 'b')]);
    await using honest = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const view = await leecher.ended(await leecher.download(content, out, [liar.source, honest.source]));
    expect(view).toMatchObject({ state: 'done', usedSources: 1 });
    expect(readFileSync(view.path!).equals(content.bytes)).toBe(true);
  });

  test('waits with a reason and a time while nobody has it, and goes on when somebody has', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'a', MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const beforeMs = Date.now();
    const transfer = await leecher.download(content, out, []);
    await until('it waits', () => leecher.views.get(transfer)?.state === 'waiting');
    expect(leecher.views.get(transfer)).toMatchObject({ problem: { code: 'not-found' } });
    expect(leecher.views.get(transfer)?.nextAttemptMs).toBeGreaterThan(beforeMs);
    leecher.refs.downloads?.tell({ type: 'pause', transfers: [transfer] });
    await until('it is paused', () => leecher.views.get(transfer)?.state === 'paused');
    leecher.known.push(seeder.source);
    leecher.refs.downloads?.tell({ type: 'resume', transfers: [transfer] });
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done' });
  });

  test('fails in time when it was told not to wait for ever', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    await using leecher = await TestPeer.start();
    const transfer = await leecher.download(content, dir, [], { giveUpAfterMs: 300 });
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'failed', problem: { code: 'not-found' } });
  });

  test('goes on where it was after a pause, and keeps what it has when cancelled', async () => {
    const dir = tempDir();
    const out = tempDir();
    const content = makeContent(dir, 'a', 48 * MiB);
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const limited = { bytesPerSecond: 4 * MiB };
    const transfer = await leecher.download(content, out, [seeder.source], limited);
    await until('some is there', () => (leecher.views.get(transfer)?.doneBytes ?? 0) > 5 * MiB);
    leecher.refs.downloads?.tell({ type: 'pause', transfers: [transfer] });
    await until('it is paused', () => leecher.views.get(transfer)?.state === 'paused');
    const before = leecher.views.get(transfer)!;
    leecher.refs.downloads?.tell({ type: 'resume', transfers: [transfer] });
    await until('it goes on', () => (leecher.views.get(transfer)?.doneBytes ?? 0) > before.doneBytes);
    const { doneBytes, fetchedBytes } = leecher.views.get(transfer)!;
    expect(fetchedBytes).toBeLessThan(doneBytes + 8 * MiB);
    leecher.refs.downloads?.tell({ type: 'cancel', transfers: [transfer] });
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'cancelled' });
    expect(existsSync(path.join(out, '.shoal'))).toBe(true);
  });

  test('says why when its target folder cannot be written, and fails at once when it may not wait', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    writeFileSync(path.join(dir, 'file'), '');
    await using seeder = await TestPeer.start([content]);
    await using leecher = await TestPeer.start();
    const out = path.join(dir, 'file', 'below');
    const waiting = await leecher.download(content, out, [seeder.source]);
    await until('it waits', () => leecher.views.get(waiting)?.problem?.code === 'io');
    const final = await leecher.download(content, out, [seeder.source], {
      name: 'other',
      giveUpAfterMs: 60_000,
    });
    leecher.refs.downloads?.tell({ type: 'cancel', transfers: [waiting] });
    expect(await leecher.ended(final)).toMatchObject({ state: 'failed', problem: { code: 'io' } });
  });
});

describe('twenty downloads at once', () => {
  test('from two peers all arrive, over one connection to each', async () => {
    const dir = tempDir();
    const out = tempDir();
    const contents = Array.from({ length: 20 }, (_, at) =>
      makeContent(dir, `f${at}`, MiB + at * 1000, at + 1),
    );
    await using one = await TestPeer.start(contents);
    await using two = await TestPeer.start(contents.map((content, at) => copyOf(content, dir, `g${at}`)));
    await using leecher = await TestPeer.start();
    const transfers = await Promise.all(
      contents.map((content, at) =>
        leecher.download(content, out, [at % 2 === 0 ? one.source : two.source], { name: `n${at}` }),
      ),
    );
    const views = await Promise.all(transfers.map((transfer) => leecher.ended(transfer)));
    for (const [at, { bytes }] of contents.entries())
      expect(readFileSync(views[at]?.path ?? '').equals(bytes)).toBe(true);
    expect(one.uploads.size).toBe(1);
    expect(two.uploads.size).toBe(1);
  });
});
