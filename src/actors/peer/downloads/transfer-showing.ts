/** When a record is worth showing again: a new state at once, new counters a few times a second. */
import type { DownloadState } from '../../../core/engine/engine-api.ts';
import { transferViewMs } from '../../../core/limits/downloads.ts';
import type { TransferRecord } from './transfer-record.ts';

export class Showing {
  readonly #record: TransferRecord;
  readonly #changed: () => void;
  #shown = '';
  #state: DownloadState | undefined;
  #atMs = -Infinity;

  constructor(record: TransferRecord, changed: () => void) {
    this.#record = record;
    this.#changed = changed;
  }

  /** To be called whenever something of the record may have changed. */
  show(state: DownloadState, nowMs: number): void {
    this.#record.state = state;
    const shows = fingerprint(this.#record);
    if (state === this.#state && (shows === this.#shown || nowMs - this.#atMs < transferViewMs)) return;
    this.#state = state;
    this.#shown = shows;
    this.#atMs = nowMs;
    this.#changed();
  }
}

function fingerprint(record: TransferRecord): string {
  const { sizeBytes, doneBytes, fetchedBytes, wastedBytes, sentBytes, sources, knownSources } = record;
  const { files, availability, queuePosition, problem, attempts } = record;
  const counters = [sizeBytes, doneBytes, fetchedBytes, wastedBytes, sentBytes, sources, knownSources];
  return [
    ...counters,
    files?.total,
    files?.done,
    files?.failed,
    availability,
    queuePosition,
    problem?.message,
    attempts,
  ].join();
}
