/** All downloads of one engine: kept by who starts the tree, so that it survives the pool that works on it. */
import type { TransferRecord } from './transfer-record.ts';

export interface TransferBook {
  readonly records: Map<number, TransferRecord>;
  lastTransfer: number;
}

export function createTransferBook(): TransferBook {
  return { records: new Map(), lastTransfer: 0 };
}
