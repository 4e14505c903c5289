import { describe, expect, test } from '@jest/globals';
import { plainFile, type KnownFile } from '../../../../src/actors/peer/library/known-file.ts';
import { ShareTable, type TableChange } from '../../../../src/actors/peer/library/share-table.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import type { FoundFile } from '../../../../src/workers/found-files.ts';

const place = { root: '/d', filePath: '/d', path: '/s/' };
const [one, other] = ['content-1', 'content-2'] as ContentId[] as [ContentId, ContentId];

function found(sizeBytes: number): FoundFile {
  const times = { mtimeSeconds: 1, mtimeNs: 2, quietSinceMs: 3 };
  return { name: 'a', linkedTo: undefined, device: '1', inode: 4, sizeBytes, ...times };
}

function rig() {
  const changes: TableChange[] = [];
  const forgotten: KnownFile[] = [];
  const table = new ShareTable(
    (change) => changes.push(change),
    (file) => forgotten.push(file),
  );
  const see = (sizeBytes: number, walk: number): KnownFile => {
    const [sighting] = table.see(place, [found(sizeBytes)], walk);
    if (!sighting || !('file' in sighting)) throw new Error('Expected a file');
    return sighting.file;
  };
  return { table, changes, forgotten, see };
}

describe('the files of a share', () => {
  test('stay as others were told of them when the file on the disk changes', () => {
    const { table, changes, see } = rig();
    table.publish(see(5, 1), one);
    const changed = see(7, 2);
    expect(table.has(changed)).toBe(true);
    table.publish(changed, other);
    const told = changes.map(({ kind, file }) => [kind, plainFile(file)]);
    const [before, after] = [
      { id: one, path: '/s/a', sizeBytes: 5 },
      { id: other, path: '/s/a', sizeBytes: 7 },
    ];
    expect(told).toEqual([
      ['added', before],
      ['removed', before],
      ['added', after],
    ]);
    expect(table.withContent(one)).toEqual([]);
    expect(table.withContent(other)).toEqual([changed]);
    expect(table.root.publishedBytes).toBe(7);
  });

  test('are found by their content as long as one has it', () => {
    const { table, see } = rig();
    const first = see(5, 1);
    const second = see(5, 1);
    expect(second).toBe(first);
    const [sighting] = table.see(place, [{ ...found(5), name: 'b' }], 1);
    if (!sighting || !('file' in sighting)) throw new Error('Expected a file');
    table.publish(first, one);
    table.publish(sighting.file, one);
    expect(table.withContent(one)).toEqual([first, sighting.file]);
    table.unpublish(first);
    expect(table.withContent(one)).toEqual([sighting.file]);
    table.unpublish(sighting.file);
    expect(table.withContent(one)).toEqual([]);
  });

  test('keep how they were found when their content is not known any more', () => {
    const { table, see, changes } = rig();
    const file = see(5, 1);
    table.publish(file, one);
    const again = table.unpublish(file);
    expect(again).not.toBe(file);
    expect(again.id).toBeUndefined();
    expect(again.stamp).toEqual(file.stamp);
    expect(table.has(again)).toBe(true);
    expect(table.has(file)).toBe(false);
    expect(see(5, 2)).toBe(again);
    expect(changes.map(({ kind }) => kind)).toEqual(['added', 'removed']);
  });

  test('are told of once, however often they are found to be the same', () => {
    const { table, see, changes } = rig();
    const file = see(5, 1);
    table.publish(file, one);
    table.publish(see(5, 2), one);
    expect(changes).toHaveLength(1);
    expect(table.withContent(one)).toEqual([file]);
  });

  test('are forgotten when a walk has not found them', () => {
    const { table, see, changes, forgotten } = rig();
    const file = see(5, 1);
    table.publish(file, one);
    table.sweep('/s/', 2);
    expect(forgotten).toEqual([file]);
    expect(changes.map(({ kind }) => kind)).toEqual(['added', 'removed']);
    expect(table.has(file)).toBe(false);
    expect(table.withContent(one)).toEqual([]);
  });
});
