/**
 * One tree whose small files are fetched over one connection: what is still to be asked for, and what is to be told.
 * Invariant: everything is reported once.
 */
import type { Problem } from '../../../core/result.ts';
import { SharedRate } from '../../../core/rates/shared-rate.ts';
import { SharedWeight } from '../../../core/rates/shared-weight.ts';
import type { OpenedTree, RefusedFile, TreeReport, WantedFile } from '../../tree-contract.ts';
import { ReadPacer } from '../pacer.ts';
import { WantedFiles } from './wanted-files.ts';

export class FetchedTree {
  readonly store: OpenedTree['store'];
  readonly rate: SharedRate;
  readonly weight: SharedWeight;
  readonly pacer: ReadPacer;
  /** Those that have not been asked for yet. */
  readonly wanted = new WantedFiles();
  /** Handed over and not taken yet. */
  backlogBytes = 0;
  readonly #tree: number;
  #refused: RefusedFile[] = [];
  #receivedBytes = 0;

  constructor({ tree, store, rate, weight }: OpenedTree, resumeReading: () => void) {
    this.#tree = tree;
    this.store = store;
    this.rate = new SharedRate(rate);
    this.weight = new SharedWeight(weight);
    this.pacer = new ReadPacer(this.rate, resumeReading);
  }

  /** Payload came. */
  received(bytes: number): void {
    this.#receivedBytes += bytes;
    this.pacer.came(bytes);
  }

  /** A file does not come from this source. */
  refuse({ file }: WantedFile, problem: Problem): void {
    this.#refused.push({ file, problem });
  }

  /** What is new since the last time; undefined when nothing is. */
  takeReport(): TreeReport | undefined {
    const [refused, receivedBytes] = [this.#refused, this.#receivedBytes];
    if (refused.length === 0 && receivedBytes === 0) return undefined;
    this.#refused = [];
    this.#receivedBytes = 0;
    return { tree: this.#tree, refused, receivedBytes };
  }
}
