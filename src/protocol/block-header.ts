/**
 * The frame of a `block` header in its fixed form: every number as a u32, so that it always has the same length
 * and is written without garbage. Any other packing of the same numbers is as good on the wire.
 */
import type { PeerMessageNamed } from './peer-messages.ts';
import { peerMessages } from './peer-messages.ts';

export type BlockHeader = Omit<PeerMessageNamed<'block'>, 'type'>;

/** Prefix, array header, code, four numbers of five bytes, a boolean. */
export const blockHeaderBytes = 4 + 1 + 1 + 4 * 5 + 1;

/** Writes `blockHeaderBytes` bytes. The numbers must fit 32 bits. */
export function writeBlockHeader(target: Uint8Array, at: number, block: BlockHeader): void {
  writeUnsigned32(target, at, blockHeaderBytes - 4);
  target[at + 4] = 0x96;
  target[at + 5] = peerMessages.block.code;
  writeNumber(target, at + 6, block.requestId);
  writeNumber(target, at + 11, block.piece);
  writeNumber(target, at + 16, block.offset);
  writeNumber(target, at + 21, block.dataLength);
  target[at + 26] = block.last ? 0xc3 : 0xc2;
}

function writeNumber(target: Uint8Array, at: number, value: number): void {
  target[at] = 0xce;
  writeUnsigned32(target, at + 1, value);
}

function writeUnsigned32(target: Uint8Array, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}
