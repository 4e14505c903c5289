/** Everything about one download at work, for a screen that asks a few times a second: its pieces and its sources. */
import type { Assignment } from '../../../core/swarm/assignment.ts';
import { pieceState, type DownloadDetails, type SourceView } from '../../../core/engine/engine-api.ts';
import type { KnownSource } from '../../../core/swarm/known-source.ts';
import { maxPieceMapCells } from '../../../core/limits/downloads.ts';
import type { Manifest } from '../../../core/swarm/manifest.ts';
import { pieceCount } from '../../../core/swarm/piece-length.ts';
import type { SourceBook } from '../../../core/swarm/source-book.ts';
import { viewOf, type TransferRecord } from './transfer-record.ts';

export interface DetailsOf {
  readonly record: TransferRecord;
  readonly manifest: Manifest | undefined;
  /** Undefined while the file is not open. */
  readonly assignment: Assignment | undefined;
  readonly sources: SourceBook;
  /** The same moment by the download's clock and by the calendar. */
  readonly nowMs: number;
  readonly dateMs: number;
}

export function detailsOf({
  record,
  manifest,
  assignment,
  sources,
  nowMs,
  dateMs,
}: DetailsOf): DownloadDetails {
  const pieces = manifest && pieceCount(manifest.sizeBytes);
  const dated = (atMs: number): number | undefined =>
    atMs > nowMs && atMs < Infinity ? Math.ceil(dateMs + (atMs - nowMs)) : undefined;
  return {
    download: viewOf(record),
    pieceLength: manifest?.pieceLength,
    pieces,
    pieceMap: assignment && pieces !== undefined ? pieceMapOf(assignment, pieces) : undefined,
    sources: Array.from(sources.all, (known) => sourceView(known, assignment, nowMs, dated)),
    openFiles: [],
  };
}

/** The cells of a content's pieces: each the worst of its run where there are more pieces than cells. */
export function pieceMapOf(assignment: Pick<Assignment, 'pieceState'>, pieces: number): Uint8Array {
  const cells = Math.min(pieces, maxPieceMapCells);
  const map = new Uint8Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    const end = Math.floor(((cell + 1) * pieces) / cells);
    let worst: number = pieceState.have;
    for (let piece = Math.floor((cell * pieces) / cells); piece < end; piece++) {
      const state = stateOf(assignment, piece);
      if (badness(state) > badness(worst)) worst = state;
    }
    map[cell] = worst;
  }
  return map;
}

function stateOf(assignment: Pick<Assignment, 'pieceState'>, piece: number): number {
  const state = assignment.pieceState(piece);
  if (typeof state === 'string') return pieceState[state];
  if (state.availability === 0) return pieceState.missing;
  return Math.min(pieceState.available + state.availability, maxCell);
}

const maxCell = 255;

/** Nobody has it; few have it; it is asked for; it is here. */
function badness(state: number): number {
  if (state === pieceState.missing) return maxCell + 1;
  return state >= pieceState.available ? maxCell + pieceState.available - state : pieceState.have - state;
}

function sourceView(
  known: KnownSource,
  assignment: Assignment | undefined,
  nowMs: number,
  dated: (atMs: number) => number | undefined,
): SourceView {
  const { source, receivedBytes, meter, notBeforeMs, problem } = known;
  const atWork = known.inUse ? assignment?.stateOf(source.peer, nowMs) : undefined;
  return {
    ...source,
    // Trackers give no name of who only downloads.
    name: source.name === '' ? source.peer.slice(0, shortIdLength) : source.name,
    state: stateOfSource(known, atWork, nowMs),
    havePieces: atWork?.havePieces,
    receivedBytes,
    bytesPerSecond: atWork && meter ? meter.bytesPerSecond(nowMs) : 0,
    queuePosition: atWork && atWork.queuePosition > 0 ? atWork.queuePosition : undefined,
    problem: known.inUse ? undefined : problem,
    nextAttemptMs: known.inUse ? undefined : dated(notBeforeMs),
  };
}

/** Characters of an id that tell the sources of one download apart for people. */
const shortIdLength = 8;

function stateOfSource(
  { inUse, isBanned, notBeforeMs }: KnownSource,
  atWork: ReturnType<Assignment['stateOf']>,
  nowMs: number,
): SourceView['state'] {
  if (!inUse) {
    if (isBanned) return 'banned';
    return notBeforeMs > nowMs ? 'resting' : 'idle';
  }
  if (!atWork) return 'connecting';
  if (atWork.queuePosition > 0) return 'waiting';
  if (atWork.isDelivering) return 'delivering';
  return atWork.isUseful ? 'idle' : 'useless';
}
