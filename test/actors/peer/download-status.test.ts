import { describe, expect, test } from '@jest/globals';
import { takeDown, type Standing } from '../../../src/actors/peer/download-status.ts';
import { createRecord } from '../../../src/actors/peer/transfer-record.ts';
import { Assignment } from '../../../src/core/assignment.ts';
import { Bitfield } from '../../../src/core/bitfield.ts';
import type { DownloadState } from '../../../src/core/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../../src/core/ids.ts';
import { deliveringMs } from '../../../src/core/limits/downloads.ts';
import { minPieceLength } from '../../../src/core/piece-length.ts';
import { SourceBook } from '../../../src/core/source-book.ts';

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
    isSeeking: false,
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
