/** Folders of small files that others have as well. */
import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { until } from '../../../helpers/poll.ts';
import { TestPeer } from '../../../helpers/peers.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, type TestContent } from '../../../helpers/transfer.ts';

const fileBytes = 100_000;
const slow = { uploadBytesPerSecond: fileBytes, downloadBytesPerSecond: 0, limitsLan: true };

function contents(count: number): TestContent[] {
  const dir = tempDir();
  return Array.from({ length: count }, (_, at) => makeContent(dir, `content-${at}`, fileBytes, at + 1));
}

/** A peer with these files in a folder. */
async function sharing(all: readonly TestContent[]): Promise<TestPeer> {
  const peer = await TestPeer.start();
  for (const [at, content] of all.entries()) peer.share(content, `/s/${at}`);
  return peer;
}

function expectAll(out: string, all: readonly TestContent[]): void {
  expect(readdirSync(out)).toEqual(['s']);
  for (const [at, { bytes }] of all.entries())
    expect(readFileSync(path.join(out, 's', String(at))).equals(bytes)).toBe(true);
}

describe('small files of a folder', () => {
  test('come from another who has them where the first one takes long, each once', async () => {
    const out = tempDir();
    const all = contents(150);
    await using first = await sharing(all);
    await using other = await TestPeer.start(all);
    await using leecher = await TestPeer.start();
    first.rates.set(slow);
    leecher.known.push(first.source, other.source, leecher.source);
    // Alone the first one would take longer than is waited here.
    const view = await leecher.ended(await leecher.downloadTree(first.source, '/s/', out));
    expect(view).toMatchObject({ state: 'done', files: { done: all.length }, usedSources: 2 });
    expect(view.fetchedBytes).toBe(all.length * fileBytes);
    expectAll(out, all);
    expect([...first.failures, ...other.failures, ...leecher.failures]).toEqual([]);
  });

  test('come from another when the first one is gone', async () => {
    const out = tempDir();
    const all = contents(20);
    await using other = await TestPeer.start(all);
    await using leecher = await TestPeer.start();
    let transfer = 0;
    {
      await using first = await sharing(all);
      first.rates.set(slow);
      transfer = await leecher.downloadTree(first.source, '/s/', out, { giveUpAfterMs: 60_000 });
      await until('some came', () => (leecher.views.get(transfer)?.fetchedBytes ?? 0) > fileBytes);
    }
    leecher.known.push(other.source);
    expect(await leecher.ended(transfer)).toMatchObject({
      state: 'done',
      files: { done: all.length, failed: 0 },
    });
    expectAll(out, all);
  });

  test('come from several others where each of them has a part', async () => {
    const out = tempDir();
    const all = contents(30);
    await using one = await TestPeer.start(all.slice(0, 15));
    await using other = await TestPeer.start(all.slice(15));
    await using leecher = await TestPeer.start();
    let transfer = 0;
    {
      await using first = await sharing(all);
      first.rates.set(slow);
      transfer = await leecher.downloadTree(first.source, '/s/', out);
      await until('some came', () => (leecher.views.get(transfer)?.fetchedBytes ?? 0) > fileBytes);
    }
    // The trackers say of both that they have everything: who has not says so, file by file.
    leecher.known.push(one.source, other.source);
    expect(await leecher.ended(transfer)).toMatchObject({ state: 'done', files: { done: all.length } });
    expectAll(out, all);
  });
});
