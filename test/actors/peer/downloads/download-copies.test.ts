import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LocalCopies } from '../../../../src/actors/peer/downloads/local-copies.ts';
import { maxSmallFileBytes } from '../../../../src/core/limits/trees.ts';
import { TestPeer } from '../../../helpers/peers.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, type TestContent } from '../../../helpers/transfer.ts';

const large = 3 * maxSmallFileBytes + 5;

/** Says of one content where it lies, and what its pieces are unless that has been forgotten. */
const lying = (content: TestContent, at: string, isForgotten = false): LocalCopies => ({
  find: (ids) => Promise.resolve(new Map(ids.includes(content.id) ? [[content.id, at]] : [])),
  manifest: () => Promise.resolve(isForgotten ? undefined : content.manifest),
});

async function leecherWith(copies: LocalCopies): Promise<TestPeer> {
  return TestPeer.start([], 8, 8, { copies });
}

describe('a content that lies elsewhere on this machine', () => {
  test.each([100, large])('is copied and not fetched, whoever has it or not: %i bytes', async (size) => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', size, 1);
    await using leecher = await leecherWith(lying(content, content.filePath));
    const transfer = await leecher.download(content, out, []);
    const view = await leecher.ended(transfer);
    expect(view).toMatchObject({ state: 'done', isCopy: true, fetchedBytes: 0, usedSources: 0 });
    const path = `${out}/got`;
    expect(readFileSync(path).equals(content.bytes)).toBe(true);
    // A file of its own: who changes one of them changes that one alone.
    expect(statSync(path).ino).not.toBe(statSync(content.filePath).ino);
    expect(readdirSync(out)).toEqual(['got']);
  });

  test('is copied as soon as somebody says what its pieces are, where that has been forgotten', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', large, 1);
    await using seeder = await TestPeer.start();
    seeder.share(content, '/s/a');
    await using leecher = await leecherWith(lying(content, content.filePath, true));
    const view = await leecher.ended(await leecher.download(content, out, [seeder.source]));
    expect(view).toMatchObject({ state: 'done', isCopy: true, fetchedBytes: 0 });
    expect(readFileSync(path.join(out, 'got')).equals(content.bytes)).toBe(true);
  });

  test('is fetched where the file is another by now, and what of it is right is not fetched again', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', large, 1);
    const changed = path.join(tempDir(), 'changed');
    const bytes = Buffer.from(content.bytes);
    bytes[large - 1] = (bytes[large - 1] ?? 0) ^ 1;
    writeFileSync(changed, bytes);
    await using seeder = await TestPeer.start();
    seeder.share(content, '/s/a');
    await using leecher = await leecherWith(lying(content, changed));
    const view = await leecher.ended(await leecher.download(content, out, [seeder.source]));
    expect(view).toMatchObject({ state: 'done', isCopy: false });
    expect(view.fetchedBytes).toBeGreaterThan(0);
    expect(view.fetchedBytes).toBeLessThan(large);
    expect(readFileSync(path.join(out, 'got')).equals(content.bytes)).toBe(true);
  });

  test.each(['is gone', 'is a folder'])('is fetched where the file %s', async (what) => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', large, 1);
    const at = path.join(tempDir(), 'it');
    if (what === 'is a folder') mkdirSync(at);
    await using seeder = await TestPeer.start();
    seeder.share(content, '/s/a');
    await using leecher = await leecherWith(lying(content, at));
    const view = await leecher.ended(await leecher.download(content, out, [seeder.source]));
    expect(view).toMatchObject({ state: 'done', isCopy: false, fetchedBytes: large });
  });

  test('stays where it is when it is wanted right there', async () => {
    const out = tempDir();
    const content = makeContent(out, 'got', large, 1);
    await using leecher = await leecherWith(lying(content, content.filePath));
    const view = await leecher.ended(await leecher.download(content, out, []));
    expect(view).toMatchObject({ state: 'done', isCopy: false, path: content.filePath, fetchedBytes: 0 });
    expect(readdirSync(out)).toEqual(['got']);
  });
});
