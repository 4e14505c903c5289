/**
 * The requests of one visitor that wait to be answered. One that says what they weigh has those for one content answered
 * in the order they came, those for whole small files likewise, and all of these in turn by their weights, so that
 * neither many small files nor a large one keep the others waiting. Visitors that know nothing of weights take several
 * pieces begun at a time for a slow disk, and stop reading: theirs are answered one after the other, small ones first.
 * Invariant: no more pieces are begun than a visitor is sure to have room for, or one large and one small.
 */
import type { ContentId } from '../../../core/ids.ts';
import { maxBegunPieceBytes } from '../../../core/limits/connections.ts';
import { FairTurns } from '../../../core/rates/fair-turns.ts';
import { minPieceLength } from '../../../core/swarm/piece-length.ts';
import type { PeerMessageNamed } from '../../../protocol/peer-messages.ts';
import type { SlotWants } from '../../transfer-contract.ts';

export type PieceRequest = PeerMessageNamed<'get-pieces'>;
export type FilesRequest = PeerMessageNamed<'get-files'>;
export type UploadRequest = PieceRequest | FilesRequest;

/** One request, and how far it is answered. */
export interface Upload<Request extends UploadRequest = UploadRequest> {
  readonly request: Request;
  /** Whether it may be answered in a minislot. */
  readonly isSmall: boolean;
  /** How many came before it. */
  readonly number: number;
  /** Of a request for pieces: how long these are; undefined until its file was looked at. */
  pieceLength?: number;
  /** Where in the file it goes on. */
  position?: number;
}

/** What is answered in the order it was asked for. */
type Line = ContentId | 'files';

export class UploadQueue {
  readonly #lines = new Map<Line, Upload[]>();
  readonly #turns = new FairTurns<Line>();
  /** Whether the visitor has said what one of its requests weighs. */
  #isWeighed = false;
  /** Of a visitor that has not: what is answered to its end before anything else. */
  #current: Upload | undefined;
  #added = 0;
  #small = 0;
  #large = 0;

  get wants(): SlotWants {
    return { small: this.#small > 0, large: this.#large > 0 };
  }

  get isEmpty(): boolean {
    return this.#small + this.#large === 0;
  }

  /** How many contents are remembered for what they have had. */
  get remembered(): number {
    return this.#turns.size;
  }

  add(request: UploadRequest, isSmall: boolean): void {
    if (request.weight !== undefined) this.#isWeighed = true;
    const upload = { request, isSmall, number: this.#added++ };
    const line = lineOf(request);
    const waiting = this.#lines.get(line);
    if (waiting) waiting.push(upload);
    else this.#lines.set(line, [upload]);
    this.#count(upload, 1);
  }

  /** What is to be answered now, if anything; `isOnlySmall`: nothing else may be. */
  next(isOnlySmall: boolean): Upload | undefined {
    const ready = [...this.#firsts()].filter(({ isSmall }) => isSmall || !isOnlySmall);
    return this.#isWeighed ? this.#inTurn(ready) : this.#inOrder(ready);
  }

  /** Whether the visitor has room for the next piece of it. A small one never waits for large ones, which have no slot. */
  fits(upload: Upload): boolean {
    const { isSmall, request, pieceLength = isSmall ? minPieceLength : 0 } = upload;
    if (!this.#isWeighed || request.type === 'get-files' || begunBytes(upload) > 0) return true;
    let [small, large] = [0, 0];
    for (const first of this.#firsts()) {
      if (first.isSmall) small += begunBytes(first);
      else large += begunBytes(first);
    }
    if (isSmall) return small === 0 || small + large + pieceLength <= maxBegunPieceBytes;
    if (large === 0 && small <= minPieceLength) return true;
    return Math.max(small, minPieceLength) + large + pieceLength <= maxBegunPieceBytes;
  }

  /** So many bytes of the first of its line were sent. */
  sent({ request }: Upload, bytes: number): void {
    this.#turns.had(lineOf(request), Math.max(1, bytes) / (request.weight ?? 1));
  }

  /** The first of its line is answered, or will not be. */
  done(upload: Upload): void {
    const line = lineOf(upload.request);
    const waiting = this.#lines.get(line);
    if (waiting?.[0] !== upload) return;
    waiting.shift();
    if (waiting.length === 0) {
      this.#lines.delete(line);
      this.#turns.leave(line);
    }
    this.#count(upload, -1);
  }

  *#firsts(): Generator<Upload> {
    for (const [first] of this.#lines.values()) if (first) yield first;
  }

  #inTurn(ready: readonly Upload[]): Upload | undefined {
    const due = this.#due(ready);
    // What does not fit goes on once those that are begun are at the end of their pieces.
    if (!due || this.fits(due)) return due;
    return this.#due(ready.filter((upload) => begunBytes(upload) > 0));
  }

  #due(uploads: readonly Upload[]): Upload | undefined {
    const line = this.#turns.next(uploads.map(({ request }) => lineOf(request)));
    return line && this.#lines.get(line)?.[0];
  }

  #inOrder(ready: readonly Upload[]): Upload | undefined {
    if (this.#current && ready.includes(this.#current)) return this.#current;
    const small = ready.filter(({ isSmall }) => isSmall);
    let first: Upload | undefined;
    for (const upload of small.length > 0 ? small : ready)
      if (!first || upload.number < first.number) first = upload;
    return (this.#current = first);
  }

  #count({ isSmall }: Upload, by: 1 | -1): void {
    if (isSmall) this.#small += by;
    else this.#large += by;
  }
}

const lineOf = (request: UploadRequest): Line => (request.type === 'get-files' ? 'files' : request.id);

/** Of the piece that is sent in part: the visitor has to keep room for all of it. */
function begunBytes({ position, pieceLength }: Upload): number {
  return position !== undefined && pieceLength !== undefined && position % pieceLength > 0 ? pieceLength : 0;
}
