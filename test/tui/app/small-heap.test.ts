import { describe, expect, test } from '@jest/globals';
import { largeAnswerRows, tidyAfterMs } from '../../../src/core/limits/screen.ts';
import { tidyAfterLargeAnswers } from '../../../src/tui/app/small-heap.ts';
import { engineSnapshot } from '../../helpers/views.ts';
import { FakeEngine } from '../fake-engine.ts';
import { ManualClock } from '../manual-clock.ts';
import { result } from '../screens/search/scene.ts';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import path from 'node:path';

const module = pathToFileURL(path.join(import.meta.dirname, '../../../src/tui/app/small-heap.ts')).href;

/** Makes objects that live through a few collections, as a picture of the screen does, and says how large that part of the heap is. */
const script = (start: string): string => `
  import { keepHeapSmall, youngBytes } from ${JSON.stringify(module)};
  ${start}
  const kept = [];
  for (let turn = 0; turn < 300; turn++) {
    for (let index = 0; index < 10_000; index++) kept[index] = { turn, name: 'row ' + index, cells: [index, turn] };
    await new Promise(setImmediate);
  }
  process.stdout.write(String(youngBytes()));
`;

/** Flags of V8 hold for a whole process, so it has one of its own. */
function youngBytesOf(start: string): number {
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script(start)];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

describe('the heap of a process with nothing but a screen', () => {
  test('keeps a young generation of a few MiB, where V8 would let it grow', () => {
    const kept = youngBytesOf('keepHeapSmall();');
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(youngBytesOf('')).toBeGreaterThan(16 * 1024 * 1024);
  });
});

describe('what a large answer leaves behind', () => {
  function open() {
    const [engine, clock] = [new FakeEngine(), new ManualClock()];
    let tidied = 0;
    const end = tidyAfterLargeAnswers(engine, clock, () => (tidied += 1));
    const answer = (count: number): void =>
      engine.emit({
        type: 'answer-search',
        requestId: 1,
        answer: { ok: true, value: Array.from({ length: count }, (_, at) => result(at, 'film', at, 1)) },
        last: true,
        trackers: { asked: 1, answered: 1 },
      });
    return { engine, clock, answer, end, tidied: () => tidied };
  }

  test('is given back once, a moment after the last of several', () => {
    const { clock, answer, tidied } = open();
    answer(largeAnswerRows);
    clock.advance(tidyAfterMs - 1);
    answer(largeAnswerRows);
    clock.advance(tidyAfterMs - 1);
    expect(tidied()).toBe(0);
    clock.advance(1);
    expect(tidied()).toBe(1);
    clock.advance(60_000);
    expect(tidied()).toBe(1);
  });

  test('is nothing to speak of after a page of results, a small snapshot, or once the screen has ended', () => {
    const { engine, clock, answer, end, tidied } = open();
    answer(largeAnswerRows - 1);
    engine.emit({ type: 'resync', snapshot: engineSnapshot() });
    clock.advance(60_000);
    answer(largeAnswerRows);
    end();
    clock.advance(60_000);
    expect(tidied()).toBe(0);
  });

  test('goes back to the system', () => {
    const measured = `
      import { giveBack } from ${JSON.stringify(module)};
      let all = Array.from({ length: 400_000 }, (_, at) => ({ name: 'row ' + at, at }));
      const kept = all.filter(({ at }) => at % 50 === 0);
      all = [];
      const before = process.memoryUsage().heapTotal;
      giveBack();
      process.stdout.write(String(kept.length && before / process.memoryUsage().heapTotal));
    `;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', measured];
    expect(Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))).toBeGreaterThan(2);
  });
});
