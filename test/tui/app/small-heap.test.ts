import { describe, expect, test } from '@jest/globals';
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
