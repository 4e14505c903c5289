import { describe, expect, test } from '@jest/globals';
import { detailsOf, pieceMapOf } from '../../../../src/actors/peer/downloads/download-details.ts';
import { createRecord } from '../../../../src/actors/peer/downloads/transfer-record.ts';
import { Assignment } from '../../../../src/core/swarm/assignment.ts';
import { Bitfield } from '../../../../src/core/swarm/bitfield.ts';
import type { Source } from '../../../../src/core/catalogue.ts';
import { pieceState } from '../../../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../../../src/core/ids.ts';
import { maxPieceMapCells } from '../../../../src/core/limits/downloads.ts';
import type { Manifest } from '../../../../src/core/swarm/manifest.ts';
import { SourceBook } from '../../../../src/core/swarm/source-book.ts';

const pieceLength = 256 * 1024;
const idOf = (seed: number): string => encodeId(new Uint8Array(32).fill(seed));
const manifestOf = (pieces: number): Manifest => ({
  sizeBytes: pieces * pieceLength,
  pieceLength,
  leaves: new Uint8Array(pieces * 32),
});

function bitfield(length: number, pieces: readonly number[]): Bitfield {
  const field = new Bitfield(length);
  for (const piece of pieces) field.set(piece);
  return field;
}

const source = (seed: number): Source => ({
  peer: idOf(seed) as PeerId,
  name: `peer-${seed}`,
  host: '127.0.0.1',
  port: seed,
});

describe('the map of pieces', () => {
  test('says of each what is here, asked for, and to be had from how many', () => {
    const assignment = new Assignment(manifestOf(6), bitfield(6, [0]), () => 0);
    const [a, b] = [source(1).peer, source(2).peer];
    assignment.join(a, bitfield(6, [1, 2]), 0);
    assignment.join(b, bitfield(6, [2, 3, 4]), 0);
    expect([...pieceMapOf(assignment, 6)]).toEqual([
      pieceState.have,
      pieceState.available + 1,
      pieceState.available + 2,
      pieceState.available + 1,
      pieceState.available + 1,
      pieceState.missing,
    ]);
    assignment.topUp(1);
    expect([...pieceMapOf(assignment, 6)].slice(1, 5)).toEqual(Array(4).fill(pieceState.requested));
  });

  test('has the worst of each run where there are more pieces than cells', () => {
    const pieces = maxPieceMapCells * 3;
    const states = Array.from({ length: pieces }, () => 'have' as const);
    const all: ('have' | 'requested' | { availability: number })[] = states;
    all[1] = 'requested';
    all[4] = { availability: 3 };
    all[5] = { availability: 2 };
    all[3] = 'requested';
    all[8] = { availability: 0 };
    all[7] = { availability: 900 };
    all[11] = { availability: 900 };
    const map = pieceMapOf({ pieceState: (piece) => all[piece] ?? 'have' }, pieces);
    expect(map).toHaveLength(maxPieceMapCells);
    expect([...map].slice(0, 5)).toEqual([
      pieceState.requested,
      pieceState.available + 2,
      pieceState.missing,
      255,
      pieceState.have,
    ]);
  });
});

describe('the details of a download', () => {
  test('say of each source what it is doing, or why not and until when', () => {
    const target = {
      kind: 'content',
      id: idOf(9) as ContentId,
      name: 'f',
      folders: [],
      sources: [],
    } as const;
    const record = createRecord(1, { target, outDir: '/out', bytesPerSecond: 0 }, 0);
    const sources = new SourceBook(idOf(99) as PeerId, () => 0.5);
    const manifest = manifestOf(4);
    const assignment = new Assignment(manifest, bitfield(4, [0]), () => 0);
    sources.learn([1, 2, 3, 4, 5, 6].map(source));
    for (let n = 1; n <= 5; n++) sources.take(0);
    const at = (peer: PeerId): number => [...sources.all].findIndex((known) => known.source.peer === peer);
    const inUse = [...sources.all].filter((known) => known.inUse).map(({ source: { peer } }) => peer);
    const [delivers, waits, useless, fails, connects] = inUse;
    if (!delivers || !waits || !useless || !fails || !connects) throw new Error('Five are in use');
    assignment.join(delivers, 'everything', 0);
    assignment.join(waits, 'everything', 0);
    assignment.join(useless, bitfield(4, [0]), 0);
    assignment.queued(waits, 3);
    const range = [{ first: 1, count: 1 }];
    assignment.delivered(delivers, { verified: range, spoiled: [], receivedBytes: pieceLength }, 1_000);
    sources.lost(fails, { code: 'unreachable', message: 'no' }, 1_000);
    const details = detailsOf({ record, manifest, assignment, sources, nowMs: 1_000, dateMs: 5_000_000 });
    expect(details).toMatchObject({ pieces: 4, pieceLength, download: { transfer: 1 } });
    const of = (peer: PeerId) => details.sources[at(peer)];
    expect(of(delivers)).toMatchObject({ state: 'delivering', havePieces: 4, queuePosition: undefined });
    expect(of(waits)).toMatchObject({ state: 'waiting', queuePosition: 3 });
    expect(of(useless)).toMatchObject({ state: 'useless', havePieces: 1 });
    expect(of(connects)).toMatchObject({ state: 'connecting', havePieces: undefined });
    expect(of(fails)).toMatchObject({ state: 'resting', problem: { code: 'unreachable' } });
    expect(of(fails)?.nextAttemptMs).toBeGreaterThan(5_000_000);
    const rest = details.sources.filter(({ peer }) => !inUse.includes(peer));
    expect(rest).toMatchObject([{ state: 'idle', problem: undefined }]);
  });

  test('say how fast bytes come of each source, not how fast it could be: together as fast as the download', () => {
    const target = {
      kind: 'content',
      id: idOf(9) as ContentId,
      name: 'f',
      folders: [],
      sources: [],
    } as const;
    const record = createRecord(1, { target, outDir: '/out', bytesPerSecond: 0 }, 0);
    const sources = new SourceBook(idOf(99) as PeerId, () => 0.5);
    const pieces = 400;
    const manifest = manifestOf(pieces);
    const assignment = new Assignment(manifest, bitfield(pieces, []), () => 0);
    sources.learn([source(1), source(2)]);
    const [one, other] = [sources.take(0)?.peer, sources.take(0)?.peer];
    if (!one || !other) throw new Error('Both are in use');
    assignment.join(one, 'everything', 0);
    // A fellow downloader gets a piece now and then, passes it on at once, and has nothing more for us.
    assignment.join(other, bitfield(pieces, []), 0);
    let nowMs = 0;
    const come = (peer: PeerId, piece: number): void => {
      const range = { verified: [{ first: piece, count: 1 }], spoiled: [], receivedBytes: pieceLength };
      assignment.delivered(peer, range, nowMs);
      sources.received(peer, pieceLength, assignment.stateOf(peer, nowMs)?.bytesPerSecond ?? 0, nowMs);
    };
    for (let piece = 0; piece < 200; piece += 2) {
      come(one, piece);
      assignment.gained(other, [{ first: piece + 1, count: 1 }]);
      assignment.topUp(nowMs);
      nowMs += 2;
      come(other, piece + 1);
      nowMs += 198;
    }
    const details = detailsOf({ record, manifest, assignment, sources, nowMs, dateMs: 0 });
    const speeds = details.sources.map(({ bytesPerSecond }) => bytesPerSecond / (5 * pieceLength));
    expect(speeds).toEqual([expect.closeTo(1, 0.5), expect.closeTo(1, 0.5)]);
    expect(assignment.stateOf(other, nowMs)?.bytesPerSecond).toBeGreaterThan(20 * pieceLength);
    sources.lost(other, { code: 'closed', message: 'gone' }, nowMs);
    const after = detailsOf({ record, manifest, assignment, sources, nowMs, dateMs: 0 });
    expect(after.sources.find(({ peer }) => peer === other)?.bytesPerSecond).toBe(0);
  });

  test('name a source that has no name by the beginning of its id', () => {
    const target = {
      kind: 'content',
      id: idOf(9) as ContentId,
      name: 'f',
      folders: [],
      sources: [],
    } as const;
    const record = createRecord(1, { target, outDir: '/out', bytesPerSecond: 0 }, 0);
    const sources = new SourceBook(idOf(99) as PeerId, () => 0.5);
    sources.learn([source(1), { ...source(2), name: '' }]);
    const none = { manifest: undefined, assignment: undefined };
    const details = detailsOf({ record, ...none, sources, nowMs: 0, dateMs: 0 });
    expect(details.sources.map(({ name }) => name)).toEqual(['peer-1', idOf(2).slice(0, 8)]);
  });
});
