import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LibraryArgs } from '../../../../src/actors/peer/library/library-parts.ts';
import type { ShareEntry, ShareView } from '../../../../src/core/engine/engine-api.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import { Revocations } from '../../../../src/core/uploads/revocations.ts';
import type { HashJobs } from '../../../../src/workers/contract.ts';
import type { Pool } from '../../../../src/workers/pool.ts';
import { localPool, quick, startLibrary, type Rig } from '../../../helpers/library.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';

let base: string;
let home: string;
const rigs: Rig[] = [];

beforeEach(() => {
  base = realpathSync(tempDir());
  home = path.join(base, 'home');
});
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

function start(shares: readonly string[], options: Partial<LibraryArgs> = {}): Rig {
  const rig = startLibrary(home, shares, options);
  rigs.push(rig);
  return rig;
}

function write(name: string, text = name): string {
  const file = path.join(base, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function lastViews(rig: Rig): readonly ShareView[] {
  const event = rig.events.findLast(({ type }) => type === 'shares');
  return event?.type === 'shares' ? event.shares : [];
}

async function viewBecomes(rig: Rig, name: string, expected: Partial<ShareView>): Promise<void> {
  await until(`${name} is ${JSON.stringify(expected)}`, () => {
    const view = lastViews(rig).find((share) => share.name === name);
    return Object.entries(expected).every(([key, value]) => view?.[key as keyof ShareView] === value);
  });
}

/** Hashes nothing before the gate is open. */
function poolBehind(gate: Promise<void>): Pool<HashJobs> {
  const pool = localPool([]);
  return {
    ...pool,
    async run(...args) {
      await gate;
      return pool.run(...args);
    },
  };
}

describe('a shared folder', () => {
  test('is added and removed while the library runs, and nothing of it is touched', async () => {
    write('one/a');
    const file = write('two/sub/b');
    const rig = start([path.join(base, 'one')]);
    await rig.shares('/one/a');
    const folder = path.join(base, 'two');
    expect(await rig.ask({ type: 'add-share', folder })).toEqual({ ok: true, value: undefined });
    await rig.shares('/one/a', '/two/sub/b');
    write('two/sub/c');
    await rig.shares('/one/a', '/two/sub/b', '/two/sub/c');
    expect(await rig.ask({ type: 'remove-share', folder })).toEqual({ ok: true, value: undefined });
    await rig.shares('/one/a');
    write('two/sub/d');
    expect(await rig.ask({ type: 'remove-share', folder })).toMatchObject({
      ok: false,
      problem: { code: 'not-found' },
    });
    expect(existsSync(file)).toBe(true);
    await viewBecomes(rig, 'one', { state: 'watching', files: 1 });
    expect(lastViews(rig).map(({ name }) => name)).toEqual(['one']);
  });

  test('that is removed, or a file of it, is asked for anew by who has files of it open', async () => {
    const revocations = new Revocations();
    const file = write('one/a');
    write('one/b');
    write('two/c');
    const rig = start([path.join(base, 'one'), path.join(base, 'two')], { revocations });
    await rig.shares('/one/a', '/one/b', '/two/c');
    expect(revocations.count).toBe(0);
    rmSync(file);
    await rig.shares('/one/b', '/two/c');
    expect(revocations.count).toBe(1);
    await rig.ask({ type: 'remove-share', folder: path.join(base, 'two') });
    expect(revocations.count).toBe(2);
  });

  test('that was added is shared after the next start too, that was removed is not', async () => {
    write('one/a');
    write('two/b');
    write('three/c');
    const first = start([path.join(base, 'one')]);
    for (const name of ['two', 'three'])
      await first.ask({ type: 'add-share', folder: path.join(base, name) });
    await first.shares('/one/a', '/two/b', '/three/c');
    await first.ask({ type: 'remove-share', folder: path.join(base, 'three') });
    await first.shares('/one/a', '/two/b');
    rigs.pop();
    await first.stop();
    const second = start([path.join(base, 'one')]);
    await second.ready();
    await second.shares('/one/a', '/two/b');
    expect(second.hashed).toEqual([]);
  });

  test('is not added when it overlaps another', async () => {
    write('one/sub/a');
    const rig = start([path.join(base, 'one')]);
    await rig.shares('/one/sub/a');
    const answer = await rig.ask({ type: 'add-share', folder: path.join(base, 'one', 'sub') });
    expect(answer).toMatchObject({ ok: false, problem: { code: 'bad-request' } });
    expect(await rig.ask({ type: 'shares' })).toHaveLength(1);
  });

  test('that was removed is not published by what was under way for it', async () => {
    write('one/a');
    write('two/b');
    const gate = Promise.withResolvers<void>();
    const rig = start([path.join(base, 'one'), path.join(base, 'two')], { pool: poolBehind(gate.promise) });
    await viewBecomes(rig, 'two', { state: 'hashing' });
    await rig.ask({ type: 'remove-share', folder: path.join(base, 'two') });
    gate.resolve();
    await rig.shares('/one/a');
    await until('hashing is over', async () => (await rig.stats()).hashing.files === 0);
    expect([...rig.known.keys()]).toEqual(['/one/a']);
  });

  test('is seen being scanned and hashed, then watched; gone, it failed and says why; back, it is watched', async () => {
    write('one/a', 'abc');
    const gate = Promise.withResolvers<void>();
    const one = path.join(base, 'one');
    const rig = start([one], { pool: poolBehind(gate.promise) });
    expect(await rig.ask({ type: 'shares' })).toMatchObject([{ folder: one, name: 'one', files: 0 }]);
    await viewBecomes(rig, 'one', { state: 'hashing' });
    expect(lastViews(rig)).toMatchObject([{ hashing: { files: 1, bytes: 3 }, problem: undefined }]);
    gate.resolve();
    await viewBecomes(rig, 'one', { state: 'watching', files: 1, bytes: 3 });
    const scannedMs = lastViews(rig)[0]?.scannedMs ?? 0;
    expect(scannedMs).toBeGreaterThan(0);
    renameSync(one, `${one}-away`);
    await viewBecomes(rig, 'one', { state: 'failed' });
    expect(lastViews(rig)[0]?.problem?.code).toBe('not-found');
    renameSync(`${one}-away`, one);
    await viewBecomes(rig, 'one', { state: 'watching', files: 1, problem: undefined });
  });

  test('is looked through again when asked, alone or with the others', async () => {
    write('one/a');
    write('two/b');
    let nowMs = Date.now() + 1_000_000;
    const [one, two] = [path.join(base, 'one'), path.join(base, 'two')];
    const rig = start([one, two], { now: () => nowMs });
    await rig.ready();
    const scanned = async (): Promise<(number | undefined)[]> =>
      (await rig.ask({ type: 'shares' })).map(({ scannedMs }) => scannedMs);
    const first = nowMs;
    await until('both are scanned', async () => (await scanned()).every((ms) => ms === first));
    nowMs += 10;
    rig.library.tell({ type: 'rescan', folder: two });
    await until('two is scanned', async () => (await scanned())[1] === nowMs);
    expect((await scanned())[0]).toBe(first);
    nowMs += 10;
    rig.library.tell({ type: 'rescan' });
    await until('both are scanned again', async () => (await scanned()).every((ms) => ms === nowMs));
    rig.library.tell({ type: 'rescan', folder: '/nowhere' });
    expect((await rig.ask({ type: 'shares' })).map(({ state }) => state)).toEqual(['watching', 'watching']);
  });

  test('is told of seldom, however much happens', async () => {
    for (let at = 0; at < 200; at++) write(`one/${at}`);
    const rig = start([path.join(base, 'one')], { timing: { ...quick, shareViewMs: 3_600_000 } });
    await rig.ready();
    expect(rig.events.filter(({ type }) => type === 'shares')).toEqual([]);
  });
});

describe('what others got of the share', () => {
  async function entries(rig: Rig, at: string): Promise<readonly ShareEntry[]> {
    const answer = await rig.ask({ type: 'share-entries', path: at });
    if (!answer.ok) throw new Error(answer.problem.message);
    return answer.value;
  }

  test('is counted by content, and summed up for folders', async () => {
    write('one/a', 'aaaa');
    write('one/sub/b', 'bb');
    write('one/sub/c', 'aaaa');
    const rig = start([path.join(base, 'one')]);
    await rig.ready();
    const idOf = (at: string): ContentId => rig.known.get(at)?.id ?? ('' as ContentId);
    rig.library.tell({
      type: 'sent',
      parts: [
        { id: idOf('/one/a'), bytes: 3, isFirst: true },
        { id: idOf('/one/a'), bytes: 1, isFirst: false },
        { id: idOf('/one/sub/b'), bytes: 2, isFirst: true },
      ],
    });
    expect(await entries(rig, '/')).toMatchObject([
      { kind: 'folder', path: '/one/', files: 3, sentBytes: 10, timesSent: 3 },
    ]);
    expect(await entries(rig, '/one/')).toMatchObject([
      { kind: 'folder', path: '/one/sub/', sizeBytes: 6, sentBytes: 6, timesSent: 2 },
      { kind: 'file', path: '/one/a', sizeBytes: 4, sentBytes: 4, timesSent: 1 },
    ]);
    rmSync(path.join(base, 'one', 'a'));
    await rig.shares('/one/sub/b', '/one/sub/c');
    expect(await entries(rig, '/one/sub/')).toMatchObject([
      { path: '/one/sub/b', sentBytes: 2, timesSent: 1 },
      { path: '/one/sub/c', sentBytes: 4, timesSent: 1 },
    ]);
    expect(await rig.ask({ type: 'share-entries', path: '/nowhere/' })).toMatchObject({ ok: false });
  });
});
