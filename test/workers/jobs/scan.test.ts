import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ShareWalk } from '../../../src/actors/peer/library/share-walk.ts';
import { scanFilesAtOnce } from '../../../src/core/limits/library.ts';
import type { Place } from '../../../src/core/share/place.ts';
import { lookAt } from '../../../src/workers/jobs/scan.ts';
import type { ScanOutput } from '../../../src/workers/contract.ts';
import { filesOf } from '../../../src/workers/found-files.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

function share(): Place {
  const root = tempDir();
  return { root, filePath: root, path: '/s/' };
}

describe('the scan job', () => {
  test('finds files with their stamps, and folders to look at next', () => {
    const place = share();
    const file = path.join(place.root, 'file');
    writeFileSync(file, 'x');
    mkdirSync(path.join(place.root, 'folder'));
    const { found, folders, skipped } = lookAt([{ place, name: undefined }]);
    const stats = statSync(file, { bigint: true });
    expect(found.map((each) => each.place)).toEqual([place]);
    expect(found.flatMap((each) => [...filesOf(each)])).toEqual([
      {
        name: 'file',
        linkedTo: undefined,
        device: String(stats.dev),
        inode: Number(stats.ino),
        sizeBytes: 1,
        mtimeSeconds: Number(stats.mtimeNs / 1_000_000_000n),
        mtimeNs: Number(stats.mtimeNs % 1_000_000_000n),
        quietSinceMs: Number(stats.ctimeMs),
      },
    ]);
    expect(folders).toEqual([
      { root: place.root, filePath: path.join(place.root, 'folder'), path: '/s/folder/' },
    ]);
    expect(skipped).toEqual([]);
  });

  test('leaves what it has no time for to the next job, as it was given', () => {
    const full = share();
    for (let at = 0; at < scanFilesAtOnce; at++) writeFileSync(path.join(full.root, `${at}`), '');
    const targets = [full, share(), share()].map((place) => ({ place, name: undefined }));
    const { found, read, left } = lookAt(targets);
    expect(found.map(({ names }) => names.length)).toEqual([scanFilesAtOnce]);
    expect(read).toEqual([full]);
    expect(left).toBe(2);
    const walk = new ShareWalk(1, true, targets);
    expect(walk.next()).toEqual(targets);
    walk.putBack(left);
    expect(walk.next()).toEqual(targets.slice(1));
    walk.putBack(0);
    expect(walk.next()).toEqual([]);
  });

  test('looks at single names, of which any may be gone', () => {
    const place = share();
    for (const name of ['a', 'b', '.c']) writeFileSync(path.join(place.root, name), 'x');
    const names = ['a', 'gone', '.c'].map((name) => ({ place, name }));
    const { found, skipped } = lookAt(names);
    expect(found.flatMap(({ names }) => names)).toEqual(['a']);
    expect(skipped).toEqual([]);
  });

  test('finds nothing through a folder that has become a link to elsewhere', () => {
    const place = share();
    const elsewhere = tempDir();
    writeFileSync(path.join(elsewhere, 'private'), 'x');
    symlinkSync(elsewhere, path.join(place.root, 'was-a-folder'));
    const below = { ...place, filePath: path.join(place.root, 'was-a-folder'), path: '/s/was-a-folder/' };
    for (const name of [undefined, 'private'])
      expect(lookAt([{ place: below, name }])).toMatchObject({ found: [], folders: [] });
  });

  test('explains a share that is not there, but no other folder', () => {
    const place = { ...share(), root: '/nonexistent', filePath: '/nonexistent' };
    expect(lookAt([{ place, name: undefined }]).skipped).toMatchObject([
      { path: '/s/', problem: { code: 'not-found' } },
    ]);
    const below = { ...place, filePath: '/nonexistent/x' };
    expect(lookAt([{ place: below, name: undefined }]).skipped).toEqual([]);
  });

  test('finds no path that is too long or too deep for others', () => {
    const place = share();
    writeFileSync(path.join(place.root, 'x'), 'x');
    const long = { ...place, path: `/${'long/'.repeat(300)}` };
    const deep = { ...place, path: `/${'d/'.repeat(64)}` };
    for (const each of [long, deep])
      expect(lookAt([{ place: each, name: undefined }])).toMatchObject({
        found: [],
        skipped: [{ problem: { code: 'bad-name' } }],
      });
  });

  test('reports what it may not read', () => {
    const place = share();
    for (const name of ['readable', 'secret']) writeFileSync(path.join(place.root, name), name);
    mkdirSync(path.join(place.root, 'closed'));
    chmodSync(place.root, 0o755);
    chmodSync(path.join(place.root, 'secret'), 0o000);
    chmodSync(path.join(place.root, 'closed'), 0o000);
    // Its names can be read, and nothing more.
    mkdirSync(path.join(place.root, 'locked', 'below'), { recursive: true });
    writeFileSync(path.join(place.root, 'locked', 'file'), '');
    chmodSync(path.join(place.root, 'locked'), 0o444);
    const { found, skipped } = lookAsNobody(place);
    // Who made them and is not root could not remove them otherwise.
    for (const name of ['closed', 'locked']) chmodSync(path.join(place.root, name), 0o700);
    expect(found.flatMap(({ names }) => names)).toEqual(['readable']);
    expect(new Set(skipped)).toEqual(
      new Set(
        ['/s/secret', '/s/closed/', '/s/locked/below', '/s/locked/file'].map((each) => ({
          path: each,
          problem: { code: 'io', message: 'Permission denied' },
        })),
      ),
    );
  });
});

/** Looks at a share and the folders in it in a process that is not root's, which may read anything. */
function lookAsNobody(place: Place): ScanOutput {
  const script = `
    import { lookAt } from ${JSON.stringify(new URL('../../../src/workers/jobs/scan.ts', import.meta.url).href)};
    const first = lookAt([{ place: ${JSON.stringify(place)}, name: undefined }]);
    const next = lookAt(first.folders.map((place) => ({ place, name: undefined })));
    console.log(JSON.stringify({ found: first.found, skipped: [...first.skipped, ...next.skipped] }));`;
  const isRoot = process.getuid?.() === 0;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    ...(isRoot && { uid: 65_534, gid: 65_534 }),
  });
  return JSON.parse(output) as ScanOutput;
}
