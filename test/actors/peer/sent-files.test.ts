import { expect, test } from '@jest/globals';
import { until } from '../../helpers/poll.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent } from '../../helpers/transfer.ts';

const MiB = 1024 * 1024;

test('every file that is sent is told of once, small or large, when it has gone', async () => {
  const dir = tempDir();
  await using seeder = await TestPeer.start();
  await using leecher = await TestPeer.start();
  const sizes = [...Array.from({ length: 600 }, (_, at) => 100 + at), 3 * MiB, 5 * MiB];
  const contents = sizes.map((size, at) => makeContent(dir, `content-${at}`, size, at + 1));
  for (const [at, content] of contents.entries()) seeder.share(content, `/s/${at}`);
  const transfer = await leecher.downloadTree(seeder.source, '/s/', tempDir());
  expect(await leecher.ended(transfer)).toMatchObject({ state: 'done' });
  const expected = contents.map(({ id }) => id).toSorted();
  await until('all are told', () => seeder.sent.length >= expected.length);
  expect(seeder.sent.toSorted()).toEqual(expected);
  await leecher.system.stop();
  await until('it has left', () => [...seeder.uploads.values()].every(({ state }) => state === 'done'));
  expect(seeder.sent).toHaveLength(expected.length);
});

test('a file of which a part was sent is told of when the connection is over', async () => {
  const dir = tempDir();
  const content = makeContent(dir, 'a', 24 * MiB);
  await using seeder = await TestPeer.start([content]);
  // Slow enough to be met on the way, however late that is.
  seeder.rates.set({ uploadBytesPerSecond: 50_000, downloadBytesPerSecond: 0, limitsLan: true });
  await using leecher = await TestPeer.start();
  const transfer = await leecher.download(content, tempDir(), [seeder.source]);
  await until('some has come', () => (leecher.views.get(transfer)?.fetchedBytes ?? 0) > 0);
  expect(seeder.sent).toEqual([]);
  await leecher.system.stop();
  await until('it is told', () => seeder.sent.length > 0);
  expect(seeder.sent).toEqual([content.id]);
});
