import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { plainFile } from '../../../../src/actors/peer/library/known-file.ts';
import type { LibraryArgs } from '../../../../src/actors/peer/library/library-parts.ts';
import { contentIdOf } from '../../../../src/content/content-id.ts';
import { ManifestHasher } from '../../../../src/content/manifest-hasher.ts';
import { stampOf } from '../../../../src/core/share/file-stamp.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import type { Manifest } from '../../../../src/core/swarm/manifest.ts';
import { readShareIndex } from '../../../../src/profile/share-index.ts';
import type { ScanJobs } from '../../../../src/workers/contract.ts';
import { createHashPool } from '../../../../src/workers/hash-pool.ts';
import { createPool, type Pool } from '../../../../src/workers/pool.ts';
import { localPool, quick, startLibrary, type Rig } from '../../../helpers/library.ts';
import { atRest, until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

let base: string;
let home: string;
let share: string;
const rigs: Rig[] = [];

beforeEach(() => {
  base = tempDir();
  home = path.join(base, 'home');
  share = path.join(base, 'share');
  mkdirSync(share);
});
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

function start(options: Partial<LibraryArgs> = {}, shares: readonly string[] = [share]): Rig {
  const rig = startLibrary(home, shares, options);
  rigs.push(rig);
  return rig;
}

async function stop(rig: Rig): Promise<void> {
  rigs.splice(rigs.indexOf(rig), 1);
  await rig.stop();
}

function write(name: string, bytes: string | Uint8Array = name): string {
  const file = path.join(share, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return file;
}

function manifestOf(text: string): Manifest {
  const bytes = new TextEncoder().encode(text);
  const hasher = new ManifestHasher(bytes.length);
  hasher.update(bytes);
  return hasher.finish();
}

const idOf = (text: string): ContentId => contentIdOf(manifestOf(text));

describe('a library', () => {
  test('shares the files in its folders, and says so to everybody', async () => {
    write('a.txt');
    write('sub/deep/b.txt', '');
    const rig = start();
    await rig.ready();
    const a = { id: idOf('a.txt'), path: '/share/a.txt', sizeBytes: 5 };
    const b = { id: idOf(''), path: '/share/sub/deep/b.txt', sizeBytes: 0 };
    expect(new Map(rig.known)).toEqual(new Map([a, b].map((file) => [file.path, file])));
    const told = rig.events.flatMap((event) => (event.type === 'shared' ? event.files : []));
    expect(told).toHaveLength(2);
    expect(told).toContainEqual(a);
    const state = await rig.ask({ type: 'share-state' });
    expect(state.map(plainFile)).toEqual(expect.arrayContaining([a, b]));
    expect(await rig.ask({ type: 'manifest', id: a.id })).toEqual({ ok: true, value: manifestOf('a.txt') });
    expect(await rig.ask({ type: 'open', id: a.id })).toEqual({
      ok: true,
      value: {
        filePath: path.join(share, 'a.txt'),
        sizeBytes: 5,
        pieceLength: 262_144,
        stamp: stampOf(statSync(path.join(share, 'a.txt'), { bigint: true })),
      },
    });
    expect(await rig.stats()).toEqual({
      files: 2,
      bytes: 5,
      hashing: { files: 0, bytes: 0 },
      scanned: true,
      skipped: 0,
      watching: true,
    });
    expect(await readShareIndex(home)).toEqual({ ok: true, value: [a, b] });
  });

  test('hashes on threads of a real pool', async () => {
    for (let index = 0; index < 200; index++) write(`${index % 7}/${index}`);
    const pool = createHashPool(2);
    const rig = start({ pool });
    await rig.ready();
    expect(rig.known.size).toBe(200);
    await pool.destroy();
  });

  test('does not answer for what it does not share', async () => {
    const rig = start();
    await rig.ready();
    const id = idOf('nothing');
    expect(await rig.ask({ type: 'open', id })).toMatchObject({ problem: { code: 'not-shared' } });
    expect(await rig.ask({ type: 'manifest', id })).toMatchObject({ problem: { code: 'not-shared' } });
  });

  test('tells a late subscriber that the scan is complete, and an unsubscribed one nothing', async () => {
    const rig = start();
    await rig.ready();
    const { length } = rig.changes;
    const late: unknown[] = [];
    const ref = { path: '/late', tell: (change: unknown) => void late.push(change), offer: () => true };
    rig.library.tell({ type: 'subscribe', ref });
    await until('being told', () => late.length === 1);
    rig.library.tell({ type: 'unsubscribe', ref });
    write('new');
    await until('news', () => rig.changes.length > length);
    expect(late).toEqual([{ type: 'share-scanned' }]);
  });

  test('gives folders of the same name different ones, and a folder given twice once', async () => {
    const other = path.join(base, 'other', 'share');
    mkdirSync(other, { recursive: true });
    writeFileSync(path.join(other, 'x'), 'x');
    write('y');
    const rig = start({}, [share, other, `${share}/`]);
    await rig.ready();
    await rig.shares('/share/y', '/share (2)/x');
  });

  test('shares a folder inside another share once, as a part of that', async () => {
    write('sub/x');
    const rig = start({}, [share, path.join(share, 'sub')]);
    await rig.ready();
    await rig.shares('/share/sub/x');
    write('sub/y');
    await rig.shares('/share/sub/x', '/share/sub/y');
  });
});

describe('what is not shared', () => {
  test('is what is hidden, what is no file, and what leads out of the share', async () => {
    write('plain');
    write('.hidden');
    write('.shoal/partial');
    write('sub/.git/config');
    execFileSync('mkfifo', [path.join(share, 'fifo')]);
    const outside = path.join(base, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'secret'), 'secret');
    symlinkSync(path.join(outside, 'secret'), path.join(share, 'link-out'));
    symlinkSync(outside, path.join(share, 'folder-out'));
    symlinkSync(share, path.join(share, 'loop'));
    symlinkSync('.hidden', path.join(share, 'link-hidden'));
    symlinkSync('nowhere', path.join(share, 'dangling'));
    symlinkSync('plain', path.join(share, 'link-in'));
    const rig = start();
    await rig.ready();
    await rig.shares('/share/plain', '/share/link-in');
    expect(new Set(rig.skipped())).toEqual(
      new Set(
        ['fifo', 'link-out', 'folder-out', 'loop', 'link-hidden', 'dangling'].map((x) => `/share/${x}`),
      ),
    );
    expect((await rig.stats()).skipped).toBe(6);
  });

  test('is a name that is not UTF-8, has control characters, or repeats another but for its spelling', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${share}/bad-`), Buffer.from([0xff])]), 'x');
    write('line\nbreak');
    write('caf\u00e9');
    write('cafe\u0301');
    write('replaced-\ufffd');
    const rig = start();
    await rig.ready();
    await rig.shares('/share/caf\u00e9', '/share/replaced-\ufffd');
    expect(new Set(rig.skipped())).toEqual(
      new Set(['/share/bad-\ufffd', '/share/line\nbreak', '/share/caf\u00e9']),
    );
  });

  test('is a share that is not there, until it is', async () => {
    rmSync(share, { recursive: true });
    const rig = start();
    await until('being told', () => rig.skipped().includes('/share/'));
    write('late');
    rig.library.tell({ type: 'rescan' });
    await rig.shares('/share/late');
    expect((await rig.stats()).skipped).toBe(0);
  });

  test('is a share that is moved away, until it is back', async () => {
    write('a/b');
    const rig = start();
    await rig.ready();
    renameSync(share, `${share}-away`);
    await rig.shares();
    expect(rig.skipped()).toEqual(['/share/']);
    renameSync(`${share}-away`, share);
    await rig.shares('/share/a/b');
    write('a/c');
    await rig.shares('/share/a/b', '/share/a/c');
  });

  test('is told once, however often it is found', async () => {
    symlinkSync('nowhere', path.join(share, 'dangling'));
    const rig = start();
    await rig.ready();
    const { length } = rig.changes;
    rig.library.tell({ type: 'rescan' });
    write('after');
    await until('the change', () => rig.changes.length > length);
    expect(rig.skipped()).toEqual(['/share/dangling']);
    unlinkSync(path.join(share, 'dangling'));
    await until('forgetting', async () => {
      rig.library.tell({ type: 'rescan' });
      return (await rig.stats()).skipped === 0;
    });
  });
});

describe('a watched share', () => {
  test('follows files that come, change and go', async () => {
    write('stays');
    const rig = start();
    await rig.ready();
    write('new');
    await rig.shares('/share/stays', '/share/new');
    write('new', 'changed');
    await until('the new content', () => rig.known.get('/share/new')?.id === idOf('changed'));
    unlinkSync(path.join(share, 'new'));
    await rig.shares('/share/stays');
    const told = (): unknown => rig.events.findLast(({ type }) => type === 'shared' || type === 'unshared');
    await until('everybody is told', () => rig.events.filter(({ type }) => type === 'unshared').length >= 1);
    expect(told()).toMatchObject({ type: 'unshared', files: [{ path: '/share/new' }] });
    await until('the index', async () => {
      const index = await readShareIndex(home);
      return index.ok && index.value.length === 1;
    });
  });

  test('follows folders that come, move and go, and what happens in them', async () => {
    const rig = start();
    await rig.ready();
    write('a/b/c');
    await rig.shares('/share/a/b/c');
    renameSync(path.join(share, 'a'), path.join(share, 'z'));
    await rig.shares('/share/z/b/c');
    write('z/b/d');
    await rig.shares('/share/z/b/c', '/share/z/b/d');
    rmSync(path.join(share, 'z/b'), { recursive: true });
    await rig.shares();
    write('z/b/again');
    await rig.shares('/share/z/b/again');
    write('z/b/more');
    await rig.shares('/share/z/b/again', '/share/z/b/more');
  });

  test('hashes nothing again that was renamed or moved', async () => {
    write('a/one');
    write('two');
    const rig = start();
    await rig.ready();
    expect(rig.hashed).toHaveLength(2);
    renameSync(path.join(share, 'two'), path.join(share, 'deux'));
    renameSync(path.join(share, 'a'), path.join(share, 'b'));
    await rig.shares('/share/deux', '/share/b/one');
    expect(rig.hashed).toHaveLength(2);
  });

  test('replaces a file by a folder and back', async () => {
    write('x');
    const rig = start();
    await rig.ready();
    unlinkSync(path.join(share, 'x'));
    write('x/y');
    await rig.shares('/share/x/y');
    rmSync(path.join(share, 'x'), { recursive: true });
    write('x', 'file again');
    await rig.shares('/share/x');
  });

  test.each([1, 2, 3])('comes to what is on the disk, whatever happened to it (seed %d)', async (seed) => {
    const rig = start();
    let state = seed;
    const below = (count: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % count;
    };
    const somewhere = (): string =>
      path.join(share, ...Array.from({ length: 1 + below(3) }, () => 'abc'.charAt(below(3))));
    const operations = [
      (at: string) => writeFileSync(at, `content ${below(5)}`),
      (at: string) => mkdirSync(at, { recursive: true }),
      (at: string) => renameSync(at, somewhere()),
      (at: string) => rmSync(at, { recursive: true }),
    ];
    for (let step = 0; step < 400; step++) {
      try {
        operations[below(operations.length)]?.(somewhere());
      } catch {
        // Most of what is tried at random is impossible.
      }
      // Looked at in the middle of it, and now and then until there is nothing more to see.
      if (below(4) === 0) for (let turns = below(200); turns > 0; turns--) await turn();
      if (below(20) === 0) await atRest(() => rig.hashed.length);
    }
    const onDisk = new Map(
      readdirSync(share, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => {
          const file = path.join(entry.parentPath, entry.name);
          return [`/share/${path.relative(share, file)}`, idOf(readFileSync(file, 'utf8'))];
        }),
    );
    await until('being the same', () => {
      const shared = [...rig.known.values()].map((file) => [file.path, file.id] as const);
      return shared.length === onDisk.size && shared.every(([at, id]) => onDisk.get(at) === id);
    });
    await rig.ready();
  });

  test('finds by scanning what was not watched', async () => {
    const rig = start({ timing: { ...quick, watchDebounceMs: 3_600_000 } });
    await rig.ready();
    write('unseen');
    rig.library.tell({ type: 'rescan' });
    await rig.shares('/share/unseen');
  });

  test('scans again by itself', async () => {
    const rig = start({ timing: { ...quick, watchDebounceMs: 3_600_000, rescanIntervalMs: 20 } });
    await rig.ready();
    write('unseen');
    await rig.shares('/share/unseen');
  });
});

describe('a file', () => {
  test('that grows is not published before it has been quiet', async () => {
    let nowMs = Date.now() + 3_600_000;
    // To this clock files have been quiet for an hour, and then hardly at all.
    const rig = start({ now: () => nowMs, timing: { ...quick, fileSettleMs: 1_000 } });
    await rig.ready();
    nowMs = Date.now();
    const file = write('growing', 'part');
    await until('waiting', async () => (await rig.stats()).hashing.files === 1);
    appendFileSync(file, ' and more');
    await until('seeing it grow', async () => (await rig.stats()).hashing.bytes === 13);
    expect(rig.hashed).toEqual([]);
    nowMs += 2_000;
    await until('the whole', () => rig.known.get('/share/growing')?.id === idOf('part and more'));
    expect(rig.hashed).toEqual([file]);
  });

  test('that changes while it is hashed is hashed again, and never published wrong', async () => {
    const file = write('busy', 'first');
    const hashed: string[] = [];
    let changes = 2;
    const pool = localPool(hashed, () => {
      if (changes-- > 0) writeFileSync(file, `version ${changes}`);
    });
    const rig = start({ pool });
    await rig.ready();
    await until('publication', () => rig.known.has('/share/busy'));
    expect(rig.known.get('/share/busy')?.id).toBe(idOf('version 0'));
    expect(
      rig.changes.flatMap((change) => (change.type === 'share-changed' ? change.added : [])),
    ).toHaveLength(1);
    expect(hashed.length).toBeGreaterThan(1);
  });

  test('whose thread dies is hashed by another', async () => {
    for (let index = 0; index < 20; index++) write(`file-${index}`, new Uint8Array(100_000 + index));
    const pool = createHashPool(1);
    const rig = start({ pool });
    await until('a thread', () => pool.threadIds().length > 0);
    for (const thread of pool.threadIds()) await pool.killThread(thread);
    await until('all files', () => rig.known.size === 20);
    await pool.destroy();
  });

  test('is found although the thread that scans dies', async () => {
    const scanner = createPool<ScanJobs>({
      name: 'scan',
      filename: new URL('../../../../src/workers/jobs/scan.ts', import.meta.url),
      threads: 1,
    });
    write('a/b');
    let kills = 2;
    const mortal: Pool<ScanJobs> = {
      ...scanner,
      async run(name, input) {
        const outcome = scanner.run(name, input);
        if (kills-- > 0) await scanner.killThread(scanner.threadIds()[0] ?? -1);
        return outcome;
      },
    };
    const rig = start({ scanner: mortal });
    await rig.ready();
    expect(kills).toBeLessThan(0);
    await rig.shares('/share/a/b');
    await scanner.destroy();
  });

  test('that was changed behind our back is not opened, and another with its content is', async () => {
    const first = write('first', 'same');
    write('second', 'same');
    const rig = start({ timing: { ...quick, watchDebounceMs: 3_600_000 } });
    await rig.ready();
    const id = idOf('same');
    const [before] = rig.known.values();
    expect(before?.id).toBe(id);
    writeFileSync(first, 'other');
    const opened = await rig.ask({ type: 'open', id });
    expect(opened).toMatchObject({ ok: true, value: { filePath: path.join(share, 'second') } });
    unlinkSync(path.join(share, 'second'));
    expect(await rig.ask({ type: 'open', id })).toMatchObject({ ok: false, problem: { code: 'stale' } });
  });

  test('found stale while it was served is unpublished at once, and hashed again in spite of its stamp', async () => {
    const file = write('rotten', 'good');
    utimesSync(file, 1_000, 1_000);
    const rig = start();
    await rig.ready();
    writeFileSync(file, 'evil');
    utimesSync(file, 1_000, 1_000);
    rig.library.tell({ type: 'stale', id: idOf('good'), reason: 'a piece did not match' });
    expect(await rig.ask({ type: 'open', id: idOf('good') })).toMatchObject({ ok: false });
    await until('the new content', () => rig.known.get('/share/rotten')?.id === idOf('evil'));
  });

  test('that was touched is told from one that is gone until it is known what it is', async () => {
    const file = write('touched', 'same');
    const gate = Promise.withResolvers<void>();
    let isHeld = false;
    const local = localPool([]);
    const held: LibraryArgs['pool'] = {
      ...local,
      run: async (...job) => {
        if (isHeld) await gate.promise;
        return local.run(...job);
      },
    };
    const rig = start({ pool: held });
    await rig.ready();
    isHeld = true;
    utimesSync(file, 1_000, 1_000);
    rig.library.tell({ type: 'stale', id: idOf('same'), reason: 'it was touched' });
    expect(await rig.ask({ type: 'open', id: idOf('same') })).toMatchObject({ problem: { code: 'stale' } });
    expect(await rig.ask({ type: 'open', id: idOf('other') })).toMatchObject({
      problem: { code: 'not-shared' },
    });
    gate.resolve();
    await until('it is shared again', async () => (await rig.ask({ type: 'open', id: idOf('same') })).ok);
    await rig.shares('/share/touched');
    unlinkSync(file);
    await until('it is shared no more', () => !rig.known.has('/share/touched'));
    expect(await rig.ask({ type: 'open', id: idOf('same') })).toMatchObject({
      problem: { code: 'not-shared' },
    });
  });

  test('that was downloaded is shared without being hashed', async () => {
    const rig = start({ timing: { ...quick, watchDebounceMs: 50 } });
    await rig.ready();
    const hidden = write('.shoal/partial', 'downloaded');
    const filePath = path.join(share, 'downloaded');
    const stamp = stampOf(lstatSync(hidden, { bigint: true }));
    rig.library.tell({
      type: 'adopt',
      filePath,
      id: idOf('downloaded'),
      manifest: manifestOf('downloaded'),
      stamp,
    });
    renameSync(hidden, filePath);
    await rig.shares('/share/downloaded');
    expect(rig.hashed).toEqual([]);
    expect(await rig.ask({ type: 'manifest', id: idOf('downloaded') })).toMatchObject({ ok: true });
  });
});

describe('a restart', () => {
  test('hashes nothing again, and corrects what was written down', async () => {
    for (let index = 0; index < 50; index++) write(`${index}`);
    const first = start();
    await first.ready();
    await stop(first);
    unlinkSync(path.join(share, '7'));
    renameSync(path.join(share, '8'), path.join(share, 'eight'));
    write('9', 'changed');
    const second = start();
    await second.ready();
    expect(second.hashed).toEqual([path.join(share, '9')]);
    expect(second.known.size).toBe(49);
    // What is written down is compared after everybody was told.
    await until('what is written down', async () => {
      const index = await readShareIndex(home);
      return isDeepStrictEqual(
        index.ok && new Set(index.value.map(({ path }) => path)),
        new Set(second.known.keys()),
      );
    });
  });

  test('has visitors come again soon until it has seen what is there', async () => {
    write('a');
    const first = start();
    await first.ready();
    await stop(first);
    const scan = createPool<ScanJobs>({
      name: 'scan',
      filename: new URL('../../../../src/workers/jobs/scan.ts', import.meta.url),
      threads: 1,
    });
    const gate = Promise.withResolvers<void>();
    const held: Pool<ScanJobs> = {
      ...scan,
      run: (...job) => gate.promise.then(() => scan.run(...job)),
    };
    const rig = start({ scanner: held });
    const id = idOf('a');
    const page = { type: 'list', path: '/share/', recursive: true, cursor: undefined, limit: 10 } as const;
    const early = [
      await rig.ask({ type: 'open', id }),
      await rig.ask({ type: 'manifest', id }),
      await rig.ask(page),
    ];
    expect(early).toMatchObject(early.map(() => ({ problem: { code: 'busy' } })));
    expect(await rig.ask({ type: 'open-all', ids: [id] })).toMatchObject({
      value: [{ problem: { code: 'busy' } }],
    });
    gate.resolve();
    await rig.ready();
    expect(await rig.ask({ type: 'open', id })).toMatchObject({ ok: true });
    expect(await rig.ask(page)).toMatchObject({ value: { entries: [{ path: '/share/a' }] } });
    expect(await rig.ask({ type: 'open', id: idOf('never there') })).toMatchObject({
      problem: { code: 'not-shared' },
    });
    await scan.destroy();
  });

  test('of the actor alone begins anew and comes to the same', async () => {
    write('a');
    const rig = start();
    await rig.ready();
    expect(rig.system.crash('/peer/library')).toBe(true);
    rig.resubscribe();
    await rig.ready();
    write('b');
    await rig.shares('/share/a', '/share/b');
    expect(rig.hashed).toEqual([path.join(share, 'a'), path.join(share, 'b')]);
    expect(rig.failures.splice(0)).toHaveLength(1);
  });
});

test('folders without files are listed for as long as they are on the disk', async () => {
  mkdirSync(path.join(share, 'full/empty'), { recursive: true });
  const rig = start();
  await rig.ready();
  const folders = async (): Promise<readonly string[]> => {
    const question = {
      type: 'list',
      path: '/share/',
      recursive: true,
      cursor: undefined,
      limit: 100,
    } as const;
    const page = await rig.ask(question);
    return page.ok ? page.value.entries.map(({ path }) => path) : [page.problem.code];
  };
  expect(await folders()).toEqual(['/share/full/', '/share/full/empty/']);
  rmSync(path.join(share, 'full/empty'), { recursive: true });
  mkdirSync(path.join(share, 'other'));
  await until('the change is seen', async () => (await folders()).join() === '/share/full/,/share/other/');
  rmSync(path.join(share, 'full'), { recursive: true });
  rmSync(path.join(share, 'other'), { recursive: true });
  await until('nothing is left', async () => (await folders()).length === 0);
});
