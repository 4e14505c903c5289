/** Turns records into what the profile keeps of them, and back. */
import type { StoredTransfer } from '../../../profile/stored-transfer.ts';
import { createRecord, type TransferRecord } from './transfer-record.ts';

export function stored(record: TransferRecord): StoredTransfer {
  const { transfer, request, priority, order, place, rate, sizeBytes, keptBytes, folder } = record;
  const { files, path, problem, addedMs, endedMs } = record;
  const { target, outDir, giveUpAfterMs } = request;
  return {
    transfer,
    target,
    outDir,
    giveUpAfterMs,
    state: durableState(record),
    priority,
    order,
    bytesPerSecond: rate.bytesPerSecond,
    place,
    sizeBytes,
    keptBytes,
    files,
    path,
    problem: endedMs === undefined ? undefined : problem,
    addedMs,
    endedMs,
    folder,
  };
}

/** What had begun is queued again: how far it is, the disk knows. */
export function restored(row: StoredTransfer): TransferRecord {
  const { target, outDir, bytesPerSecond, giveUpAfterMs, priority, order, state } = row;
  const request = { target, outDir, bytesPerSecond, giveUpAfterMs, priority, order };
  const record = createRecord(row.transfer, request, row.addedMs);
  const { place, sizeBytes, keptBytes, files, path, problem, endedMs, folder } = row;
  return Object.assign(record, {
    state: state === 'open' ? ('queued' as const) : state,
    retry: state === 'failed' ? ('never' as const) : undefined,
    doneBytes: keptBytes,
    place,
    sizeBytes,
    keptBytes,
    files,
    path,
    problem,
    endedMs,
    folder,
  });
}

function durableState({ state }: TransferRecord): StoredTransfer['state'] {
  switch (state) {
    case 'paused':
    case 'done':
    case 'failed':
    case 'cancelled':
      return state;
    case 'queued':
    case 'finding':
    case 'waiting':
    case 'downloading':
    case 'finishing':
      return 'open';
  }
}
