/**
 * One walk over the shares, or over what has changed in them: what is still to be looked at.
 * Invariant: a walk is over when nothing is left, and then it has seen everything at and below its targets.
 */
import { scanFoldersAtOnce, scanNamesAtOnce } from '../../../core/limits/library.ts';
import type { Place } from '../../../core/share/place.ts';
import type { ScanTarget } from '../../../workers/contract.ts';

export class ShareWalk {
  readonly number: number;
  /** Whether it goes over everything. */
  readonly isFull: boolean;
  readonly targets: readonly ScanTarget[];
  readonly #left: ScanTarget[];
  /** What was given last. */
  #given: readonly ScanTarget[] = [];

  constructor(number: number, isFull: boolean, targets: readonly ScanTarget[]) {
    this.number = number;
    this.isFull = isFull;
    this.targets = targets;
    this.#left = targets.toReversed();
  }

  /** Folders found on the way. */
  add(folders: readonly Place[]): void {
    for (const place of folders) this.#left.push({ place, name: undefined });
  }

  /** What to look at next; empty when the walk is over. */
  next(): readonly ScanTarget[] {
    const targets: ScanTarget[] = [];
    for (let folders = 0; targets.length < scanNamesAtOnce && folders < scanFoldersAtOnce;) {
      const target = this.#left.pop();
      if (!target) break;
      targets.push(target);
      if (target.name === undefined) folders += 1;
    }
    this.#given = targets;
    return targets;
  }

  /** So many of those given last, from their end, were not looked at. */
  putBack(count: number): void {
    this.#left.push(...this.#given.slice(this.#given.length - count).toReversed());
  }
}
