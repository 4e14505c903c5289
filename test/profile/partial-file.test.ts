import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { tryLock } from '../../src/profile/file-lock.ts';
import { makeFolders, placeFile } from '../../src/profile/place-file.ts';
import { leftManifest } from '../../src/profile/left-partial.ts';
import { PartialFile } from '../../src/profile/partial-file.ts';
import { piecesOf, toRanges, type PieceRange } from '../../src/core/swarm/piece-ranges.ts';
import { readDoubted, reviewPartial, type Check } from '../../src/profile/review-partial.ts';
import { FakeDisk } from '../helpers/fake-disk.ts';
import { until } from '../helpers/poll.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { makeContent } from '../helpers/transfer.ts';

const MiB = 1024 * 1024;

async function opened(out: string, content = makeContent(tempDir(), 'a', 2 * MiB)): Promise<PartialFile> {
  const result = await PartialFile.open(out, content.id, content.manifest);
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

/** As though all its pieces had come. */
function filled(partial: PartialFile): PartialFile {
  for (let piece = 0; piece < partial.have.length; piece++) partial.add(piece);
  return partial;
}

describe('a partial file', () => {
  test('has the full size from the start, and nothing is claimed of it', async () => {
    const out = tempDir();
    const partial = await opened(out);
    expect(readFileSync(partial.path)).toHaveLength(2 * MiB);
    expect([partial.trust, partial.unflushedPieces, partial.keptBytes]).toEqual(['new', 0, 0]);
    expect(partial.have.count).toBe(0);
    await partial.discard();
    expect(readdirSync(out)).toEqual([]);
  });

  test('ends once, however often it is ended at the same time', async () => {
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    for (const end of ['close', 'discard'] as const) {
      const out = tempDir();
      const partial = filled(await opened(out, content));
      const [finished] = await Promise.all([partial.finish([], 'a'), partial[end](false)]);
      expect(finished).toEqual({ ok: true, value: path.join(out, 'a') });
      expect(readdirSync(out)).toEqual(['a']);
    }
    const partial = await opened(tempDir(), content);
    await partial.close(true);
    expect(await partial.finish([], 'a')).toMatchObject({ ok: false, problem: { code: 'closed' } });
  });

  test('remembers what was added, and that it ended in order', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    const first = await opened(out, content);
    expect([first.add(1), first.add(5), first.add(5)]).toEqual([true, true, false]);
    await first.close(true);
    const second = await opened(out, content);
    expect(second.trust).toBe('clean');
    expect([...second.have.ranges()]).toEqual([
      { start: 1, end: 2 },
      { start: 5, end: 6 },
    ]);
    expect(await leftManifest(out, content.id)).toEqual(content.manifest);
    await second.close(false);
    const third = await opened(out, content);
    expect(third.trust).toBe('unclean');
    await third.discard();
  });

  test('claims nothing that was added after the last flush when it is killed', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    const partial = await opened(out, content);
    partial.add(0);
    await partial.flush();
    partial.add(1);
    const claims = path.join(out, '.shoal', `${content.id}.have`);
    const afterFlush = readFileSync(claims);
    await partial.close(false);
    // As the disk was before the close.
    writeFileSync(claims, afterFlush);
    const next = await opened(out, content);
    expect(next.trust).toBe('unclean');
    expect([next.claimed.has(0), next.claimed.has(1)]).toEqual([true, false]);
    // Nobody knows what has become of it since.
    expect([next.have.has(0), next.doubted.has(0)]).toEqual([false, true]);
    await next.discard();
  });

  test('of a run that was killed has only what was read, and keeps the rest in doubt over further runs', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 20 * MiB);
    const first = await opened(out, content);
    writeFileSync(first.path, content.bytes, { flag: 'r+' });
    await filled(first).close(false);
    const second = await opened(out, content);
    const read: number[] = [];
    const check: Check = async (ranges) => {
      read.push(...piecesOf(ranges));
      return { ok: true, value: ranges };
    };
    expect(await reviewPartial(second, check)).toMatchObject({ ok: true });
    // The first piece is in no sample.
    expect([second.have.count, second.have.has(0), second.doubted.has(0)]).toEqual([64, false, true]);
    expect(read).toHaveLength(64);
    expect(second.keptBytes).toBe(20 * MiB);
    expect(await second.finish([], 'a')).toMatchObject({ ok: false });
    // Whoever closes it quietly has not read it either.
    await second.close(true);
    const third = await opened(out, content);
    expect([third.trust, third.doubted.count]).toEqual(['unclean', 80]);
    expect(await reviewPartial(third, check)).toMatchObject({ ok: true });
    const wrong: Check = async (ranges) => {
      const right = [...piecesOf(ranges)].filter((piece) => piece !== 5);
      return { ok: true, value: toRanges(right) };
    };
    expect(await readDoubted(third, 2, wrong)).toEqual({ ok: true, value: [5] });
    expect([third.have.has(0), third.claimed.has(5), third.doubted.count]).toEqual([true, false, 14]);
    expect(await readDoubted(third, 100, wrong)).toEqual({ ok: true, value: [] });
    expect([third.isInDoubt, third.have.count]).toEqual([false, 79]);
    third.add(5);
    expect(await third.finish([], 'a')).toMatchObject({ ok: true });
  });

  test('is in doubt when it was written to and its old time put back', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    const first = await opened(out, content);
    utimesSync(first.path, 1, 1);
    await filled(first).close(true);
    writeFileSync(first.path, content.bytes.toReversed(), { flag: 'r+' });
    utimesSync(first.path, 1, 1);
    const second = await opened(out, content);
    expect([second.trust, second.have.count, second.doubted.count]).toEqual(['unclean', 0, 8]);
    await second.discard();
  });

  test('has what was written and not told of when it ends, once nobody writes any more', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    const first = await opened(out, content);
    const gone = first.writers.begin();
    const settled = first.settle();
    first.writers.wrote(3);
    gone();
    expect(await settled).toBe(true);
    await first.close(true);
    const second = await opened(out, content);
    expect([second.trust, ...second.have.ranges()]).toEqual(['clean', { start: 3, end: 4 }]);
    await second.discard();
  });

  test('of which somebody else has spoiled a piece has no piece that the next run need not read', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    const first = await opened(out, content);
    for (const piece of [0, 3]) {
      first.writers.wrote(piece);
      first.add(piece);
    }
    first.remove(3);
    expect(await first.settle()).toBe(true);
    expect([first.have.has(0), first.have.has(3)]).toEqual([true, false]);
    await first.close(true);
    const second = await opened(out, content);
    expect([second.trust, ...second.doubted.ranges()]).toEqual(['unclean', { start: 0, end: 1 }]);
    await second.discard();
  });

  test('gets its name once those that write to it have stopped, which they are told to', async () => {
    const out = tempDir();
    const partial = filled(await opened(out));
    const gone = partial.writers.begin();
    const finishing = partial.finish([], 'a');
    await until('they are told', () => partial.writers.haveEnded);
    for (let looks = 0; looks < 20; looks++) expect(await partial.allocatedBytes()).toBeGreaterThanOrEqual(0);
    expect(readdirSync(out)).not.toContain('a');
    gone();
    expect(await finishing).toMatchObject({ ok: true });
    expect(readdirSync(out)).toEqual(['a']);
  });

  test('is believed in nothing when it is not as it was left, and keeps its bytes', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    for (const damage of ['journal', 'no journal', 'size', 'bytes', 'copy'] as const) {
      const partial = await opened(out, content);
      writeFileSync(partial.path, content.bytes);
      // What comes later is later by its time, however coarse the clock of the file system is.
      utimesSync(partial.path, 1, 1);
      partial.add(3);
      await partial.close(true);
      const journal = path.join(out, '.shoal', `${content.id}.have`);
      if (damage === 'size') truncateSync(partial.path, MiB);
      else if (damage === 'journal') writeFileSync(journal, Buffer.alloc(readFileSync(journal).length, 7));
      else if (damage === 'no journal') rmSync(journal);
      else if (damage === 'bytes') writeFileSync(partial.path, content.bytes);
      else {
        copyFileSync(partial.path, `${partial.path}.copy`);
        renameSync(`${partial.path}.copy`, partial.path);
      }
      const next = await opened(out, content);
      expect([damage, next.trust, next.have.count]).toEqual([damage, 'doubtful', 0]);
      expect(readFileSync(next.path).subarray(0, MiB).equals(content.bytes.subarray(0, MiB))).toBe(true);
      expect(readFileSync(next.path)).toHaveLength(2 * MiB);
      await next.discard();
    }
  });

  test('says so when it was removed or replaced while it is open, and has no more than was flushed', async () => {
    for (const how of ['removed', 'replaced', 'truncated'] as const) {
      const out = tempDir();
      const partial = await opened(out);
      partial.add(1);
      expect(await partial.flush()).toMatchObject({ ok: true });
      partial.add(2);
      if (how === 'truncated') truncateSync(partial.path, 5);
      else rmSync(partial.path);
      if (how === 'replaced') writeFileSync(partial.path, Buffer.alloc(2 * MiB));
      const code = how === 'removed' ? 'not-found' : 'io';
      expect(await partial.flush()).toMatchObject({ ok: false, problem: { code } });
      expect([...partial.have.ranges()]).toEqual([{ start: 1, end: 2 }]);
      expect(await partial.finish([], 'a')).toMatchObject({ ok: false, problem: { code } });
      await partial.close(false);
    }
  });

  test('believes nothing that could not be flushed, though it reads back as it was written', async () => {
    for (const [fault, code] of [
      ['EIO', 'io'],
      ['EDQUOT', 'disk-full'],
      ['ENOSPC', 'disk-full'],
      ['EROFS', 'io'],
    ] as const) {
      const fake = new FakeDisk();
      await fake.disk.mkdir('/out');
      const { id, manifest, bytes } = makeContent(tempDir(), 'a', 2 * MiB);
      const first = await PartialFile.open('/out', id, manifest, fake.disk);
      if (!first.ok) throw new Error(first.problem.message);
      const file = await fake.disk.open(first.value.path, 'r+');
      await file.write(bytes, 0, bytes.length, 0);
      first.value.add(0);
      expect(await first.value.flush()).toMatchObject({ ok: true });
      expect(first.value.keptBytes).toBe(256 * 1024);
      for (let piece = 1; piece < 8; piece++) first.value.add(piece);
      fake.flushFault = fault;
      expect(await first.value.flush()).toMatchObject({ ok: false, problem: { code } });
      fake.flushFault = undefined;
      await first.value.close(false);
      // Somebody who was not waited for.
      await file.write(bytes, 0, bytes.length, 0);
      // Nor is it looked for by the one after the next, however that one ends.
      const between = await PartialFile.open('/out', id, manifest, fake.disk);
      if (!between.ok) throw new Error(between.problem.message);
      await between.value.close(false);
      const second = await PartialFile.open('/out', id, manifest, fake.disk);
      if (!second.ok) throw new Error(second.problem.message);
      const asked: PieceRange[] = [];
      const reviewed = await reviewPartial(second.value, async (ranges) => {
        asked.push(...ranges);
        return { ok: true, value: ranges };
      });
      expect([reviewed.ok, asked]).toEqual([true, [{ first: 0, count: 1 }]]);
      expect([...second.value.have.ranges()]).toEqual([{ start: 0, end: 1 }]);
      await second.value.discard();
    }
  });

  test('gets no name while a piece is missing, nor after a flush failed that was under way', async () => {
    const short = await opened(tempDir());
    short.add(0);
    expect(await short.finish([], 'a')).toMatchObject({ ok: false, problem: { code: 'io' } });
    await short.discard();
    const fake = new FakeDisk();
    await fake.disk.mkdir('/out');
    const { id, manifest } = makeContent(tempDir(), 'a', 2 * MiB);
    const result = await PartialFile.open('/out', id, manifest, fake.disk);
    if (!result.ok) throw new Error(result.problem.message);
    const partial = filled(result.value);
    let seen = -1;
    partial.onLoss = () => (seen = partial.have.count);
    fake.flushFault = 'EIO';
    const flushing = partial.flush();
    const finishing = partial.finish([], 'a');
    expect(await flushing).toMatchObject({ ok: false });
    // A system says so once only.
    fake.flushFault = undefined;
    expect(await finishing).toMatchObject({ ok: false, problem: { code: 'io' } });
    expect(seen).toBe(8);
    // What was written before the flush failed and is told of only now may be lost as well.
    expect([partial.add(3), partial.have.count]).toEqual([false, 0]);
    expect(await partial.finish([], 'a')).toMatchObject({ ok: false, problem: { code: 'io' } });
    await partial.close(false);
  });

  test('is never a link that leads elsewhere', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    const partial = await opened(out, content);
    await partial.close(true);
    const victim = path.join(tempDir(), 'victim');
    writeFileSync(victim, Buffer.alloc(2 * MiB, 1));
    rmSync(partial.path);
    symlinkSync(victim, partial.path);
    const next = await opened(out, content);
    expect(next.trust).toBe('new');
    await next.discard();
    expect(readFileSync(victim)[0]).toBe(1);
  });

  test('is refused to a second owner, and free again when the first is done', async () => {
    const out = tempDir();
    const content = makeContent(tempDir(), 'a', 2 * MiB);
    const first = await opened(out, content);
    const second = await PartialFile.open(out, content.id, content.manifest);
    expect(second).toMatchObject({ ok: false, problem: { code: 'busy' } });
    await first.close(true);
    await (await opened(out, content)).discard();
  });

  test('leaves nothing behind when it is small and does not get finished', async () => {
    const out = tempDir();
    const partial = await opened(out, makeContent(tempDir(), 'a', MiB));
    expect(readdirSync(path.dirname(partial.path)).filter((name) => !name.endsWith('.lock'))).toEqual([
      path.basename(partial.path),
    ]);
    await partial.flush();
    await partial.close(false);
    expect(readdirSync(out)).toEqual([]);
  });

  test('finds its folder however many others end at the same time and remove it', async () => {
    const out = tempDir();
    const contents = Array.from({ length: 400 }, (_, n) => makeContent(tempDir(), `file-${n}`, n + 1));
    let next = 0;
    const work = async (): Promise<void> => {
      for (let n = next++; n < contents.length; n = next++) {
        const partial = filled(await opened(out, contents[n]));
        expect(await partial.finish([], `file-${n}`)).toMatchObject({ ok: true });
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    expect(readdirSync(out)).toHaveLength(contents.length);
  });

  test('says what the disk says', async () => {
    const dir = tempDir();
    const content = makeContent(dir, 'a', MiB);
    const refused = await PartialFile.open(path.join(dir, 'a'), content.id, content.manifest);
    expect(refused).toMatchObject({ ok: false, problem: { code: 'io' } });
  });
});

describe('a finished file', () => {
  test('takes the first free name and overwrites nothing', async () => {
    const out = tempDir();
    writeFileSync(path.join(out, 'a.txt'), 'old');
    mkdirSync(path.join(out, 'a (1).txt'));
    const partial = filled(await opened(out));
    expect(await partial.finish([], 'a.txt')).toEqual({ ok: true, value: path.join(out, 'a (2).txt') });
    expect(readFileSync(path.join(out, 'a.txt'), 'utf8')).toBe('old');
    expect(readdirSync(out).toSorted()).toEqual(['a (1).txt', 'a (2).txt', 'a.txt']);
  });

  test('has one name only, also when the power went just after it had got it', async () => {
    const out = tempDir();
    writeFileSync(path.join(out, 'a'), 'another');
    const partial = filled(await opened(out));
    linkSync(partial.path, path.join(out, 'a (1)'));
    expect(await partial.finish([], 'a')).toEqual({ ok: true, value: path.join(out, 'a (1)') });
    expect(readdirSync(out).toSorted()).toEqual(['a', 'a (1)']);
  });

  test('does not follow a link out of its folder', async () => {
    const out = tempDir();
    symlinkSync(tempDir(), path.join(out, 'x'));
    expect(await makeFolders(out, ['x', 'y'])).toMatchObject({ ok: false, problem: { code: 'bad-name' } });
  });

  test('does not replace a dangling link', async () => {
    const out = tempDir();
    symlinkSync(path.join(out, 'nowhere'), path.join(out, 'a'));
    writeFileSync(path.join(out, 'from'), 'new');
    expect(await placeFile(path.join(out, 'from'), out, 'a')).toBe(path.join(out, 'a (1)'));
  });
});

describe('a lock', () => {
  test('ends with the process that held it, however it ended', async () => {
    const file = path.join(tempDir(), 'lock');
    const script = `
      import { tryLock } from ${JSON.stringify(new URL('../../src/profile/file-lock.ts', import.meta.url).href)};
      const lock = tryLock(${JSON.stringify(file)});
      console.log(lock !== undefined);
      // It is not to be collected with what nobody needs any more.
      setInterval(() => lock, 1000);
    `;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(holder.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('true\n');
    expect(tryLock(file)).toBeUndefined();
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = tryLock(file);
    expect(lock).toBeDefined();
    lock?.release();
    expect(readdirSync(path.dirname(file))).toEqual([]);
  });

  test('is not lost when somebody of the same process tries in vain', () => {
    const file = path.join(tempDir(), 'lock');
    const lock = tryLock(file);
    expect(tryLock(file)).toBeUndefined();
    expect(tryLock(file)).toBeUndefined();
    lock?.release();
  });
});
