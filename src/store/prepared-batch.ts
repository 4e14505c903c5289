/**
 * Finds out about files all that can be without the catalogue: their words, their part in the digest of the share, and
 * whether they can be taken at all. It is most of the work of listing a file, so a tracker does it on the threads of its
 * connections and the one that writes is given the outcome, as bytes in shared memory, which nobody on the way copies.
 * Invariant: what is read of a row is what was prepared of its file, and what cannot be taken has no terms.
 *
 * A row is a refusal (1 byte), the kind (1), the lengths of path and terms (4 each), the entry of the digest (16), the content id (32),
 * the size (8), the path and the terms (UTF-8). From the id to the path it is what core/share/share-digest.ts hashes, and lies
 * in core/share/file-entries.ts.
 */
import { hash } from 'node:crypto';
import { entryPathAt, FileEntries } from '../core/share/file-entries.ts';
import { contentId, idBytes } from '../core/ids.ts';
import { knownPathBytes } from '../core/limits/tracker.ts';
import { shareDigestBytes } from '../core/share/share-digest.ts';
import type { AddedFile, PreparedAdds, PreparedBatch, ShareBatch } from './catalog-store.ts';
import { flawOf, type Flaw } from './checks.ts';
import { kindOf } from './file-kinds.ts';
import { termsOf } from './file-terms.ts';
import type { KnownFiles } from './known-files.ts';

const kindAt = 1;
const pathLengthAt = kindAt + 1;
const termsLengthAt = pathLengthAt + 4;
const entryAt = termsLengthAt + 4;
const idAt = entryAt + shareDigestBytes;
const sizeAt = idAt + idBytes;
const pathAt = sizeAt + 8;

const flaws: readonly (Flaw | undefined)[] = [undefined, 'denied', 'bad-name'];
/** In place of a refusal: it can be taken, and its terms were left out, as the catalogue is likely to have them. */
const withoutTerms = flaws.length;

/** Most scripts, without the signs that stand for several letters at once. */
const plainLetters = /^[\0-\xbb\xbf-\u206f\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3]*$/;

/** Where rows are put together: 512 usual ones are half of it. */
let scratch = Buffer.allocUnsafeSlow(256 * 1024);

export function isPrepared(batch: ShareBatch | PreparedBatch): batch is PreparedBatch {
  return 'packed' in batch.adds;
}

/** What has been prepared already stays as it is. */
export function prepare(batch: ShareBatch | PreparedBatch): PreparedBatch {
  if (isPrepared(batch)) return batch;
  const { adds, removes } = batch;
  return { adds: prepareEntries(FileEntries.of(adds), (at) => adds[at]?.isDenied === true), removes };
}

/** Prepares files that are added. Those that `known` has seen before get no terms; the others are seen then. */
export function prepareEntries(
  entries: FileEntries,
  isDenied: ((index: number) => boolean) | undefined,
  known?: KnownFiles,
): PreparedAdds {
  return joined(entries.count, [prepareRows(entries, isDenied, known)]);
}

/** The same of some that are to be joined with others. */
export function prepareRows(
  entries: FileEntries,
  isDenied: ((index: number) => boolean) | undefined,
  known?: KnownFiles,
): Uint8Array {
  let at = 0;
  for (let index = 0; index < entries.count; index++)
    at = packRow(entries, index, isDenied?.(index) === true, known, at);
  return new Uint8Array(scratch.subarray(0, at));
}

/** Rows of so many files, portion by portion. */
export function joined(count: number, portions: readonly Uint8Array[]): PreparedAdds {
  const packed = new SharedArrayBuffer(portions.reduce((bytes, portion) => bytes + portion.length, 0));
  const whole = new Uint8Array(packed);
  let at = 0;
  for (const portion of portions) {
    whole.set(portion, at);
    at += portion.length;
  }
  return { count, packed };
}

/** The other way round. */
export function unprepare(batch: ShareBatch | PreparedBatch): ShareBatch {
  if (!isPrepared(batch)) return batch;
  return { adds: Array.from(rowsOf(batch.adds), (row) => row.file()), removes: batch.removes };
}

/** The files in their order. */
export function* rowsOf({ count, packed }: PreparedAdds): Iterable<PreparedRow> {
  const bytes = Buffer.from(packed);
  for (let index = 0, at = 0; index < count; index++) {
    const row = new PreparedRow(bytes, at, index);
    yield row;
    at = row.end;
  }
}

/** One file of a batch, read from its bytes as it is asked for. */
export class PreparedRow {
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #termsAt: number;
  /** Its place among the files of its batch. */
  readonly index: number;
  /** Where the next row begins. */
  readonly end: number;
  readonly id: Uint8Array;
  readonly sizeBytes: number;

  constructor(bytes: Buffer, at: number, index: number) {
    this.index = index;
    this.#bytes = bytes;
    this.#at = at;
    this.#termsAt = at + pathAt + bytes.readUInt32LE(at + pathLengthAt);
    this.end = this.#termsAt + bytes.readUInt32LE(at + termsLengthAt);
    this.id = bytes.subarray(at + idAt, at + sizeAt);
    this.sizeBytes = bytes.readUInt32BE(at + sizeAt) * 2 ** 32 + bytes.readUInt32BE(at + sizeAt + 4);
  }

  /** Why it cannot be taken by anybody; undefined when it can. */
  get flaw(): Flaw | undefined {
    return flaws[this.#bytes[this.#at] ?? 0];
  }

  /** UTF-8. */
  get pathBytes(): Uint8Array {
    return this.#bytes.subarray(this.#at + pathAt, this.#termsAt);
  }

  get path(): string {
    return this.#bytes.toString('utf8', this.#at + pathAt, this.#termsAt);
  }

  /** See `termsOf`; UTF-8. Found now where they were left out. */
  get termsBytes(): Uint8Array {
    return this.#hasTerms ? this.#bytes.subarray(this.#termsAt, this.end) : Buffer.from(this.terms);
  }

  get terms(): string {
    return this.#hasTerms ? this.#bytes.toString('utf8', this.#termsAt, this.end) : termsOf(this);
  }

  /** See `kindOf`; as with the terms. */
  get kind(): number {
    return this.#hasTerms ? (this.#bytes[this.#at + kindAt] ?? 0) : kindOf(this);
  }

  get #hasTerms(): boolean {
    return this.#bytes[this.#at] !== withoutTerms;
  }

  /** 32 bits of its entry in the digest of a share, of four from the lowest on. */
  limb(at: number): number {
    return this.#bytes.readUInt32BE(this.#at + idAt - 4 * (at + 1));
  }

  file(): AddedFile {
    const { id, path, sizeBytes, flaw } = this;
    return { id: contentId(id), path, sizeBytes, ...(flaw === 'denied' && { isDenied: true }) };
  }
}

function packRow(
  entries: FileEntries,
  index: number,
  isDenied: boolean,
  known: KnownFiles | undefined,
  at: number,
): number {
  const entry = entries.bytes.subarray(entries.start(index), entries.end(index));
  makeRoom(at, pathAt + entry.length);
  scratch.set(entry, at + idAt);
  // As a string of bytes, because making a Buffer costs more than hashing does.
  scratch.write(hash('sha256', entry, 'binary'), at + entryAt, shareDigestBytes, 'latin1');
  const pathLength = entry.length - entryPathAt;
  const termsAt = at + pathAt + pathLength;
  scratch.writeUInt32LE(pathLength, at + pathLengthAt);
  scratch.writeUInt32LE(0, at + termsLengthAt);
  const path = scratch.toString('utf8', at + pathAt, termsAt);
  // Before it is taken for a known one: which that is can be guessed wrong, on purpose too.
  const flaw = flawOf({ isDenied, path });
  scratch[at] = flaws.indexOf(flaw);
  scratch[at + kindAt] = 0;
  if (flaw !== undefined) return termsAt;
  if (known !== undefined && isCheap(path, pathLength)) {
    if (known.has(scratch, at + entryAt)) {
      scratch[at] = withoutTerms;
      return termsAt;
    }
    known.note(scratch, at + entryAt);
  }
  const file = { path, sizeBytes: entries.sizeBytes(index) };
  scratch[at + kindAt] = kindOf(file);
  const terms = termsOf(file);
  makeRoom(termsAt, 3 * terms.length);
  const termsLength = scratch.write(terms, termsAt);
  scratch.writeUInt32LE(termsLength, at + termsLengthAt);
  return termsAt + termsLength;
}

/**
 * Whether its words take at most some ten times as long as usual ones, whoever made up the path. Others are not left to
 * a catalogue's one writer: some signs are short for whole phrases, so that a path of 1 KiB may take milliseconds.
 */
const isCheap = (path: string, bytes: number): boolean => bytes <= knownPathBytes && plainLetters.test(path);

/** Larger than any batch that comes over the network it does not get. */
function makeRoom(at: number, bytes: number): void {
  if (scratch.length - at >= bytes) return;
  const larger = Buffer.allocUnsafeSlow(2 * (at + bytes));
  scratch.copy(larger, 0, 0, at);
  scratch = larger;
}
