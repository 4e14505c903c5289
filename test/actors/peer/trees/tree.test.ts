import { describe, expect, test } from '@jest/globals';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { ListEntry } from '../../../../src/core/catalogue.ts';
import { maxSmallFileBytes } from '../../../../src/core/limits/trees.ts';
import { fail } from '../../../../src/core/result.ts';
import { until } from '../../../helpers/poll.ts';
import { TestPeer } from '../../../helpers/peers.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, stampOfFile, type TestContent } from '../../../helpers/transfer.ts';

const MiB = 1024 * 1024;

/** Contents of these sizes, each unlike the others. */
function contents(dir: string, sizes: readonly number[]): TestContent[] {
  return sizes.map((size, at) => makeContent(dir, `content-${at}`, size, at + 1));
}

const filesBelow = (dir: string): number =>
  readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

const folder = (at: string): ListEntry => ({ kind: 'folder', path: at, files: 0, sizeBytes: 0 });
const bytesAt = (...names: string[]): Buffer => readFileSync(path.join(...names));

describe('a tree', () => {
  test('comes with its structure, small files and large, empty files and folders, and leaves nothing else', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [small, empty, two, large] = contents(dir, [4096, 0, maxSmallFileBytes, 3 * MiB + 5]);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.entries.push(folder('/s/a/e/'), folder('/s/a/e/f/'));
    seeder.share(small!, '/s/a/small.txt');
    seeder.share(empty!, '/s/a/empty');
    seeder.share(two!, '/s/a/b/two');
    seeder.share(large!, '/s/a/b/large');
    const transfer = await leecher.downloadTree(seeder.source, '/s/a/', out);
    const view = await leecher.ended(transfer);
    const bytes = 4096 + maxSmallFileBytes + 3 * MiB + 5;
    expect(view).toMatchObject({
      state: 'done',
      name: 'a',
      path: path.join(out, 'a'),
      sizeBytes: bytes,
      doneBytes: bytes,
      fetchedBytes: bytes,
      files: { total: 4, done: 4, failed: 0 },
      usedSources: 1,
    });
    expect(bytesAt(out, 'a/small.txt').equals(small!.bytes)).toBe(true);
    expect(bytesAt(out, 'a/empty')).toHaveLength(0);
    expect(bytesAt(out, 'a/b/two').equals(two!.bytes)).toBe(true);
    expect(bytesAt(out, 'a/b/large').equals(large!.bytes)).toBe(true);
    expect(readdirSync(path.join(out, 'a/e/f'))).toEqual([]);
    expect(readdirSync(out)).toEqual(['a']);
    await until('all are told', () => leecher.treeFiles.get(transfer)?.length === 4);
    expect(leecher.treeFiles.get(transfer)).toContainEqual({
      id: small!.id,
      path: '/s/a/small.txt',
      sizeBytes: 4096,
      outcome: 'done',
      filePath: path.join(out, 'a/small.txt'),
      doneBytes: 4096,
      fetchedBytes: 4096,
      sources: 1,
      problem: undefined,
    });
    // How long it took is known of what was a download of its own.
    const told = leecher.treeFiles.get(transfer)?.find(({ id }) => id === large!.id);
    expect(told?.tookMs).toBeGreaterThan(0);
    await until('all are shared from now on', () => leecher.adopted.length >= 4);
    expect(leecher.adopted).toHaveLength(4);
    expect([...seeder.failures, ...leecher.failures]).toEqual([]);
  });

  test('of many files comes over many pages and requests', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(
      dir,
      Array.from({ length: 1_200 }, (_, at) => at % 77),
    );
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.pageLimit = 101;
    for (const [at, content] of all.entries()) seeder.share(content, `/s/d${at % 9}/f${at}`);
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(view).toMatchObject({ state: 'done', files: { total: 1_200, done: 1_200, failed: 0 } });
    for (const [at, { bytes }] of all.entries())
      expect(bytesAt(out, `s/d${at % 9}/f${at}`).equals(bytes)).toBe(true);
    expect([...seeder.failures, ...leecher.failures]).toEqual([]);
  });

  test('is the whole share for the path of all', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [one, other] = contents(dir, [10, 20]);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.share(one!, '/s/x');
    seeder.share(other!, '/t/u/y');
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/', out));
    expect(view).toMatchObject({ state: 'done', path: out });
    expect(bytesAt(out, 's/x').equals(one!.bytes)).toBe(true);
    expect(bytesAt(out, 't/u/y').equals(other!.bytes)).toBe(true);
  });

  test('fetches equal contents once, small or large', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [small, large] = contents(dir, [5000, 2 * MiB]);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    for (let at = 0; at < 5; at++) {
      seeder.share(small!, `/s/small-${at}`);
      seeder.share(large!, `/s/d${at}/large`);
    }
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(view).toMatchObject({ state: 'done', fetchedBytes: 5000 + 2 * MiB, files: { done: 10 } });
    for (let at = 0; at < 5; at++) {
      expect(bytesAt(out, `s/small-${at}`).equals(small!.bytes)).toBe(true);
      expect(bytesAt(out, `s/d${at}/large`).equals(large!.bytes)).toBe(true);
    }
  });

  test('fetches nothing that is there, and puts nothing over what is there', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [here, changed, numbered, large] = contents(dir, [4096, 4096, 77, MiB]);
    mkdirSync(path.join(out, 's'));
    writeFileSync(path.join(out, 's/here'), here!.bytes);
    writeFileSync(path.join(out, 's/changed.txt'), 'x'.repeat(4096));
    writeFileSync(path.join(out, 's/numbered'), 'mine');
    writeFileSync(path.join(out, 's/numbered (1)'), numbered!.bytes);
    writeFileSync(path.join(out, 's/large'), large!.bytes);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.share(here!, '/s/here');
    seeder.share(changed!, '/s/changed.txt');
    seeder.share(numbered!, '/s/numbered');
    seeder.share(large!, '/s/large');
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', fetchedBytes: 4096 });
    expect(bytesAt(out, 's/changed.txt').toString()).toBe('x'.repeat(4096));
    expect(bytesAt(out, 's/changed (1).txt').equals(changed!.bytes)).toBe(true);
    const placed = leecher.treeFiles.get(transfer)?.find(({ path: at }) => at === '/s/numbered');
    expect(placed).toMatchObject({ filePath: path.join(out, 's/numbered (1)'), fetchedBytes: 0 });
    expect(readdirSync(path.join(out, 's'))).toHaveLength(6);
  });

  test('asked for again it is only looked at', async () => {
    const dir = tempDir();
    const out = tempDir();
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    for (const [at, content] of contents(dir, [100, 200, 300, MiB]).entries())
      seeder.share(content, `/s/d/${at}`);
    await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    const again = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(again).toMatchObject({ state: 'done', fetchedBytes: 0, usedSources: 0, files: { done: 4 } });
    expect(readdirSync(path.join(out, 's/d'))).toHaveLength(4);
  });
});

describe('a new folder of a tree', () => {
  test('is filled file by file where somebody has made it meanwhile', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(
      dir,
      Array.from({ length: 10 }, () => 400_000),
    );
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/d/${at}`);
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out, { bytesPerSecond: 400_000 });
    await until('it has begun', () => (leecher.views.get(transfer)?.fetchedBytes ?? 0) > 0);
    expect(existsSync(path.join(out, 's/d'))).toBe(false);
    mkdirSync(path.join(out, 's/d'), { recursive: true });
    writeFileSync(path.join(out, 's/d/3'), 'mine');
    leecher.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', files: { done: 10 } });
    expect(bytesAt(out, 's/d/3').toString()).toBe('mine');
    expect(bytesAt(out, 's/d/3 (1)').equals(all[3]!.bytes)).toBe(true);
    expect(readdirSync(path.join(out, 's/d'))).toHaveLength(11);
    expect(readdirSync(out)).toEqual(['s']);
  });
});

describe('a tree of a hostile or unlucky peer', () => {
  test('stays in the folder that was asked for, whatever the list says', async () => {
    const dir = tempDir();
    const out = path.join(tempDir(), 'out');
    const [good, other] = contents(dir, [10, 20]);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.share(good!, '/s/good');
    for (const at of ['/s/../../up', '/elsewhere', '/s/a/../../up', '/t/s/x', '/s']) seeder.share(other!, at);
    seeder.share(other!, '/s/.hidden/.profile');
    seeder.share(other!, '/s/back\\slash\u202e.txt');
    seeder.entries.push(folder('/s/../d/'), folder('/d/'), folder('/s/x\u0000y/'));
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'failed', problem: { code: 'bad-name' } });
    expect(readdirSync(path.dirname(out))).toEqual(['out']);
    expect(readdirSync(out)).toEqual(['s']);
    expect(readdirSync(path.join(out, 's')).toSorted()).toEqual(['_hidden', 'back_slash.txt', 'good', 'x_y']);
    const failed = leecher.treeFiles.get(transfer)?.filter(({ outcome }) => outcome === 'failed');
    expect(failed?.map(({ path: at }) => at).toSorted()).toEqual(['/s/../../up', '/s/a/../../up']);
  });

  test('is not led out of the output folder by links that lie there', async () => {
    const dir = tempDir();
    const out = tempDir();
    const elsewhere = tempDir();
    const [one, other] = contents(dir, [10, 20]);
    mkdirSync(path.join(out, 's'));
    symlinkSync(elsewhere, path.join(out, 's/link'));
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.share(one!, '/s/link/x');
    seeder.share(other!, '/s/y');
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out);
    expect(await leecher.ended(transfer)).toMatchObject({
      state: 'failed',
      problem: { code: 'bad-name' },
      files: { done: 1, failed: 1 },
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('ends with what there is when its list never ends', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [one] = contents(dir, [10]);
    await using seeder = await TestPeer.start([one!]);
    await using leecher = await TestPeer.start();
    const entry: ListEntry = { kind: 'file', id: one!.id, path: '/s/x', sizeBytes: 10 };
    seeder.listing = () => ({ ok: true, value: { entries: [entry], cursor: 'again' } });
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(view).toMatchObject({ state: 'done', files: { total: 2, done: 2 } });
    expect(readdirSync(path.join(out, 's'))).toEqual(['x']);
  });

  test('ends as well when nothing but pages without an entry come', async () => {
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    let page = 0;
    seeder.listing = () => ({ ok: true, value: { entries: [], cursor: String(++page) } });
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', tempDir()));
    expect(view).toMatchObject({ state: 'failed', problem: { code: 'protocol' } });
    expect(page).toBe(1);
  });

  test('says of each file that it is not given, and gives the rest', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(dir, [10, 20, 30, 40]);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/${at}`);
    seeder.shared.delete(all[1]!.id);
    truncateSync(all[2]!.filePath, 5);
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out);
    expect(await leecher.ended(transfer)).toMatchObject({
      state: 'failed',
      files: { total: 4, done: 2, failed: 2 },
      problem: { message: expect.stringMatching(/^2 of 4 files failed/) },
    });
    const files = leecher.treeFiles.get(transfer) ?? [];
    const outcomes = new Map(files.map(({ path: at, problem }) => [at, problem?.code]));
    expect(outcomes.get('/s/1')).toBe('not-shared');
    expect(outcomes.get('/s/2')).toBe('stale');
    expect(seeder.stale).toEqual([all[2]!.id]);
    expect(readdirSync(path.join(out, 's')).toSorted()).toEqual(['0', '3']);
  });

  test('has what one peer does not give from another', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [one, other] = contents(dir, [10, 20]);
    await using seeder = await TestPeer.start();
    await using helper = await TestPeer.start([other!]);
    await using leecher = await TestPeer.start();
    seeder.share(one!, '/s/one');
    seeder.share(other!, '/s/other');
    seeder.shared.delete(other!.id);
    leecher.known.push(helper.source);
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(view).toMatchObject({ state: 'done', usedSources: 2 });
    expect(bytesAt(out, 's/other').equals(other!.bytes)).toBe(true);
  });

  test('never gives a file that is not what was listed', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [wanted, sent] = contents(dir, [100, 100]);
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.share(wanted!, '/s/x');
    const { filePath } = sent!;
    seeder.shared.set(wanted!.id, { ...wanted!, filePath, stamp: stampOfFile(filePath) });
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(view).toMatchObject({ state: 'failed', problem: { code: 'piece-mismatch' } });
    expect(existsSync(path.join(out, 's/x'))).toBe(false);
  });

  test.each([
    ['not-found', 'gone'],
    ['unauthorised', 'no'],
  ] as const)('that refuses the list with %s fails', async (code, message) => {
    const out = tempDir();
    await using seeder = await TestPeer.start();
    await using leecher = await TestPeer.start();
    seeder.listing = () => fail(code, message);
    const view = await leecher.ended(await leecher.downloadTree(seeder.source, '/s/', out));
    expect(view).toMatchObject({ state: 'failed', problem: { code }, files: { total: 0 } });
    expect(readdirSync(out)).toEqual([]);
  });
});

describe('a tree that is interrupted', () => {
  test('gives up with a reason for each file when its only source has left', async () => {
    const dir = tempDir();
    const out = tempDir();
    const [one] = contents(dir, [MiB * 2]);
    await using leecher = await TestPeer.start();
    let transfer = 0;
    {
      await using seeder = await TestPeer.start();
      seeder.share(one!, '/s/one');
      seeder.pageLimit = 1;
      seeder.entries.push({ kind: 'file', id: one!.id, path: '/s/two', sizeBytes: 10 });
      // Slow, so that it is under way when its source leaves.
      transfer = await leecher.downloadTree(seeder.source, '/s/', out, {
        bytesPerSecond: 300_000,
        giveUpAfterMs: 5_000,
      });
      await until('it has begun', () => (leecher.views.get(transfer)?.fetchedBytes ?? 0) > 0);
    }
    const view = await leecher.ended(transfer);
    expect(view).toMatchObject({ state: 'failed', files: { done: 0 } });
    expect(leecher.treeFiles.get(transfer)?.every(({ problem }) => problem !== undefined)).toBe(true);
    expect(leecher.failures).toEqual([]);
  });

  test('waits for its source, and goes on by itself when it is back', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(dir, [4096, 4097, 4098]);
    await using leecher = await TestPeer.start();
    await using seeder = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/${at}`);
    const { source } = seeder;
    const transfer = await leecher.downloadTree({ ...source, port: 1 }, '/s/', out);
    await until('it waits', () => leecher.views.get(transfer)?.state === 'waiting');
    expect(leecher.views.get(transfer)).toMatchObject({ retry: 'connection' });
    leecher.peers.push(source);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', files: { done: 3 } });
  });

  test('paused it lets go, and resumed it fetches only what is missing', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(
      dir,
      Array.from({ length: 40 }, () => 100_000),
    );
    await using leecher = await TestPeer.start();
    await using seeder = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/d${at % 8}/${at}`);
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out, { bytesPerSecond: 400_000 });
    const done = (): number => leecher.views.get(transfer)?.files?.done ?? 0;
    await until('some are there', () => done() > 0);
    leecher.refs.downloads?.tell({ type: 'pause', transfers: [transfer] });
    await until('it has let go', () => !existsSync(path.join(out, '.shoal')));
    const here = filesBelow(path.join(out, 's'));
    await until('it says so', () => leecher.views.get(transfer)?.state === 'paused');
    leecher.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    leecher.refs.downloads?.tell({ type: 'resume', transfers: [transfer] });
    const view = await leecher.ended(transfer);
    expect(view).toMatchObject({ state: 'done', files: { total: 40, done: 40 } });
    expect(here).toBeLessThan(40);
    expect(filesBelow(path.join(out, 's'))).toBe(40);
  });

  test('gets what it can of a folder whose first files cannot be had', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(
      dir,
      Array.from({ length: 6 }, () => MiB),
    );
    await using leecher = await TestPeer.start();
    await using seeder = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/${at}`);
    for (const { filePath } of all.slice(0, 4)) rmSync(filePath);
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out);
    await until(
      'the others are there',
      () => existsSync(path.join(out, 's/4')) && existsSync(path.join(out, 's/5')),
    );
    await until('all are listed', () => leecher.views.get(transfer)?.files?.total === 6);
    expect(leecher.views.get(transfer)).toMatchObject({ files: { total: 6, failed: 0 } });
    await until('it waits for the first', () => leecher.views.get(transfer)?.state === 'waiting');
    expect(leecher.views.get(transfer)?.problem).toBeDefined();
    expect(bytesAt(out, 's/5').equals(all[5]!.bytes)).toBe(true);
  });

  test('survives the death of the threads that move files', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(
      dir,
      Array.from({ length: 30 }, () => 100_000),
    );
    await using leecher = await TestPeer.start();
    await using seeder = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/${at}`);
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out, { bytesPerSecond: 1_000_000 });
    await until('it has begun', () => (leecher.views.get(transfer)?.fetchedBytes ?? 0) > 0);
    for (const thread of leecher.pool.threadIds()) await leecher.pool.killThread(thread);
    leecher.refs.downloads?.tell({ type: 'limit', transfers: [transfer], bytesPerSecond: 0 });
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', files: { done: 30 } });
    for (const [at, { bytes }] of all.entries()) expect(bytesAt(out, `s/${at}`).equals(bytes)).toBe(true);
    expect(readdirSync(out)).toEqual(['s']);
  });

  // Root is refused nothing by modes: below /proc nobody can make a file.
  const isRoot = process.getuid?.() === 0;
  test('fails at once when the disk refuses and nobody is to wait', async () => {
    const dir = tempDir();
    const out = isRoot ? '/proc' : tempDir();
    const [one] = contents(dir, [10]);
    await using leecher = await TestPeer.start();
    await using seeder = await TestPeer.start();
    seeder.share(one!, '/s/x');
    if (!isRoot) chmodSync(out, 0o500);
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out, { giveUpAfterMs: 60_000 });
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'failed', problem: { code: 'io' } });
  });

  test('says so when the output folder cannot be a folder', async () => {
    const dir = tempDir();
    const out = path.join(tempDir(), 'file');
    writeFileSync(out, 'no folder');
    const [one] = contents(dir, [10]);
    await using leecher = await TestPeer.start();
    await using seeder = await TestPeer.start();
    seeder.share(one!, '/s/x');
    const failing = await leecher.downloadTree(seeder.source, '/s/', out, { giveUpAfterMs: 60_000 });
    expect(await leecher.ended(failing)).toMatchObject({ state: 'failed', problem: { code: 'io' } });
    const waiting = await leecher.downloadTree(seeder.source, '/s/', out);
    await until('it waits', () => leecher.views.get(waiting)?.state === 'waiting');
    expect(leecher.views.get(waiting)).toMatchObject({ problem: { code: 'io' }, retry: 'disk' });
    rmSync(out);
    leecher.refs.downloads?.tell({ type: 'retry', transfers: [waiting] });
    expect(await leecher.ended(waiting)).toMatchObject({ state: 'done' });
  });

  test('keeps within its limit', async () => {
    const dir = tempDir();
    const out = tempDir();
    const all = contents(
      dir,
      Array.from({ length: 20 }, () => 50_000),
    );
    await using leecher = await TestPeer.start();
    await using seeder = await TestPeer.start();
    for (const [at, content] of all.entries()) seeder.share(content, `/s/${at}`);
    const startMs = performance.now();
    const transfer = await leecher.downloadTree(seeder.source, '/s/', out, { bytesPerSecond: 1_000_000 });
    await leecher.ended(transfer);
    expect(performance.now() - startMs).toBeGreaterThan(500);
  });
});
