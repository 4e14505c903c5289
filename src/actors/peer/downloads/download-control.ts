/** What the user does to downloads: each command on each record that it makes sense for; the others are passed over. */
import type { TransferCommand } from '../../../core/engine/engine-api.ts';
import type { DownloadTurns } from './download-turns.ts';
import type { TransferBook } from './transfer-book.ts';
import { hasEnded, type TransferRecord } from './transfer-record.ts';

export interface ControlNeeds {
  readonly book: TransferBook;
  readonly turns: Pick<DownloadTurns, 'stop' | 'wake' | 'workerOf' | 'rouse'>;
  readonly changed: (record: TransferRecord) => void;
  /** They are forgotten; what is to be deleted is, once nobody works on it. */
  readonly remove: (records: readonly TransferRecord[], deletesData: boolean) => void;
}

export function control(command: TransferCommand, needs: ControlNeeds): void {
  const { book } = needs;
  const records = book.all(command.transfers);
  if (command.type === 'remove') return needs.remove(records, command.deletesData);
  if (command.type === 'move') return book.move(records.filter(isOpen), command.to);
  for (const record of records) controlOne(command, record, needs);
}

type OneByOne = Exclude<TransferCommand, { readonly type: 'remove' | 'move' }>;

function controlOne(command: OneByOne, record: TransferRecord, { book, turns, changed }: ControlNeeds): void {
  if (command.type === 'retry' && hasEnded(record)) {
    if (record.state === 'done' || !book.reopen(record)) return;
    Object.assign(record, { problem: undefined, retry: undefined, attempts: 0, crashes: 0, path: undefined });
    turns.wake();
    return changed(record);
  }
  if (hasEnded(record)) return;
  switch (command.type) {
    case 'pause':
    case 'cancel':
      // It has all its bytes and is being given its name.
      if (record.state === 'finishing') return;
      turns.stop(record);
      record.state = command.type === 'pause' ? 'paused' : 'cancelled';
      break;
    case 'resume':
      if (record.state !== 'paused') return;
      record.state = 'queued';
      break;
    case 'retry':
    case 'find-sources':
      turns.workerOf(record)?.tell({ type: command.type });
      return turns.rouse(record);
    case 'prioritise':
      book.prioritise(record, command.priority);
      record.weight.prioritise(command.priority);
      break;
    case 'limit':
      record.rate.setRate(command.bytesPerSecond);
      break;
    case 'order-pieces':
      record.order = command.order;
      turns.workerOf(record)?.tell({ type: 'order-pieces' });
      break;
  }
  book.changed(record);
  turns.wake();
  changed(record);
}

const isOpen = (record: TransferRecord): boolean => !hasEnded(record);
