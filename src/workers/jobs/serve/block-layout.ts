/**
 * How the bytes of a file are laid out in a buffer that is sent at once: blocks with room for their headers.
 * Invariant: no block is of two pieces, and none is a sliver for want of room at a buffer's end.
 */
import { maxBlockBytes } from '../../../core/limits/wire.ts';
import { pieceLengthFor, pieceSize } from '../../../core/swarm/piece-length.ts';
import { blockHeaderBytes } from '../../../protocol/block-header.ts';

/** One block on its way: where it goes in the buffer and in the answer. */
export interface Block {
  readonly piece: number;
  readonly offset: number;
  readonly view: Uint8Array;
  readonly headerAt: number;
  readonly last: boolean;
}

/**
 * Divides what fits into the buffer from `from` on into blocks, each with room for its header before it; at most
 * `most` bytes of the file.
 */
export function layOut(buffer: Buffer, sizeBytes: number, from: number, end: number, most: number): Block[] {
  const length = pieceLengthFor(sizeBytes);
  const blocks: Block[] = [];
  for (let at = 0, position = from; position < end && at + blockHeaderBytes < buffer.length;) {
    const piece = Math.floor(position / length);
    const offset = position - piece * length;
    const left = pieceSize(sizeBytes, piece) - offset;
    const room = Math.min(buffer.length - at - blockHeaderBytes, from + most - position);
    const bytes = Math.min(left, maxBlockBytes, room);
    // A piece is begun in this buffer only if it fits or does not fit any: no slivers at a buffer's end.
    if (bytes <= 0 || (bytes < left && at > 0)) break;
    const dataAt = at + blockHeaderBytes;
    const last = position + bytes === end;
    blocks.push({ piece, offset, view: buffer.subarray(dataAt, dataAt + bytes), headerAt: at, last });
    at = dataAt + bytes;
    position += bytes;
  }
  return blocks;
}
