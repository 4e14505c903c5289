import { expect, test } from '@jest/globals';
import { TreeObstacle, type ObstacleNeeds } from '../../../../src/actors/peer/trees/tree-obstacle.ts';
import type { TreeMessage } from '../../../../src/actors/peer/trees/tree-messages.ts';
import type { Timers } from '../../../../src/actors/runtime/index.ts';
import { diskProbeMaxMs, diskProbeMinMs } from '../../../../src/core/limits/downloads.ts';
import type { Problem } from '../../../../src/core/result.ts';

const full: Problem = { code: 'disk-full', message: 'Full' };
const nothing = { named: [], written: [], failed: [] };

function bench() {
  const set: number[] = [];
  const asked: string[] = [];
  let cancelled = 0;
  const timers: Timers<TreeMessage> = {
    once: (_key, afterMs) => void set.push(afterMs),
    every: () => undefined,
    cancel: () => void (cancelled += 1),
  };
  const obstacle = new TreeObstacle({
    ctx: { timers, ask: (_ref: unknown, { type }: { type: string }) => void asked.push(type) },
    args: {
      record: { transfer: 1 },
      host: { tell: ({ type }: { type: string }) => void asked.push(type) },
      now: () => 1_000,
      random: () => 0.5,
    },
    files: { room: { sizeBytes: 5, wholeBytes: 0 } },
  } as unknown as ObstacleNeeds);
  return { obstacle, set, asked, cancelled: () => cancelled };
}

test('a disk that refuses is looked at later and later, and sooner again once something is on it', () => {
  const { obstacle, set } = bench();
  for (let look = 0; look < 5; look++) {
    obstacle.put(full);
    expect([obstacle.isResting, obstacle.current?.untilMs]).toEqual([true, 1_000 + set[look]!]);
    obstacle.look();
    obstacle.wrote(nothing);
  }
  expect(set).toEqual([
    diskProbeMinMs,
    2 * diskProbeMinMs,
    4 * diskProbeMinMs,
    diskProbeMaxMs,
    diskProbeMaxMs,
  ]);
  obstacle.wrote({ ...nothing, named: [3] });
  obstacle.put(full);
  expect(set.at(-1)).toBe(diskProbeMinMs);
});

test('it is there while it is looked at, rests again when the look was in vain, and is gone when it was not', () => {
  const { obstacle, asked, cancelled } = bench();
  obstacle.look();
  expect([obstacle.isDue, asked]).toEqual([false, []]);
  obstacle.put(full);
  obstacle.look();
  expect(asked).toEqual(['begins', 'room']);
  expect([obstacle.isDue, obstacle.isResting, obstacle.current?.problem, cancelled()]).toEqual([
    true,
    false,
    full,
    2,
  ]);
  obstacle.put(full);
  expect([obstacle.isDue, obstacle.isResting]).toEqual([false, true]);
  obstacle.look();
  obstacle.clear();
  expect([obstacle.isDue, obstacle.isResting, obstacle.current]).toEqual([false, false, undefined]);
});
