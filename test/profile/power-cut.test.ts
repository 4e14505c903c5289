/**
 * The power-cut model: a scripted download on a disk that loses its power at every step, keeps any part of what
 * was not flushed, and is started again.
 */
import { describe, expect, test } from '@jest/globals';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { contentIdOf, verifyPiece } from '../../src/content/content-id.ts';
import { minPieceLength, pieceSize } from '../../src/core/swarm/piece-length.ts';
import { piecesOf, toRanges } from '../../src/core/swarm/piece-ranges.ts';
import { ok } from '../../src/core/result.ts';
import { PartialFile } from '../../src/profile/partial-file.ts';
import { reviewPartial } from '../../src/profile/review-partial.ts';
import { FakeDisk, PowerCut } from '../helpers/fake-disk.ts';
import { manifestOf, someBytes } from '../helpers/transfer.ts';

const outDir = '/out';
const name = 'film.mkv';
/** Just above the smallest file that has a journal, the last piece a short one. */
const bytes = someBytes(5 * minPieceLength + 5_000, 7);
const manifest = manifestOf(bytes);
const id = contentIdOf(manifest);

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What the world may rely on, whatever happens next. */
interface Promises {
  readonly flushed: Set<number>;
  path: string | undefined;
}

const pieceAt = (piece: number): Buffer =>
  bytes.subarray(piece * minPieceLength, piece * minPieceLength + pieceSize(bytes.length, piece));

/** One run, to its end or to the next power cut. */
async function run(fake: FakeDisk, promises: Promises, random: () => number): Promise<void> {
  const { disk } = fake;
  const opened = await PartialFile.open(outDir, id, manifest, disk);
  if (!opened.ok) throw new Error(opened.problem.message);
  const partial = opened.value;
  const writer = (await disk.open(partial.path, constants.O_RDWR)) as FileHandle;
  const buffer = Buffer.alloc(minPieceLength);
  const reviewed = await reviewPartial(partial, async (ranges) => {
    const right: number[] = [];
    for (const piece of piecesOf(ranges)) {
      const length = pieceSize(bytes.length, piece);
      const { bytesRead } = await writer.read(buffer, 0, length, piece * minPieceLength);
      if (verifyPiece(manifest, piece, buffer.subarray(0, bytesRead))) right.push(piece);
    }
    return ok(toRanges(right));
  });
  if (!reviewed.ok) throw new Error(reviewed.problem.message);
  for (const piece of promises.flushed) expect([piece, partial.have.has(piece)]).toEqual([piece, true]);
  const missing: number[] = [];
  for (let piece = 0; piece < partial.have.length; piece++) {
    if (!partial.have.has(piece)) missing.push(piece);
    else
      expect(
        fake
          .read(partial.path)
          .subarray(piece * minPieceLength, (piece + 1) * minPieceLength)
          .equals(pieceAt(piece)),
      ).toBe(true);
  }
  missing.sort(() => random() - 0.5);
  for (const [at, piece] of missing.entries()) {
    const from = pieceAt(piece);
    // In two parts, as a network brings them.
    await writer.write(from, 0, 100_000 % from.length, piece * minPieceLength);
    await writer.write(from, 0, from.length, piece * minPieceLength);
    partial.add(piece);
    if (at % 2 === 1) await flush(partial, promises);
    if (random() < 0.2) {
      await partial.close(random() < 0.7);
      return run(fake, promises, random);
    }
  }
  const finished = await partial.finish(['a', 'b'], name);
  if (!finished.ok) throw new Error(finished.problem.message);
  promises.path = finished.value;
}

async function flush(partial: PartialFile, promises: Promises): Promise<void> {
  const had = [...partial.have.ranges()];
  const flushed = await partial.flush();
  if (!flushed.ok) throw new Error(flushed.problem.message);
  for (const { start, end } of had) for (let piece = start; piece < end; piece++) promises.flushed.add(piece);
}

async function newDisk(): Promise<FakeDisk> {
  const fake = new FakeDisk();
  await fake.disk.mkdir(outDir);
  await fake.disk.syncFolder('/');
  return fake;
}

const nothingYet = (): Promises => ({ flushed: new Set(), path: undefined });

async function stepsOfOneRun(): Promise<number> {
  const fake = await newDisk();
  await run(fake, nothingYet(), () => 0.5);
  return fake.steps;
}

/** All names that the file may have got. */
function finishedFiles(fake: FakeDisk): Buffer[] {
  return fake.list(`${outDir}/a/b`).map((each) => fake.read(`${outDir}/a/b/${each}`));
}

describe('a download whose power is cut', () => {
  test('at any step goes on with all that was flushed, and never ends with a wrong byte', async () => {
    let cuts = 0;
    const steps = await stepsOfOneRun();
    expect(steps).toBeGreaterThan(50);
    for (let seed = 1; seed <= 3; seed++)
      for (let cutAt = 1; cutAt <= steps; cutAt++) {
        const random = randomOf(seed * 10_000 + cutAt);
        const fake = await newDisk();
        const promises = nothingYet();
        const began = fake.steps;
        let at = began + cutAt;
        fake.onStep = (step) => {
          if (step === at) fake.turnOff();
        };
        for (let isDone = false; !isDone;) {
          try {
            await run(fake, promises, random);
            isDone = true;
          } catch (error) {
            if (!(error instanceof PowerCut))
              throw new Error(`seed ${seed}, cut at ${cutAt}`, { cause: error });
            cuts += 1;
            fake.loseAndRegainPower(random);
            for (const file of finishedFiles(fake)) expect(file.equals(bytes)).toBe(true);
            // What has its name needs no other run.
            isDone = finishedFiles(fake).length > 0;
            // Now and then it is cut again.
            at = random() < 0.5 ? fake.steps + Math.ceil(random() * 40) : Infinity;
          }
        }
        // Now that it was told that it has its name, nothing takes that away.
        if (promises.path !== undefined) fake.loseAndRegainPower(random);
        const files = finishedFiles(fake);
        expect(files).toHaveLength(1);
        expect(files[0]?.equals(bytes)).toBe(true);
      }
    expect(cuts).toBeGreaterThan(100);
  }, 60_000);
});
