import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { LibraryCommand } from '../../../../src/actors/peer/library/library-messages.ts';
import { pieceCheckActor } from '../../../../src/actors/peer/uploads/piece-check.ts';
import { actor, ActorSystem, type ActorRef } from '../../../../src/actors/runtime/index.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import { pieceCheckEveryMs } from '../../../../src/core/limits/connections.ts';
import { ok } from '../../../../src/core/result.ts';
import { checkPieces } from '../../../../src/workers/jobs/disk/check-pieces.ts';
import type { Pool } from '../../../../src/workers/pool.ts';
import type { CheckInput, TransferJobs } from '../../../../src/workers/transfer-contract.ts';
import { until } from '../../../helpers/poll.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent, type TestContent } from '../../../helpers/transfer.ts';

let content: TestContent;
let system: ActorSystem;
let nowMs = 0;
let stale: ContentId[];
let checks: number;
let checker: ActorRef<{ type: 'spoiled'; id: ContentId; piece: number }>;

const pool = {
  capacity: 1,
  async run(_name: string, input: CheckInput) {
    checks += 1;
    return checkPieces(input);
  },
} as unknown as Pool<TransferJobs>;

beforeEach(() => {
  content = makeContent(tempDir(), 'a', 1024 * 1024);
  [nowMs, checks, stale] = [0, 0, []];
  system = new ActorSystem();
  const library = actor<LibraryCommand>('library', () => ({
    receive(message) {
      const { filePath, stamp, manifest } = content;
      if (message.type === 'open') message.replyTo.reply(ok({ filePath, stamp, ...manifest }));
      if (message.type === 'manifest') message.replyTo.reply(ok(manifest));
      if (message.type === 'stale') stale.push(message.id);
    },
  }));
  const args = { transfers: pool, library: system.start(library, undefined).ref, now: () => nowMs };
  checker = system.start(pieceCheckActor, args).ref;
});
afterEach(() => system.stop());

/** The file behind our back: its size and what it says of its time are as before. */
function spoil(): void {
  const bytes = Buffer.from(content.bytes);
  bytes.writeUInt8(bytes.readUInt8(300_000) ^ 1, 300_000);
  writeFileSync(content.filePath, bytes);
}

test('a piece that is wrong indeed is told to the library', async () => {
  spoil();
  checker.tell({ type: 'spoiled', id: content.id, piece: 1 });
  await until('it is found out', () => stale.length === 1);
  expect(stale).toEqual([content.id]);
});

test('a lie costs one piece in a while, and changes nothing', async () => {
  const lie = { type: 'spoiled', id: content.id, piece: 0 } as const;
  for (let at = 0; at < 50; at++) checker.tell(lie);
  checker.tell({ ...lie, piece: 1e9 });
  await until('it was looked at', () => checks === 1);
  nowMs = pieceCheckEveryMs;
  checker.tell(lie);
  await until('it was looked at again', () => checks === 2);
  spoil();
  nowMs *= 2;
  checker.tell({ ...lie, piece: 1 });
  await until('the truth is found out', () => stale.length === 1);
  expect(checks).toBe(3);
});

test('a piece that the content does not have is no reason to stop looking', async () => {
  spoil();
  checker.tell({ type: 'spoiled', id: content.id, piece: 99 });
  await until('the next is looked at', () => {
    nowMs += pieceCheckEveryMs;
    checker.tell({ type: 'spoiled', id: content.id, piece: 1 });
    return stale.length > 0;
  });
  expect(checks).toBeGreaterThan(0);
});
