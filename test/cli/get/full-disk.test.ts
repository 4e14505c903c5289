import { describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fullDisk, fullDiskEvent, fullDiskLine } from '../../../src/cli/get/full-disk.ts';
import { partialPaths } from '../../../src/profile/open-partial.ts';
import { contentId } from '../fakes.ts';
import { SmallDisk } from '../../helpers/small-disk.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const mib = 1024 * 1024;

describe('a full disk', () => {
  const some = { disk: '/mnt/usb', freeBytes: 2 * mib, neededBytes: 10 * mib, missingBytes: 9 * mib };

  test('is told of with its place, what is needed, free and missing', () => {
    expect(fullDiskLine(some)).toBe(
      'The disk at /mnt/usb is full: 10 MiB are still to come, 2 MiB are free. With 9 MiB more the same command goes on.',
    );
    expect(fullDiskLine({ ...some, missingBytes: 0 })).toContain('was full');
    expect(fullDiskEvent(some)).toEqual({
      ...{ event: 'disk-full', disk: '/mnt/usb', free: 2 * mib, needed: 10 * mib, missing: 9 * mib },
    });
  });

  const { missing } = SmallDisk;
  (missing === undefined ? test : test.skip)(
    'is found from a folder that is not there yet, and some of it is left alone',
    async () => {
      const folder = tempDir();
      using disk = new SmallDisk(folder, 4);
      const found = await fullDisk(path.join(disk.path, 'not', 'there'), { sizeBytes: 8 * mib, ids: [] });
      expect(found).toMatchObject({ disk: folder, neededBytes: 8 * mib });
      const { freeBytes = 0, missingBytes = 0 } = found ?? {};
      expect(freeBytes).toBeGreaterThan(0);
      expect(freeBytes + missingBytes).toBe(Math.ceil(8 * mib + 4 * mib * 0.01));
    },
  );

  test('needs no room for what lies there already of what did not come', async () => {
    const folder = tempDir();
    const { part } = partialPaths(folder, contentId(1));
    mkdirSync(path.dirname(part));
    writeFileSync(part, Buffer.alloc(3 * mib, 1));
    const found = await fullDisk(folder, { sizeBytes: 8 * mib, ids: [contentId(1), contentId(2)] });
    expect(found?.neededBytes).toBe(5 * mib);
  });
});
