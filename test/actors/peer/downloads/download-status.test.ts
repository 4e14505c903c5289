import { describe, expect, test } from '@jest/globals';
import { takeDown, type Standing } from '../../../../src/actors/peer/downloads/download-status.ts';
import { createRecord } from '../../../../src/actors/peer/downloads/transfer-record.ts';
import { Assignment } from '../../../../src/core/swarm/assignment.ts';
import { Bitfield } from '../../../../src/core/swarm/bitfield.ts';
import type { DownloadState } from '../../../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../../../src/core/ids.ts';
import { deliveringMs, sourceAnswerTimeoutMs } from '../../../../src/core/limits/downloads.ts';
import { rateSilenceMs } from '../../../../src/core/limits/pipelining.ts';
import { minPieceLength } from '../../../../src/core/swarm/piece-length.ts';
import { SourceBook } from '../../../../src/core/swarm/source-book.ts';

const idOf = (seed: number): string => encodeId(new Uint8Array(32).fill(seed));
const pieces = 100;

/** A download of what one peer has, who makes us wait, and another one downloads too. */
function swarm() {
  const [alice, fellow] = [idOf(1) as PeerId, idOf(2) as PeerId];
  const target = { kind: 'content', id: idOf(9) as ContentId, name: 'f', folders: [], sources: [] } as const;
  const record = createRecord(1, { target, outDir: '/out', bytesPerSecond: 0 }, 0);
  const sources = new SourceBook(idOf(99) as PeerId, () => 0.5);
  const leaves = new Uint8Array(pieces * 32);
  const manifest = { sizeBytes: pieces * minPieceLength, pieceLength: minPieceLength, leaves };
  const assignment = new Assignment(manifest, new Bitfield(pieces), () => 0);
  sources.learn([alice, fellow].map((peer) => ({ peer, name: '', host: '127.0.0.1', port: 1 })));
  while (sources.take(0));
  assignment.join(alice, 'everything', 0);
  assignment.join(fellow, new Bitfield(pieces), 0);
  assignment.queued(alice, 3);
  const standing = (nowMs: number, obstacle?: Standing['file']['obstacle']): Standing => ({
    file: { obstacle, isOpening: false, isCopying: false, doubtedBytes: 0 },
    assignment,
    sources,
    seeker: { isSeeking: false, seeksAtMs: 60_000 },
    isFinishing: false,
    attempts: 0,
    nowMs,
    dateMs: 0,
  });
  const stateAt = (nowMs: number): DownloadState => takeDown(record, standing(nowMs));
  const come = (piece: number, nowMs: number): void => {
    assignment.gained(fellow, [{ first: piece, count: 1 }]);
    const came = { verified: [{ first: piece, count: 1 }], spoiled: [], receivedBytes: minPieceLength };
    assignment.delivered(fellow, came, nowMs);
    sources.received(fellow, minPieceLength, 0, nowMs);
  };
  return { alice, fellow, record, assignment, sources, standing, stateAt, come };
}

describe('a download whose best source makes it wait', () => {
  test('is downloading while another gives it something now and then, and tells its place beside that', () => {
    const { record, stateAt, come } = swarm();
    expect(stateAt(0)).toBe('waiting');
    expect(record).toMatchObject({ queuePosition: 3, problem: { code: 'busy' } });
    for (let piece = 0; piece < 10; piece++) {
      come(piece, 1_000 + piece * 2_000);
      for (const sinceMs of [0, 1_000, 1_999])
        expect(stateAt(1_000 + piece * 2_000 + sinceMs)).toBe('downloading');
      expect(record).toMatchObject({ queuePosition: 3, problem: undefined });
    }
    const lastMs = 1_000 + 9 * 2_000;
    expect(stateAt(lastMs + deliveringMs - 1)).toBe('downloading');
    expect(stateAt(lastMs + deliveringMs)).toBe('waiting');
    expect(record).toMatchObject({ queuePosition: 3, problem: { code: 'busy' } });
  });

  test('is downloading for a while also when the other has left, but never while its disk is in the way', () => {
    const { fellow, assignment, sources, standing, stateAt, come, record } = swarm();
    come(0, 1_000);
    assignment.leave(fellow);
    sources.lost(fellow, { code: 'closed', message: 'gone' }, 1_000);
    expect(stateAt(1_500)).toBe('downloading');
    const problem = { code: 'io', message: 'The disk is full' } as const;
    const obstacle = { problem, untilMs: 9_000, retry: 'disk', attempts: 1 } as const;
    expect(takeDown(record, standing(1_500, obstacle))).toBe('waiting');
    expect(stateAt(1_000 + deliveringMs)).toBe('waiting');
  });
});

describe('a download whose only source falls silent', () => {
  /** Alice is called, has what is wanted or not yet, and is or is not silent. */
  function lone({ isConnected }: { readonly isConnected: boolean }) {
    const { alice, record, standing } = swarm();
    const book = new SourceBook(idOf(99) as PeerId, () => 0.5);
    const source = { peer: alice, name: 'alice', host: '127.0.0.1', port: 1 };
    book.learn([source]);
    book.take(0);
    const own = new Assignment(
      {
        sizeBytes: pieces * minPieceLength,
        pieceLength: minPieceLength,
        leaves: new Uint8Array(pieces * 32),
      },
      new Bitfield(pieces),
      () => 0,
    );
    if (isConnected) own.join(alice, 'everything', 0);
    const at = (
      nowMs: number,
      attempts = 0,
    ): readonly [DownloadState, string | undefined, number | undefined] => {
      const facts = {
        ...standing(nowMs),
        assignment: own,
        sources: book,
        attempts,
        dateMs: 1_000_000 + nowMs,
      };
      const state = takeDown(record, facts);
      return [state, record.problem?.message, record.nextAttemptMs];
    };
    return { alice, book, own, at };
  }
  const silence = 'alice does not answer';

  test('waits for it to be given up, and goes on as soon as something comes', () => {
    const { alice, book, own, at } = lone({ isConnected: true });
    own.topUp(0);
    expect(at(1_000)).toEqual(['downloading', undefined, undefined]);
    book.silent(alice, 1_030_000);
    expect(at(6_500)).toEqual(['waiting', silence, 1_030_000]);
    expect(at(20_000)).toEqual(['waiting', silence, 1_030_000]);
    book.received(alice, 10, 10, 21_000);
    book.silent(alice, undefined);
    expect(at(21_000)).toEqual(['downloading', undefined, undefined]);
  });

  test('is found at first, and waited for when it does not answer, until the attempt is given up', () => {
    const { at } = lone({ isConnected: false });
    const untilMs = 1_000_000 + sourceAnswerTimeoutMs;
    expect(at(0)).toEqual(['finding', undefined, untilMs]);
    expect(at(rateSilenceMs - 1)).toEqual(['finding', undefined, untilMs]);
    expect(at(rateSilenceMs)).toEqual(['waiting', silence, untilMs]);
  });

  test('says the same while it is called again and again, always with the time at which that ends', () => {
    const { alice, book, at } = lone({ isConnected: false });
    const told = new Set<string>();
    for (let attempt = 1, nowMs = 0; attempt < 8; attempt++) {
      book.lost(alice, { code: 'timeout', message: silence }, nowMs);
      for (; !book.hasReady(nowMs); nowMs += 100) {
        const [state, reason, nextMs = 0] = at(nowMs, attempt);
        told.add(`${state}: ${reason}`);
        expect(nextMs).toBeGreaterThan(1_000_000 + nowMs);
      }
      book.take(nowMs);
      for (const untilMs = nowMs + sourceAnswerTimeoutMs; nowMs < untilMs; nowMs += 1_000) {
        const [state, reason, nextMs = 0] = at(nowMs, attempt);
        told.add(`${state}: ${reason}`);
        expect(nextMs).toBe(1_000_000 + untilMs);
      }
    }
    expect([...told]).toEqual([`waiting: ${silence}`]);
  });

  test('of which nobody is online is looked for once more without a word, at a time that comes nearer', () => {
    const { alice, book, at } = lone({ isConnected: false });
    book.drop(alice, { code: 'unauthorised', message: 'It is blocked here' });
    expect([at(1_000, 1), at(2_000, 1)]).toEqual([
      ['waiting', 'It is blocked here', 1_060_000],
      ['waiting', 'It is blocked here', 1_060_000],
    ]);
  });
});
