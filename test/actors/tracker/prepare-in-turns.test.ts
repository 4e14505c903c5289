import { describe, expect, test } from '@jest/globals';
import { prepareInTurns } from '../../../src/actors/tracker/prepare-in-turns.ts';
import { FileEntries } from '../../../src/core/share/file-entries.ts';
import { bytesPreparedAtOnce, filesPreparedAtOnce } from '../../../src/core/limits/tracker.ts';
import { KnownFiles } from '../../../src/store/known-files.ts';
import { prepareEntries, rowsOf } from '../../../src/store/prepared-batch.ts';
import { sharedFiles } from '../../helpers/trackers.ts';

const files = FileEntries.of(sharedFiles(2 * filesPreparedAtOnce + 5));

describe('files that are prepared in turns', () => {
  test('are the same as those prepared at once', async () => {
    const isDenied = (index: number): boolean => index % 50 === 3;
    const inTurns = await prepareInTurns(files, isDenied, new KnownFiles());
    const atOnce = prepareEntries(files, isDenied, new KnownFiles());
    expect(inTurns.count).toBe(files.count);
    expect(Buffer.from(inTurns.packed)).toEqual(Buffer.from(atOnce.packed));
    const denied = Array.from(rowsOf(inTurns)).filter(({ flaw }) => flaw === 'denied');
    expect(denied.map(({ index }) => index)).toEqual([3, 53, 103]);
  });

  test('of several messages are prepared a portion in a turn of the event loop', async () => {
    const prepared = [0, 0];
    let most = 0;
    let isDone = false;
    const count = (): void => {
      most = Math.max(
        most,
        prepared.reduce((all, some) => all + some, 0),
      );
      prepared.fill(0);
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const noting = (which: number) => () => {
      prepared[which] = (prepared[which] ?? 0) + 1;
      return false;
    };
    const all = await Promise.all(
      [0, 1].map((which) => prepareInTurns(files, noting(which), new KnownFiles())),
    );
    isDone = true;
    expect(all.map(({ count: of }) => of)).toEqual([files.count, files.count]);
    expect(most).toBe(filesPreparedAtOnce);
  });

  test('with long paths are fewer in a turn', async () => {
    const long = FileEntries.of(
      sharedFiles(filesPreparedAtOnce).map((file) => ({
        ...file,
        path: `/${'x'.repeat(1_000)}${file.path}`,
      })),
    );
    let turn = 0;
    let isDone = false;
    const count = (): void => {
      turn += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const inTurns = new Map<number, number>();
    const prepared = await prepareInTurns(
      long,
      (index) => {
        inTurns.set(turn, (inTurns.get(turn) ?? 0) + long.end(index) - long.start(index));
        return false;
      },
      new KnownFiles(),
    );
    isDone = true;
    const atOnce = prepareEntries(long, undefined, new KnownFiles());
    expect(Buffer.from(prepared.packed)).toEqual(Buffer.from(atOnce.packed));
    expect(Math.max(...inTurns.values())).toBeLessThanOrEqual(bytesPreparedAtOnce);
  });

  test('may be none', async () => {
    const none = await prepareInTurns(FileEntries.of([]), undefined, new KnownFiles());
    expect([none.count, none.packed.byteLength]).toEqual([0, 0]);
  });
});
