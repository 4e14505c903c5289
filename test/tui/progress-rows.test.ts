import { describe, expect, test } from '@jest/globals';
import type { DownloadView } from '../../src/core/engine/engine-api.ts';
import { manyRow, progressRows } from '../../src/tui/progress-rows.ts';
import { textWidth } from '../../src/tui/text/width.ts';
import { percentDone } from '../../src/tui/transfer-text.ts';
import { contentId } from '../cli/fakes.ts';
import { downloadView } from '../helpers/views.ts';

const view = (changes: Partial<DownloadView> = {}): DownloadView =>
  downloadView({
    transfer: 1,
    id: contentId(1),
    name: 'Moby Dick.epub',
    state: 'downloading',
    sizeBytes: 1000 * 1024,
    doneBytes: 250 * 1024,
    fetchedBytes: 0,
    sources: 2,
    usedSources: 0,
    ...changes,
  });

const one = { files: 1, ended: 0, bytesPerSecond: 0 };

describe('progress rows', () => {
  test('show name, bar, percent, speed, time left and sources', () => {
    const [row] = progressRows([{ view: view(), bytesPerSecond: 50 * 1024 }], one, 100, 24);
    expect(row).toBe(`${'Moby Dick.epub'.padEnd(36)} ████▌·············  25% 50 KiB/s, 15s left, 2 sources`);
  });

  test('say in words why nothing comes', () => {
    const rows = progressRows(
      [
        { view: view({ state: 'waiting', queuePosition: 3 }), bytesPerSecond: 0 },
        { view: view({ state: 'finding' }), bytesPerSecond: 0 },
        { view: view({ state: 'finishing', doneBytes: 1000 * 1024 }), bytesPerSecond: 0 },
      ],
      one,
      100,
      24,
    );
    expect(rows[0]).toMatch(/25% waiting: place 3 in the queue$/);
    expect(rows[1]).toMatch(/25% looking for sources$/);
    expect(rows[2]).toMatch(/99% checking$/);
  });

  test('are one of all where they are too many', () => {
    const many = {
      ...{ files: 1200, ended: 300, failed: 2, bytesPerSecond: 1024 * 1024 },
      ...{ doneBytes: 256 * 1024 * 1024, sizeBytes: 1024 * 1024 * 1024, sample: view() },
    };
    expect(manyRow(many, 120)).toBe(
      '██████··················  25% 300 of 1200 files, 2 failed, 256 MiB of 1 GiB, 1 MiB/s, 12m48s left',
    );
    const still = { ...many, bytesPerSecond: 0, sample: view({ id: undefined, state: 'finding' }) };
    expect(manyRow(still, 80)).toMatch(/looking for sources$/);
    for (const columns of [5, 20, 40, 60, 80]) {
      expect(textWidth(manyRow(many, columns))).toBeLessThan(columns);
    }
    expect(manyRow({ ...many, sizeBytes: 0, doneBytes: 0 }, 80)).toContain(' 0% 300 of 1200 files');
  });

  test('call a folder by its name with a slash', () => {
    const [row] = progressRows(
      [{ view: view({ id: undefined, name: 'Live' }), bytesPerSecond: 0 }],
      one,
      100,
      24,
    );
    expect(row).toMatch(/^Live\/ /);
  });

  test.each([
    [200, 24],
    [80, 24],
    [60, 10],
    [40, 5],
    [20, 3],
    [5, 2],
  ])('fit a terminal of %i by %i, whatever the names', (columns, lines) => {
    const rows = Array.from({ length: 50 }, (_, at) => ({
      view: view({ name: at % 2 ? '鯨'.repeat(40) : `${'x'.repeat(at)}.bin`, transfer: at }),
      bytesPerSecond: 123_456_789,
    }));
    const drawn = progressRows(rows, { files: 5000, ended: 7, bytesPerSecond: 1e9 }, columns, lines);
    expect(drawn.length).toBeLessThanOrEqual(Math.max(3, lines - 1));
    for (const row of drawn) expect(textWidth(row)).toBeLessThan(columns);
  });

  test('sum up what does not fit', () => {
    const rows = Array.from({ length: 30 }, () => ({ view: view(), bytesPerSecond: 1024 }));
    const drawn = progressRows(rows, { files: 500, ended: 7, bytesPerSecond: 2048 }, 80, 12);
    expect(drawn).toHaveLength(10);
    expect(drawn.slice(-2)).toEqual(['and 22 more at 22 KiB/s', '7 of 500 files, 2 KiB/s']);
  });

  test('nothing is 100 % before it is verified', () => {
    expect(percentDone(view({ doneBytes: 1000 * 1024 }))).toBe(99);
    expect(percentDone(view({ state: 'finishing', doneBytes: 1000 * 1024 }))).toBe(99);
    expect(percentDone(view({ state: 'done', doneBytes: 1000 * 1024 }))).toBe(100);
    expect(percentDone(view({ sizeBytes: undefined }))).toBe(0);
  });
});
