import { describe, expect, jest, test } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { copyStepTimeoutMs } from '../../../../src/core/limits/trees.ts';
import { PieceWriters } from '../../../../src/core/swarm/piece-writers.ts';
import { copyPieces } from '../../../../src/workers/jobs/disk/copy-pieces.ts';
import { isAnyHanging } from '../../../../src/workers/jobs/disk/left-behind.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

const sizeBytes = 100_000;

describe('pieces that are copied from a file of this machine', () => {
  function copyOf(from: string, to: string, manifest: ReturnType<typeof makeContent>['manifest']) {
    return { from, to, manifest, ranges: [{ first: 0, count: 1 }], writers: PieceWriters.of(1).shared };
  }

  test('come from no disk that hangs, and no other copy is begun on the thread until it answers', async () => {
    const content = makeContent(tempDir(), 'a', sizeBytes);
    const to = path.join(tempDir(), 'to');
    writeFileSync(to, '');
    const answer = Promise.withResolvers<void>();
    let opened = 0;
    const disk = {
      open: async (...args: Parameters<typeof open>): Promise<FileHandle> => {
        opened++;
        await answer.promise;
        return open(...args);
      },
    };
    const input = copyOf(content.filePath, to, content.manifest);
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const copying = copyPieces(input, disk);
    await jest.advanceTimersByTimeAsync(copyStepTimeoutMs);
    jest.useRealTimers();
    expect(isAnyHanging()).toBe(true);
    expect(await copyPieces(input, disk)).toEqual({ ok: true, value: [] });
    expect(opened).toBe(1);
    answer.resolve();
    // What comes so late is not written.
    expect(await copying).toEqual({ ok: true, value: [] });
    expect(readFileSync(to)).toHaveLength(0);
    expect(isAnyHanging()).toBe(false);
    expect(await copyPieces(input)).toEqual({ ok: true, value: [{ first: 0, count: 1 }] });
    expect(readFileSync(to).equals(content.bytes)).toBe(true);
  });
});
