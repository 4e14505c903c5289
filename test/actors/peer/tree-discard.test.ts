/** A folder that is taken off the disk while somebody still has it open. */
import { expect, test } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createRecord, isOfKind } from '../../../src/actors/peer/transfer-record.ts';
import { discardTree } from '../../../src/actors/peer/tree-disk.ts';
import { TestPeer } from '../../helpers/peers.ts';
import { until } from '../../helpers/poll.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeContent } from '../../helpers/transfer.ts';

const MiB = 1024 * 1024;

test('what was fetched goes once whoever has the folder open lets go of it', async () => {
  const out = tempDir();
  await using seeder = await TestPeer.start();
  await using leecher = await TestPeer.start();
  seeder.share(makeContent(tempDir(), 'a', 16 * MiB), '/s/a');
  const transfer = await leecher.downloadTree(seeder.source, '/s/', out, { bytesPerSecond: MiB });
  const hidden = path.join(out, '.shoal');
  const partials = (): string[] =>
    existsSync(hidden) ? readdirSync(hidden).filter((name) => name.endsWith('.part')) : [];
  await until('some of it lies there', () => partials().length > 0);
  const target = { kind: 'tree', source: seeder.source, path: '/s/' } as const;
  const record = createRecord(1, { target, outDir: out, bytesPerSecond: 0 }, 0);
  if (!isOfKind(record, 'tree')) throw new Error('It is a folder');
  const discarded = discardTree(record);
  leecher.refs.downloads?.tell({ type: 'remove', transfers: [transfer], deletesData: false });
  await discarded;
  expect(existsSync(hidden)).toBe(false);
});
