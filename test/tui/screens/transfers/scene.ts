/** A peer in the middle of things: downloads in every state, uploads, trouble, and names of all kinds. */
import {
  pieceState,
  type DownloadDetails,
  type DownloadView,
  type EngineCommand,
  type EngineEvent,
  type EngineSnapshot,
  type SourceView,
  type UploadView,
} from '../../../../src/core/engine/engine-api.ts';
import { encodeId, type ContentId, type PeerId } from '../../../../src/core/ids.ts';
import { downloadView, trackerView, uploadView } from '../../../helpers/views.ts';
import { goldenWallMs, type Opened } from '../golden.ts';

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;
const at = (minutes: number): number => goldenWallMs - minutes * 60_000;

export const idOf = (seed: number): ContentId => encodeId(new Uint8Array(32).fill(seed)) as ContentId;
export const peerOf = (seed: number): PeerId => encodeId(new Uint8Array(32).fill(seed)) as PeerId;

const common = { outDir: '/home/me/Downloads', addedMs: at(4) } as const;

/** By number; speeds in `speeds`. */
export const downloads: readonly DownloadView[] = [
  { name: 'debian-13.1-amd64-dvd.iso', sizeBytes: 3.71 * GiB, doneBytes: 2.337 * GiB, sources: 12, knownSources: 14, availability: 9.62, usedSources: 12, sentBytes: 410 * MiB },
  { name: 'kernel-src-6.12.tar.zst', sizeBytes: 142 * MiB, doneBytes: 139.4 * MiB, sources: 4, knownSources: 4, availability: 4, usedSources: 4, priority: 'high' as const },
  { name: 'field-recordings-2024-winter-night-raw.7z', sizeBytes: 18.4 * GiB, doneBytes: 1.33 * GiB, sources: 3, knownSources: 5, availability: 2.31, limitBytesPerSecond: 2 * MiB },
  { name: '日本語ファイル名の長いものがここにあります-第01巻.epub', sizeBytes: 48.1 * MiB, doneBytes: 24.7 * MiB, sources: 2, knownSources: 2, availability: 2, order: 'sequential' as const },
  { name: 'osm-planet-extract.pbf', sizeBytes: 71.2 * GiB, doneBytes: 15.7 * GiB, sources: 1, knownSources: 3, availability: 0.97 },
  { name: 'photo\u202egpj.exe', sizeBytes: 1.12 * GiB, doneBytes: 0, state: 'waiting' as const, sources: 0, knownSources: 2, queuePosition: 7 },
  { name: 'talk\x1b[31m-2025-09-14.webm', sizeBytes: 512 * MiB, doneBytes: 12 * MiB, state: 'waiting' as const, sources: 0, knownSources: 1, problem: { code: 'unreachable' as const, message: 'crane did not answer' }, retry: 'connection' as const, attempts: 3, nextAttemptMs: goldenWallMs + 222_000 },
  { name: 'dataset-part-0007.parquet', sizeBytes: 2 * GiB, doneBytes: 2 * GiB, state: 'finishing' as const, sources: 9, knownSources: 9, availability: 9 },
  { name: 'holiday-photos', id: undefined, sizeBytes: 6.2 * GiB, doneBytes: 3.1 * GiB, sources: 2, knownSources: 2, files: { total: 340, done: 171, failed: 2 } },
  { name: 'old-manual-scan.pdf', sizeBytes: 66 * MiB, doneBytes: 22.5 * MiB, state: 'paused' as const, sources: 0, knownSources: 1, queueIndex: undefined },
  { name: 'archive-1999.tar', sizeBytes: 700 * MiB, doneBytes: 350 * MiB, state: 'waiting' as const, sources: 0, knownSources: 4, problem: { code: 'disk-full' as const, message: 'No room on /home: 12.0 MiB free' }, retry: 'disk' as const, attempts: 1, nextAttemptMs: goldenWallMs + 78_000 },
  { name: 'queued-thing.bin', sizeBytes: undefined, doneBytes: 0, state: 'queued' as const, sources: 0, knownSources: 0 },
  { name: 'lecture-07.webm', sizeBytes: 1.02 * GiB, doneBytes: 1.02 * GiB, state: 'done' as const, sources: 0, usedSources: 3, endedMs: at(35), path: '/home/me/Downloads/lecture-07.webm', sentBytes: 220 * MiB, queueIndex: undefined },
  { name: '音楽アルバム.flac', sizeBytes: 301 * MiB, doneBytes: 301 * MiB, state: 'done' as const, sources: 0, usedSources: 1, endedMs: at(60 * 30), path: '/home/me/Downloads/音楽アルバム.flac', queueIndex: undefined },
  { name: 'gone.mkv', sizeBytes: 4.4 * GiB, doneBytes: 1.1 * GiB, state: 'failed' as const, sources: 0, endedMs: at(12), problem: { code: 'not-found' as const, message: 'nobody has it any more' }, queueIndex: undefined },
  { name: 'oops\nsecond-line.zip', sizeBytes: 9 * MiB, doneBytes: 0, state: 'cancelled' as const, sources: 0, endedMs: at(2), queueIndex: undefined },
].map((view, index) =>
  downloadView({ ...common, transfer: index + 1, id: idOf(index + 1), queueIndex: index + 1, ...view }),
); // prettier-ignore

/** What each gets in a second, by number. */
export const speeds: Readonly<Record<number, number>> = {
  1: 11.8 * MiB, 2: 2.1 * MiB, 3: 1.9 * MiB, 4: 412 * 1024, 5: 88 * 1024, 9: 5.25 * MiB,
}; // prettier-ignore

export const uploads: readonly UploadView[] = [
  { peer: peerOf(31), peerName: 'sparrow', id: idOf(1), name: 'debian-13.1-amd64-dvd.iso', sizeBytes: 3.71 * GiB, sentBytes: 410 * MiB, sinceMs: at(1) },
  { peer: peerOf(32), peerName: 'rob\u200bin', id: idOf(40), name: 'lecture-07.webm', sizeBytes: 1.02 * GiB, sentBytes: 0.9 * GiB, sinceMs: at(35) },
  { peer: peerOf(33), peerName: 'やまがら', id: idOf(41), name: 'しずかな湖.flac', sizeBytes: 88 * MiB, sentBytes: 0, state: 'queued' as const, queuePosition: 1, sinceMs: at(3) },
  { peer: peerOf(34), peerName: 'crane', id: undefined, name: undefined, sizeBytes: undefined, sentBytes: 0, state: 'idle' as const, sinceMs: at(90) },
].map((view, index) => uploadView({ upload: index + 1, ...view })); // prettier-ignore

const uploadSpeeds: Readonly<Record<number, number>> = { 1: 1.2 * MiB, 2: 640 * 1024 };

export const snapshot: Partial<EngineSnapshot> = {
  trackers: [trackerView({ host: 'hub-a', port: 7000, latencyMs: 12, peers: 41, files: 1204 })],
  downloads,
  uploads,
  limits: { downloadBytesPerSecond: 0, uploadBytesPerSecond: 5 * MiB, uploadSlots: 6, downloadsAtOnce: 8, limitsLan: false },
  disk: { folder: '/home/me/Downloads', freeBytes: 212 * GiB },
  startedMs: at(60 * 98),
  log: [
    { atMs: at(1), level: 'warn', source: 'download-7', text: 'crane: timeout, attempt 3' },
    { atMs: at(0.5), level: 'info', source: 'library', text: 'nothing to see' },
    { atMs: at(0.2), level: 'error', source: 'disk', text: 'No room on /home' },
  ],
}; // prettier-ignore

const source = (name: string, seed: number, changes: Partial<SourceView>): SourceView => ({
  peer: peerOf(seed),
  name,
  host: '10.0.0.1',
  port: 4001,
  state: 'delivering',
  havePieces: 1884,
  receivedBytes: 0,
  bytesPerSecond: 0,
  queuePosition: undefined,
  problem: undefined,
  nextAttemptMs: undefined,
  ...changes,
});

const sources: readonly SourceView[] = [
  source('kestrel', 51, { receivedBytes: 900 * MiB, bytesPerSecond: 4.1 * MiB }),
  source('wren', 52, { receivedBytes: 800 * MiB, bytesPerSecond: 3.9 * MiB }),
  source('heron\u202e-7', 53, { receivedBytes: 400 * MiB, bytesPerSecond: 2.6 * MiB }),
  source('あおじ', 54, { havePieces: 1168, receivedBytes: 60 * MiB, bytesPerSecond: 0.9 * MiB }),
  source('swift', 55, { state: 'waiting', queuePosition: 2 }),
  source('plover', 56, { state: 'useless', havePieces: 150 }),
  source('crane', 57, { state: 'resting', havePieces: undefined, nextAttemptMs: goldenWallMs + 102_000, problem: { code: 'timeout', message: 'did not answer' } }),
  source('magpie', 58, { state: 'banned', problem: { code: 'piece-mismatch', message: 'sent 3 wrong pieces' } }),
]; // prettier-ignore

const treeFiles: DownloadDetails['openFiles'] = [
  { id: idOf(61), path: '/photos/2019/IMG_0001.jpg', sizeBytes: 4 * MiB, outcome: 'failed', filePath: undefined, fetchedBytes: 0, sources: 1, doneBytes: 0, problem: { code: 'not-shared', message: 'the peer does not share it any more' } },
  { id: idOf(62), path: '/photos/2019/海辺\u202e.jpg', sizeBytes: 5 * MiB, outcome: 'failed', filePath: undefined, fetchedBytes: 1 * MiB, sources: 1, doneBytes: 1 * MiB, problem: { code: 'piece-mismatch', message: 'a piece was wrong' } },
  { id: idOf(63), path: '/photos/2020/film.mp4', sizeBytes: 2 * GiB, outcome: 'open', filePath: undefined, fetchedBytes: 0.5 * GiB, sources: 1, doneBytes: 0.5 * GiB, problem: undefined },
  { id: idOf(64), path: '/photos/2021/later.jpg', sizeBytes: 3 * MiB, outcome: 'open', filePath: undefined, fetchedBytes: 0, sources: 1, doneBytes: 0, problem: undefined },
]; // prettier-ignore

/** The first 1,884 pieces of something half done. */
function pieceMap(): Uint8Array {
  const map = new Uint8Array(1884);
  for (const piece of map.keys()) {
    const of = piece / map.length;
    if (of < 0.45) map[piece] = pieceState.have;
    else if (of < 0.48) map[piece] = pieceState.requested;
    else if (of < 0.63) map[piece] = pieceState.available + 4;
    else if (of < 0.8) map[piece] = pieceState.have;
    else if (of < 0.9) map[piece] = pieceState.available + 1;
    else map[piece] = pieceState.missing;
  }
  return map;
}

/** What the engine answers to `details`. */
export function details({
  requestId,
  transfer,
}: Extract<EngineCommand, { readonly type: 'details' }>): readonly EngineEvent[] {
  const download = downloads.find((view) => view.transfer === transfer);
  if (!download) return [];
  const tree = download.files !== undefined;
  const value: DownloadDetails = {
    download,
    pieceLength: tree ? undefined : 2 * MiB,
    pieces: tree ? undefined : 1884,
    pieceMap: tree ? undefined : pieceMap(),
    sources: transfer <= 9 ? sources : [],
    openFiles: tree ? treeFiles : [],
  };
  return [{ type: 'answer-details', requestId, answer: { ok: true, value } }];
}

/** Bytes come for a while, at the speeds above. */
export function run({ engine, clock }: Opened, seconds = 16): void {
  for (let second = 1; second <= seconds; second++) {
    // Not quite even, so that a curve has something to show.
    const part = seconds === second ? seconds : second - 0.4 * Math.sin(second / 4);
    for (const download of downloads) {
      const fetchedBytes = Math.round((speeds[download.transfer] ?? 0) * part);
      if (fetchedBytes > 0) engine.emit({ type: 'download', download: { ...download, fetchedBytes } });
    }
    for (const upload of uploads) {
      const sentBytes = upload.sentBytes + Math.round((uploadSpeeds[upload.upload] ?? 0) * part);
      if (sentBytes > upload.sentBytes) engine.emit({ type: 'upload', upload: { ...upload, sentBytes } });
    }
    clock.advance(1_000);
  }
}
