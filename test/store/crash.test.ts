import { afterAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { arrival, file, find, peer, share, stateOf, value } from './files.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-crash-'));
afterAll(() => rmSync(folder, { recursive: true }));

const batchSize = 200;

/** Starts the writer and kills it as soon as it has said that so many batches are in. Returns how many were. */
async function killAfter(path: string, batches: number): Promise<number> {
  const writer = fileURLToPath(new URL('./crash-writer.ts', import.meta.url));
  const child = spawn(process.execPath, [writer, path, String(batchSize)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let done = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    done = Number(line) + 1;
    if (done === batches) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  expect(child.signalCode).toBe('SIGKILL');
  return done;
}

test.each([1, 3, 8])(
  'a process killed after %d batches loses none of them and half of none',
  async (batches) => {
    const path = join(folder, `killed-${batches}.sqlite`);
    const done = await killAfter(path, batches);
    const store = await SqliteStore.open(path, 5);
    expect(await store.stats()).toMatchObject({ peersOnline: 0, peersKnown: 1 });
    expect(await find(store, 'batch')).toEqual([]);
    const known = value(await store.attach(arrival('alice'), 6));
    // The one that was running when it died may be in as well, but only as a whole.
    expect(known.count % batchSize).toBe(0);
    expect(known.count).toBeGreaterThanOrEqual(done * batchSize);
    const files = Array.from({ length: known.count / batchSize }, (_, batch) =>
      Array.from({ length: batchSize }, (_, at) => file(`/a/batch ${batch} file ${at}.txt`, at)),
    ).flat();
    expect(value(await store.commit(peer('alice'), stateOf(files))).count).toBe(files.length);
    expect(await find(store, `batch ${done - 1} file ${batchSize - 1} `)).toEqual([
      `batch ${done - 1} file ${batchSize - 1}.txt`,
    ]);
    await store.close();
  },
);

test('after a restart nobody is online, and who comes back finds its share as it was', async () => {
  const path = join(folder, 'restart.sqlite');
  const before = await SqliteStore.open(path, 0);
  const files = [file('/a/apple.txt'), file('/a/pear.txt')];
  await share(before, 'alice', ...files);
  await share(before, 'bob', file('/a/apple.txt'));
  value(await before.commit(peer('alice'), stateOf(files, 4)));
  await before.close();
  const after = await SqliteStore.open(path, 100);
  expect(await after.stats()).toEqual({ peersOnline: 0, peersKnown: 2, files: 2, shares: 3 });
  expect(await find(after, 'apple')).toEqual([]);
  expect(value(await after.attach(arrival('alice'), 101)).generation).toBe(4);
  expect(await find(after, 'apple')).toEqual(['apple.txt']);
  expect((await after.sweep({ leftBeforeMs: 100, maxRows: 99 })).peers).toBe(0);
  expect((await after.sweep({ leftBeforeMs: 101, maxRows: 99 })).peers).toBe(1);
  await after.close();
});
