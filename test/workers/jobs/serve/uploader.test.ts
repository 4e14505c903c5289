import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { slotIdleMs } from '../../../../src/core/limits/connections.ts';
import { ok } from '../../../../src/core/result.ts';
import { Revocations } from '../../../../src/core/uploads/revocations.ts';
import { SharedRate } from '../../../../src/core/rates/shared-rate.ts';
import type { Connection } from '../../../../src/workers/jobs/connection.ts';
import type { ServedFiles } from '../../../../src/workers/jobs/serve/served-files.ts';
import type { PieceRequest } from '../../../../src/workers/jobs/serve/upload-queue.ts';
import { Uploader } from '../../../../src/workers/jobs/serve/uploader.ts';
import type { SlotWants } from '../../../../src/workers/transfer-contract.ts';
import { idOf } from '../../../helpers/download-bench.ts';

const pieceBytes = 256 * 1024;
const pieces = 16;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'performance', 'hrtime', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** An uploader whose visitor takes all at once, and whose disk answers when it is told to. */
function bench() {
  const wants: SlotWants[] = [];
  let sentBytes = 0;
  let reads: (() => void)[] = [];
  let isHeld = false;
  const connection = {
    isOpen: true,
    ended: new Promise(() => undefined),
    session: { writeBlock: () => undefined },
    write: (_bytes: Uint8Array, written: () => void) => written(),
  } as unknown as Connection;
  const file = { sizeBytes: pieces * pieceBytes, fd: -1, offer: undefined };
  const files = {
    sizeOf: async () => ok(file.sizeBytes),
    get: async () => ok(file),
    async read() {
      if (isHeld) await new Promise<void>((resolve) => reads.push(resolve));
      return ok(undefined);
    },
  } as unknown as ServedFiles;
  const uploader = new Uploader(connection, files, [new SharedRate()], new Revocations(), {
    wantSlot: (now) => void wants.push(now),
    sent: (_id, bytes) => void (sentBytes += bytes),
    stale: () => undefined,
    findAll: async () => [],
  });
  return {
    uploader,
    wants,
    sentPieces: () => sentBytes / pieceBytes,
    ask: (requestId: number): void => {
      const id = idOf(1) as unknown as PieceRequest['id'];
      uploader.add({ type: 'get-pieces', requestId, id, firstPiece: 0, count: pieces });
    },
    holdReads: () => void (isHeld = true),
    letRead: (): void => {
      isHeld = false;
      for (const resolve of reads) resolve();
      reads = [];
    },
  };
}

/** All that can happen without time has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a visitor in a slot', () => {
  test('keeps it while it is sent to, whatever it was told of its place while nothing was to be sent', async () => {
    const { uploader, wants, ask, sentPieces, holdReads, letRead } = bench();
    ask(1);
    uploader.grant(false, true);
    uploader.grant(true, true);
    await settled();
    expect(sentPieces()).toBe(pieces);
    jest.advanceTimersByTime(slotIdleMs / 2);
    uploader.grant(true, true);
    await settled();
    holdReads();
    ask(2);
    await settled();
    jest.advanceTimersByTime(slotIdleMs * 2);
    letRead();
    await settled();
    expect(sentPieces()).toBe(2 * pieces);
    expect(wants).toEqual([{ small: false, large: true }]);
  });

  test('gives it back once nothing was to be sent for a while, and asks for one anew', async () => {
    const { uploader, wants, ask, sentPieces } = bench();
    ask(1);
    uploader.grant(true, true);
    await settled();
    for (const wait of [slotIdleMs - 1, 1]) {
      expect(wants).toHaveLength(1);
      jest.advanceTimersByTime(wait);
    }
    expect(wants.at(-1)).toEqual({ small: false, large: false });
    ask(2);
    await settled();
    expect([sentPieces(), wants.length, wants.at(-1)]).toEqual([pieces, 3, { small: false, large: true }]);
    uploader.grant(true, true);
    await settled();
    expect(sentPieces()).toBe(2 * pieces);
  });
});
