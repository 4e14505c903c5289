import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ContentId } from '../../../../src/core/ids.ts';
import { maxBegunPieceBytes } from '../../../../src/core/limits/connections.ts';
import {
  UploadQueue,
  type Upload,
  type UploadRequest,
} from '../../../../src/workers/jobs/serve/upload-queue.ts';
import { idOf } from '../../../helpers/download-bench.ts';

const pieceLength = 256 * 1024;
const content = (seed: number): ContentId => idOf(seed);
let lastRequest = 0;
const pieces = (seed: number, weight: number | undefined = 1): UploadRequest => ({
  type: 'get-pieces',
  requestId: ++lastRequest,
  id: content(seed),
  firstPiece: 0,
  count: 4,
  weight,
});
const files = (): UploadRequest => ({
  type: 'get-files',
  requestId: ++lastRequest,
  ids: [content(1)],
  weight: 1,
});
/** As one that knows nothing of weights asks. */
const unweighed = ({ weight: _weight, ...request }: UploadRequest): UploadRequest => request;

describe('the requests of one visitor', () => {
  let queue: UploadQueue;

  beforeEach(() => {
    queue = new UploadQueue();
  });

  /** Sends a part of what is next; `length`: how long its pieces turn out to be. */
  function send(bytes: number, length = pieceLength): Upload {
    const upload = queue.next(false);
    if (!upload) throw new Error('Nothing is to be sent');
    queue.sent(upload, bytes);
    if (upload.request.type === 'get-pieces') {
      upload.pieceLength = length;
      upload.position = (upload.position ?? 0) + bytes;
    }
    return upload;
  }

  function bytesOf(turns: number, bytes: number, length = pieceLength): Map<number, number> {
    const sent = new Map<number, number>();
    for (let turn = 0; turn < turns; turn++) {
      const { requestId } = send(bytes, length).request;
      sent.set(requestId, (sent.get(requestId) ?? 0) + bytes);
    }
    return sent;
  }

  test('for small files and for large ones are answered in turn, by bytes', () => {
    const [small, large, other] = [files(), pieces(2), pieces(3)];
    queue.add(small, true);
    queue.add(large, false);
    queue.add(other, false);
    const sent = bytesOf(30, 40_000);
    expect([small, large, other].map(({ requestId }) => sent.get(requestId))).toEqual([
      400_000, 400_000, 400_000,
    ]);
  });

  test('have as much of what is sent as they weigh', () => {
    const all = [pieces(2, 9_000), pieces(3, 3_000), pieces(4, 1_000)];
    for (const request of all) queue.add(request, false);
    const sent = bytesOf(260, 4_000);
    expect(all.map(({ requestId }) => sent.get(requestId))).toEqual([720_000, 240_000, 80_000]);
  });

  test('for one content are answered in the order they came', () => {
    const [first, second] = [pieces(2), pieces(2)];
    queue.add(first, false);
    queue.add(second, false);
    expect(send(40_000).request).toBe(first);
    expect(send(40_000).request).toBe(first);
    const upload = queue.next(false);
    if (upload) queue.done(upload);
    expect(send(40_000).request).toBe(second);
  });

  test('for what is new are answered at once, however much of others waits', () => {
    for (let many = 0; many < 100; many++) queue.add(pieces(2), false);
    bytesOf(50, 40_000);
    const small = files();
    queue.add(small, true);
    expect(queue.next(false)?.request).toBe(small);
  });

  test('begin no more pieces than a visitor has room for, and end those first', () => {
    const most = maxBegunPieceBytes / pieceLength;
    for (let seed = 1; seed <= 2 * most; seed++) queue.add(pieces(seed), false);
    const begun = new Map<UploadRequest, number>();
    for (let turn = 0; turn < 400; turn++) {
      const upload = queue.next(false);
      if (!upload) throw new Error('Nothing is to be sent');
      upload.pieceLength = pieceLength;
      const fits = queue.fits(upload);
      queue.sent(upload, fits ? pieceLength / 8 : 0);
      if (fits) upload.position = (upload.position ?? 0) + pieceLength / 8;
      begun.set(upload.request, upload.position ?? 0);
      const open = [...begun.values()].filter((position) => position % pieceLength > 0);
      expect(open.length).toBeLessThanOrEqual(most);
    }
    const progress = [...begun.values()];
    expect(progress).toHaveLength(2 * most);
    expect(Math.max(...progress) - Math.min(...progress)).toBeLessThanOrEqual(2 * pieceLength);
  });

  test('for many small contents begin no more pieces than that either, beside those of large ones', () => {
    for (let seed = 1; seed <= 10; seed++) queue.add(pieces(seed, 9_000), false);
    for (let seed = 11; seed <= 40; seed++) queue.add(pieces(seed, seed), true);
    const uploads = new Set<Upload>();
    let smallSent = 0;
    for (let turn = 0; turn < 4_000; turn++) {
      const upload = queue.next(false);
      if (!upload) break;
      upload.pieceLength = pieceLength;
      const fits = queue.fits(upload);
      queue.sent(upload, fits ? pieceLength / 8 : 0);
      if (fits) upload.position = (upload.position ?? 0) + pieceLength / 8;
      uploads.add(upload);
      const begun = [...uploads].filter(({ position = 0 }) => position % pieceLength > 0);
      expect(begun.length * pieceLength).toBeLessThanOrEqual(maxBegunPieceBytes);
      if (upload.isSmall && fits) smallSent += 1;
      if ((upload.position ?? 0) < 4 * pieceLength) continue;
      uploads.delete(upload);
      queue.done(upload);
    }
    expect(queue.isEmpty).toBe(true);
    expect(smallSent).toBe(30 * 32);
  });

  test('for small contents are not kept waiting by large pieces that have lost their slot', () => {
    queue.add(pieces(1), false);
    const large = send(maxBegunPieceBytes, 8 * maxBegunPieceBytes);
    queue.add(pieces(2), true);
    queue.add(pieces(3), true);
    const small = queue.next(true);
    expect(small?.isSmall).toBe(true);
    if (!small) return;
    expect(queue.fits(small)).toBe(true);
    Object.assign(small, { pieceLength, position: pieceLength / 2 });
    queue.sent(small, pieceLength / 2);
    // The other one waits for room.
    expect(queue.next(true)).toBe(small);
    expect(large.isSmall).toBe(false);
  });

  test('that say nothing of weights are answered one after the other, small ones first', () => {
    const [large, other, small, late] = [pieces(4), pieces(3), pieces(2), files()].map(unweighed);
    if (!large || !other || !small || !late) throw new Error('There are four');
    queue.add(large, false);
    queue.add(other, false);
    expect(send(40_000).request).toBe(large);
    queue.add(small, true);
    queue.add(late, true);
    for (const request of [large, small, late, other]) {
      for (let turn = 0; turn < 3; turn++) expect(send(40_000).request).toBe(request);
      const upload = queue.next(false);
      if (upload) queue.done(upload);
    }
    expect(queue.isEmpty).toBe(true);
  });

  test('leave nothing behind once they are answered, whatever they were for', () => {
    queue.add(pieces(999, 9_000), false);
    const sent = { large: 0, small: 0 };
    for (let seed = 1_000; sent.large + sent.small < 2_000;) {
      if (!queue.wants.small) queue.add(pieces(++seed, 1), true);
      const upload = queue.next(false);
      if (!upload) throw new Error('Nothing is to be sent');
      queue.sent(upload, pieceLength);
      if (upload.isSmall) queue.done(upload);
      sent[upload.isSmall ? 'small' : 'large'] += 1;
      expect(queue.remembered).toBeLessThanOrEqual(2);
    }
    // Nor do those that come one after the other keep one waiting that stays.
    expect(sent.large).toBeGreaterThan(900);
    expect(sent.small).toBeGreaterThan(900);
    for (let upload = queue.next(false); upload; upload = queue.next(false)) {
      queue.sent(upload, pieceLength);
      queue.done(upload);
    }
    expect(queue.remembered).toBe(0);
  });

  test('begin a single piece that is larger than that, and then no other', () => {
    queue.add(pieces(1), false);
    queue.add(pieces(2), false);
    const sent = bytesOf(8, maxBegunPieceBytes, 8 * maxBegunPieceBytes);
    expect(sent.size).toBe(1);
    expect(bytesOf(8, maxBegunPieceBytes, 8 * maxBegunPieceBytes).size).toBe(1);
  });

  test('for small files are answered without those for large ones, where only they may be', () => {
    const small = files();
    queue.add(pieces(2), false);
    queue.add(small, true);
    for (let turn = 0; turn < 3; turn++) {
      const upload = queue.next(true);
      expect(upload?.request).toBe(small);
      if (upload) queue.sent(upload, 1_000_000);
    }
    expect(queue.wants).toEqual({ small: true, large: true });
    const upload = queue.next(true);
    if (upload) queue.done(upload);
    expect(queue.wants).toEqual({ small: false, large: true });
    expect(queue.next(true)).toBeUndefined();
    expect(queue.isEmpty).toBe(false);
  });
});
