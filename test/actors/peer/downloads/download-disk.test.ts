import { expect, test } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import {
  finish,
  placeOf,
  prepare,
  type Preparing,
} from '../../../../src/actors/peer/downloads/download-disk.ts';
import { createRecord, type TransferRecord } from '../../../../src/actors/peer/downloads/transfer-record.ts';
import type { ContentTarget } from '../../../../src/core/engine/engine-api.ts';
import { ok } from '../../../../src/core/result.ts';
import { PartialFile } from '../../../../src/profile/partial-file.ts';
import { checkPieces } from '../../../../src/workers/jobs/disk/check-pieces.ts';
import type { Pool } from '../../../../src/workers/pool.ts';
import type { CheckInput, TransferJobs } from '../../../../src/workers/transfer-contract.ts';
import { tempDir } from '../../../helpers/temp-dir.ts';
import { makeContent } from '../../../helpers/transfer.ts';

const MiB = 1024 * 1024;

/** A download whose jobs are run here: those that look at the disk, unless another is given. */
function downloadOf(run: (job: string, input: CheckInput) => unknown = (_, input) => checkPieces(input)) {
  const content = makeContent(tempDir(), 'a', 20 * MiB);
  const { id, manifest } = content;
  const outDir = tempDir();
  const target = { kind: 'content', id, name: 'a', folders: [], sources: [] } as const;
  const request = { target, outDir, bytesPerSecond: 0 };
  const record = createRecord(1, request, 0) as TransferRecord<ContentTarget>;
  const place = placeOf(record.request);
  if (!place.ok) throw new Error(place.problem.message);
  const pool = { run: async (job: string, input: CheckInput) => run(job, input) };
  const transfers = pool as unknown as Pool<TransferJobs>;
  const room = async () => ok(undefined);
  return {
    content,
    outDir,
    async prepare(copy?: Preparing['copy']): Promise<PartialFile> {
      const prepared = await prepare(transfers, record, place.value, manifest, { room, copy });
      if (!prepared.ok || prepared.value.kind !== 'partial') throw new Error('There is no partial file');
      return prepared.value.partial;
    },
    finish: (partial: PartialFile) => finish(transfers, partial, outDir, place.value),
  };
}

test('a piece that was found wrong is not had again, though a file of the right size is left by a run in order', async () => {
  const { content, outDir, ...download } = downloadOf();
  const { pieceLength } = content.manifest;
  const first = await download.prepare();
  // All but the first piece, which no sample hits: it is a hole by now.
  const file = await open(first.path, 'r+');
  await file.write(content.bytes, pieceLength, content.bytes.length - pieceLength, pieceLength);
  await file.sync();
  for (let piece = 0; piece < first.have.length; piece++) {
    first.writers.wrote(piece);
    first.add(piece);
  }
  expect(await download.finish(first)).toMatchObject({ ok: false, problem: { code: 'io' } });
  expect([first.have.has(0), first.have.has(1)]).toEqual([false, true]);
  // Whoever made the hole fills it with something else.
  await file.write(Buffer.alloc(pieceLength, 1), 0, pieceLength, 0);
  await file.sync();
  await file.close();
  await first.close(await first.settle());
  const second = await download.prepare();
  expect([second.trust, second.claimed.has(0), second.isInDoubt]).toEqual(['unclean', false, true]);
  expect(await download.finish(second)).toMatchObject({ ok: false });
  expect(readdirSync(outDir)).toEqual(['.shoal']);
  await second.discard();
});

test.each(['checkPieces', 'copyPieces'])(
  'a file is free for the next look when a thread died at it: %s',
  async (dying) => {
    let isDying = true;
    const { content, outDir, ...download } = downloadOf((job, input) => {
      if (isDying && job === dying) throw new Error('The thread died');
      return job === 'checkPieces' ? checkPieces(input) : ok([]);
    });
    const earlier = await PartialFile.open(outDir, content.id, content.manifest);
    if (!earlier.ok) throw new Error(earlier.problem.message);
    writeFileSync(earlier.value.path, content.bytes.subarray(0, 10 * MiB), { flag: 'r+' });
    earlier.value.add(3);
    await earlier.value.close(false);
    const copy = { from: content.filePath, copied: () => undefined };
    await expect(download.prepare(copy)).rejects.toThrow('The thread died');
    isDying = false;
    const partial = await download.prepare(copy);
    expect(partial.have.has(3)).toBe(true);
    await partial.discard();
  },
);
