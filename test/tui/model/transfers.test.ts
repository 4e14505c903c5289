import { describe, expect, test } from '@jest/globals';
import { Transfers } from '../../../src/tui/model/transfers.ts';
import { downloadView, uploadView } from '../../helpers/views.ts';

const view = (doneBytes: number, changes = {}) =>
  downloadView({ sizeBytes: 1_000_000, doneBytes, fetchedBytes: doneBytes, ...changes });

function started() {
  const transfers = new Transfers();
  transfers.noteDownload(view(0));
  transfers.settle(0, true);
  return { transfers, row: () => transfers.downloads.get(1) };
}

describe('a download as a row', () => {
  test('is another object when its bar moves, its state changes or the time for figures has come', () => {
    const { transfers, row } = started();
    const first = row();
    transfers.noteDownload(view(100));
    transfers.settle(100, false);
    expect(row()).toBe(first);
    transfers.noteDownload(view(100_000));
    transfers.settle(200, false);
    const moved = row();
    expect(moved).not.toBe(first);
    expect(moved?.fraction).toBe(0.1);
    expect(moved?.figures).toBe(first?.figures);
    transfers.settle(500, true);
    expect(row()?.figures.hereBytes).toBe(100_000);
    const before = row();
    transfers.noteDownload(view(100_000, { state: 'waiting' }));
    transfers.settle(600, false);
    expect(row()).not.toBe(before);
  });

  test('moves with what comes of pieces that are not verified yet, and is never full of that', () => {
    const { transfers, row } = started();
    transfers.noteDownload(view(100_000, { arrivingBytes: 50_000 }));
    transfers.settle(500, true);
    expect(row()?.fraction).toBe(0.15);
    expect(row()?.figures.hereBytes).toBe(150_000);
    transfers.noteDownload(view(900_000, { arrivingBytes: 500_000 }));
    transfers.settle(1_000, true);
    expect(row()?.fraction).toBeLessThan(1);
    expect(row()?.figures.hereBytes).toBe(1_000_000);
  });

  test('never has a full bar before it is done', () => {
    const { transfers, row } = started();
    transfers.noteDownload(view(1_000_000, { state: 'finishing' }));
    transfers.settle(100, false);
    expect(row()?.fraction).toBeLessThan(1);
    transfers.noteDownload(view(1_000_000, { state: 'done' }));
    transfers.settle(200, false);
    expect(row()?.fraction).toBe(1);
    expect(row()?.figures.downPerSecond).toBe(0);
  });

  test('keeps its curve as it was through a pause', () => {
    const { transfers } = started();
    let atMs = 0;
    let bytes = 0;
    const go = (seconds: number, state: 'downloading' | 'paused', perSecond: number): void => {
      for (let second = 0; second < seconds; second += 1) {
        atMs += 1_000;
        bytes += perSecond;
        // What others get of it goes on meanwhile.
        transfers.noteDownload(view(bytes, { state, sentBytes: atMs }));
        transfers.settle(atMs, true);
      }
    };
    go(10, 'downloading', 5_000);
    const samples = () => transfers.meter(1)?.down.samples();
    const before = samples();
    expect(before).toContain(5_000);
    go(60, 'paused', 0);
    expect(samples()).toEqual(before);
    go(10, 'downloading', 5_000);
    expect(samples()?.length).toBeGreaterThan(before?.length ?? 0);
    expect(samples()).not.toContain(0);
  });

  test('has a speed, and a time left, from what came meanwhile', () => {
    const { transfers, row } = started();
    for (let step = 1; step <= 20; step++) {
      transfers.noteDownload(view(step * 5_000));
      transfers.settle(step * 500, true);
    }
    expect(row()?.figures.downPerSecond).toBeCloseTo(10_000, -2);
    expect(row()?.figures.secondsLeft).toBeCloseTo(90, 0);
    expect(transfers.downPerSecond).toBeCloseTo(10_000, -2);
  });

  test('adds to the total what its row shows: after a pause, and between two looks at the figures', () => {
    const { transfers, row } = started();
    const run = (from: number, steps: number, atMs: number) => {
      for (let step = 1; step <= steps; step++) {
        // Told five times as often as the figures change.
        for (let part = 1; part <= 5; part++) {
          transfers.noteDownload(view(from + step * 500 - 500 + part * 100));
          transfers.settle(atMs + step * 500 - 500 + part * 100, part === 5);
        }
        expect(transfers.downPerSecond).toBe(row()?.figures.downPerSecond);
      }
    };
    run(0, 20, 0);
    expect(transfers.downPerSecond).toBeCloseTo(1_000, -1);
    transfers.noteDownload(view(10_000, { state: 'paused' }));
    transfers.settle(10_100, false);
    expect(transfers.downPerSecond).toBe(0);
    // Short of the time after which its meter goes, and long after it.
    for (let ms = 10_500; ms <= 12_000; ms += 500) transfers.settle(ms, true);
    transfers.noteDownload(view(10_000));
    transfers.settle(12_000, false);
    run(10_000, 2, 12_000);
    expect(transfers.downPerSecond).toBeCloseTo(1_000, -1);
    transfers.noteDownload(view(11_000, { state: 'paused' }));
    for (let ms = 13_500; ms <= 23_000; ms += 500) transfers.settle(ms, true);
    expect(transfers.meter(1)).toBeUndefined();
    transfers.noteDownload(view(11_000));
    transfers.settle(600_000, false);
    run(11_000, 2, 600_000);
    expect(transfers.downPerSecond).toBeCloseTo(1_000, -1);
  });

  test('is known as it was told last, shown or not', () => {
    const { transfers } = started();
    transfers.noteDownload(view(100));
    transfers.settle(100, false);
    expect(transfers.download(1)?.doneBytes).toBe(100);
    expect([...transfers.views()].map(({ doneBytes }) => doneBytes)).toEqual([100]);
  });

  test('that waits has no figures to look at, however long, but for what it sends', () => {
    const { transfers, row } = started();
    transfers.noteDownload(view(5_000, { state: 'waiting' }));
    for (let step = 1; step <= 60; step++) transfers.settle(step * 500, true);
    expect(transfers.moving).toBe(false);
    transfers.noteDownload(view(5_000, { state: 'waiting', sentBytes: 4_000 }));
    transfers.settle(31_000, true);
    transfers.noteDownload(view(5_000, { state: 'waiting', sentBytes: 8_000 }));
    transfers.settle(31_500, true);
    expect(row()?.figures.upPerSecond).toBeGreaterThan(0);
    for (let step = 1; step <= 60; step++) transfers.settle(31_000 + step * 500, true);
    expect(transfers.moving).toBe(false);
  });

  test('that was far on when it was first heard of was not fast', () => {
    const transfers = new Transfers();
    transfers.noteDownload(view(900_000));
    transfers.settle(500, true);
    transfers.settle(1_000, true);
    expect(transfers.downloads.get(1)?.figures.downPerSecond).toBe(0);
    expect(transfers.downPerSecond).toBe(0);
  });

  test('is still when it is paused, and nothing moves then', () => {
    const { transfers, row } = started();
    transfers.noteDownload(view(100_000));
    transfers.settle(500, true);
    expect(transfers.moving).toBe(true);
    expect(row()?.figures.downPerSecond).toBeGreaterThan(0);
    transfers.noteDownload(view(100_000, { state: 'paused' }));
    transfers.settle(600, false);
    expect(row()?.figures).toMatchObject({ downPerSecond: 0, secondsLeft: undefined });
    for (let step = 2; step < 80; step++) transfers.settle(step * 500, true);
    expect(transfers.moving).toBe(false);
  });

  test('is gone when the engine has removed it', () => {
    const { transfers } = started();
    transfers.noteDownload(view(5));
    transfers.remove([1]);
    transfers.settle(100, true);
    expect(transfers.downloads.size).toBe(0);
    expect(transfers.byState.of('downloading')).toBe(0);
  });
});

test('downloads are counted by state as they change', () => {
  const { transfers } = started();
  transfers.noteDownload(downloadView({ transfer: 2, state: 'queued' }));
  transfers.settle(1, false);
  expect([transfers.byState.of('downloading'), transfers.byState.of('queued')]).toEqual([1, 1]);
  transfers.noteDownload(downloadView({ transfer: 2, state: 'failed' }));
  transfers.settle(2, false);
  expect([transfers.byState.of('queued'), transfers.byState.of('failed')]).toEqual([0, 1]);
});

test('uploads come, have a speed, and go when their connection has gone', () => {
  const transfers = new Transfers();
  for (let step = 0; step <= 10; step++) {
    transfers.noteUpload(uploadView({ sentBytes: step * 1000 }));
    transfers.settle(step * 500, true);
  }
  expect(transfers.uploads.get(1)?.perSecond).toBeCloseTo(2_000, -2);
  expect(transfers.upPerSecond).toBeGreaterThan(1_000);
  transfers.noteUpload(uploadView({ sentBytes: 10_000, state: 'queued' }));
  transfers.settle(5_500, true);
  expect(transfers.upPerSecond).toBe(0);
  transfers.noteUpload(uploadView({ sentBytes: 10_000, state: 'done' }));
  transfers.settle(6_000, true);
  expect(transfers.uploads.size).toBe(0);
});
