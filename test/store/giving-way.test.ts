import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { givingWayMs, maxGivingWayMs, rowsBeforeGivingWay } from '../../src/core/limits/stores.ts';
import { GivingWay } from '../../src/store/giving-way.ts';
import { openStore } from '../../src/store/open-store.ts';
import { file, find, share, value } from './files.ts';

describe('giving way', () => {
  /** Somebody who works and sleeps by a clock of their own. */
  function worker(isAwaited: () => boolean) {
    let nowMs = 0;
    let sleptMs = 0;
    const givingWay = new GivingWay({
      isAwaited,
      nowMs: () => nowMs,
      sleep(ms) {
        nowMs += ms;
        sleptMs += ms;
      },
    });
    return {
      work(ms: number): number {
        nowMs += ms;
        const before = sleptMs;
        givingWay.pause();
        return sleptMs - before;
      },
    };
  }

  test('is nothing while nobody waits', () => {
    expect(worker(() => false).work(5)).toBe(0);
  });

  test('ends as soon as nobody waits any more', () => {
    let questions = 3;
    expect(worker(() => questions-- > 0).work(1)).toBe(3 * givingWayMs);
    expect(questions).toBe(-1);
  });

  test('takes as long as the work between at most, but for a little at the start', () => {
    const busy = worker(() => true);
    expect(busy.work(1)).toBeCloseTo(maxGivingWayMs);
    expect(busy.work(1)).toBeCloseTo(1);
    let sleptMs = 0;
    for (let times = 0; times < 100; times++) sleptMs += busy.work(0.3);
    expect(sleptMs).toBeGreaterThan(29);
    expect(sleptMs).toBeLessThan(31);
  });

  test('is not saved up beyond that', () => {
    const busy = worker(() => true);
    busy.work(1);
    expect(busy.work(60_000)).toBeCloseTo(maxGivingWayMs);
  });
});

describe('a catalogue that somebody searches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-way-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('looks at whether they wait between few rows, and takes all files however long they do', async () => {
    let looks = 0;
    const isAwaited = (): boolean => {
      looks += 1;
      return looks % 2 === 0;
    };
    const store = value(await openStore(join(folder, 'catalogue.sqlite'), undefined, { isAwaited }));
    const files = Array.from({ length: 10 * rowsBeforeGivingWay }, (_, at) => file(`/a/song ${at}.mp3`));
    await share(store, 'alice', ...files);
    expect(looks).toBeGreaterThanOrEqual(10);
    expect(await find(store, 'song 7')).toContain('song 7.mp3');
    expect((await store.stats()).files).toBe(files.length);
    await store.close();
  });
});
