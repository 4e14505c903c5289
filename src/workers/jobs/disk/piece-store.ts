/**
 * Proves the pieces of one content and writes those that are right to its file: by the sink what lies in its slots,
 * else here. Invariant: only a piece that is right is written, and each given is told of exactly once.
 */
import { verifyPiece } from '../../../content/content-id.ts';
import { leafOf, type Manifest } from '../../../core/swarm/manifest.ts';
import { pieceSize } from '../../../core/swarm/piece-length.ts';
import type { PieceOrder, PieceSink, Stored } from './piece-sink.ts';
import { PieceWriter } from './piece-writer.ts';

export class PieceStore {
  readonly #manifest: Manifest;
  readonly #writer: PieceWriter;
  readonly #sink: PieceSink | undefined;
  #inSink = 0;
  #onSinkDone: (() => void) | undefined;

  private constructor(manifest: Manifest, writer: PieceWriter, sink: PieceSink | undefined) {
    this.#manifest = manifest;
    this.#writer = writer;
    this.#sink = sink;
  }

  /** The file must exist and be no link. Throws what the disk says. */
  static async open(filePath: string, manifest: Manifest, sink: PieceSink | undefined): Promise<PieceStore> {
    return new PieceStore(manifest, await PieceWriter.open(filePath), sink);
  }

  /** Where a piece is best put together, if not just anywhere. */
  get sink(): PieceSink | undefined {
    return this.#sink;
  }

  /** Takes the piece at the start of a buffer, which is to be left alone until `done`. */
  store(piece: number, buffer: Buffer, done: (stored: Stored) => void): void {
    const lengthBytes = pieceSize(this.#manifest.sizeBytes, piece);
    const position = piece * this.#manifest.pieceLength;
    if (this.#sink?.owns(buffer)) {
      const leaf = leafOf(this.#manifest, piece);
      return this.#order(this.#sink, buffer, { lengthBytes, leaf, fd: this.#writer.fd, position }, done);
    }
    const bytes = buffer.subarray(0, lengthBytes);
    if (!verifyPiece(this.#manifest, piece, bytes)) return done('wrong');
    this.#writer.write(position, bytes, (error) => done(error ?? 'written'));
  }

  /** Waits for what was given. */
  async close(): Promise<void> {
    if (this.#inSink > 0) await new Promise<void>((resolve) => (this.#onSinkDone = resolve));
    await this.#writer.close();
  }

  #order(sink: PieceSink, slot: Buffer, order: PieceOrder, done: (stored: Stored) => void): void {
    this.#inSink += 1;
    sink.store(slot, order, (stored) => {
      this.#inSink -= 1;
      done(stored);
      if (this.#inSink === 0) this.#onSinkDone?.();
    });
  }
}
