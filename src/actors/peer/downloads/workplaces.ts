/**
 * Where downloads work, or are taken off the disk: a content in a folder is for one at a time, and the next of the
 * same waits for that.
 * Invariant: who is passed over for another in its place says so until the place is free or it waits no more.
 */
import type { Problem } from '../../../core/result.ts';
import { workplace } from './transfer-book.ts';
import type { TransferRecord } from './transfer-record.ts';

export class Workplaces {
  /** How many there are in each that is not free. */
  readonly #users = new Map<string, number>();
  readonly #passedOver = new Set<TransferRecord>();
  readonly #changed: (record: TransferRecord) => void;

  /** `changed`: what a record says has changed here. */
  constructor(changed: (record: TransferRecord) => void) {
    this.#changed = changed;
  }

  /** Somebody is there until what is returned is called. */
  occupy(record: TransferRecord): () => void {
    const place = workplace(record);
    this.#count(place, 1);
    return () => this.#count(place, -1);
  }

  isFree(record: TransferRecord): boolean {
    return !this.#users.has(workplace(record));
  }

  /** It could have its turn, and waits for another in its place. */
  passOver(record: TransferRecord): void {
    if (record.problem === taken) return;
    record.problem = taken;
    this.#passedOver.add(record);
    this.#changed(record);
  }

  /** Those whose place is free say so no more, whether it is their turn or not. */
  review(): void {
    for (const record of this.#passedOver) {
      const isQueued = record.state === 'queued' && record.problem === taken;
      if (isQueued && !this.isFree(record)) continue;
      this.#passedOver.delete(record);
      if (!isQueued) continue;
      record.problem = undefined;
      this.#changed(record);
    }
  }

  #count(place: string, by: 1 | -1): void {
    const count = (this.#users.get(place) ?? 0) + by;
    if (count > 0) this.#users.set(place, count);
    else this.#users.delete(place);
  }
}

const taken: Problem = {
  code: 'busy',
  message: 'Another download of the same content into this folder comes first',
};
