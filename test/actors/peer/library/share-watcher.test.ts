import { describe, expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { watch } from 'node:fs';
import { ShareWatcher } from '../../../../src/actors/peer/library/share-watcher.ts';
import { maxDirtyNames } from '../../../../src/core/limits/library.ts';
import type { Place } from '../../../../src/core/share/place.ts';

const place = (path: string): Place => ({ root: '/disk', filePath: `/disk${path}`, path });

class FakeWatch extends EventEmitter {
  isClosed = false;
  close(): void {
    this.isClosed = true;
  }
}

/** Fake watches by the folder on the disk; after `room` of them the system refuses. */
function setUp(room = Infinity): {
  watcher: ShareWatcher;
  watches: Map<string, FakeWatch[]>;
  told: string[];
} {
  const watches = new Map<string, FakeWatch[]>();
  const told: string[] = [];
  let made = 0;
  const fake: unknown = (folder: string) => {
    if (made++ >= room) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const watch = new FakeWatch();
    watches.set(folder, [...(watches.get(folder) ?? []), watch]);
    return watch;
  };
  const events = { onDirty: () => void told.push('dirty'), onLimit: () => void told.push('limit') };
  return { watcher: new ShareWatcher(events, fake as typeof watch), watches, told };
}

describe('a watcher', () => {
  test('collects changed names until they are taken, and tells once', () => {
    const { watcher, watches, told } = setUp();
    watcher.enter(place('/s/'), 1);
    const [watch] = watches.get('/disk/s/') ?? [];
    for (const name of ['a', 'b', 'a']) watch?.emit('change', 'rename', name);
    expect(told).toEqual(['dirty']);
    expect(watcher.takeDirty().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(watcher.takeDirty()).toEqual([]);
    watch?.emit('change', 'change', null);
    expect(told).toEqual(['dirty', 'dirty']);
    expect(watcher.takeDirty()).toEqual([{ place: place('/s/'), name: undefined }]);
  });

  test('looks at the whole folder when too many names in it change', () => {
    const { watcher } = setUp();
    for (let index = 0; index <= maxDirtyNames; index++) watcher.mark(place('/s/'), String(index));
    expect(watcher.takeDirty()).toEqual([{ place: place('/s/'), name: undefined }]);
  });

  test('says once that the system allows no more, and keeps what it has', () => {
    const { watcher, watches, told } = setUp(1);
    for (const path of ['/s/', '/s/a/', '/s/b/']) watcher.enter(place(path), 1);
    expect(told).toEqual(['limit']);
    expect(watcher.isComplete).toBe(false);
    watches.get('/disk/s/')?.[0]?.emit('change', 'rename', 'x');
    expect(watcher.takeDirty()).toHaveLength(1);
  });

  test('watches a folder anew each time it is entered, and lets go of those that are gone', () => {
    const { watcher, watches } = setUp();
    for (const path of ['/s/', '/s/a/', '/s/a/b/', '/s/ab/']) watcher.enter(place(path), 1);
    watcher.enter(place('/s/'), 2);
    expect(watches.get('/disk/s/')?.map(({ isClosed }) => isClosed)).toEqual([true, false]);
    watcher.sweep(2, '/s/a/');
    const open = (): string[] =>
      [...watches].filter(([, all]) => all.some(({ isClosed }) => !isClosed)).map(([folder]) => folder);
    expect(open()).toEqual(['/disk/s/', '/disk/s/ab/']);
    watcher.sweep(2);
    expect(open()).toEqual(['/disk/s/']);
    watcher.close();
    expect(open()).toEqual([]);
  });

  test('survives a watch that fails', () => {
    const { watcher, watches } = setUp();
    watcher.enter(place('/s/'), 1);
    const [watch] = watches.get('/disk/s/') ?? [];
    watch?.emit('error', new Error('gone'));
    expect(watch?.isClosed).toBe(true);
  });
});
