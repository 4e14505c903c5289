/**
 * How each shared folder is: when it was last looked through, what is wrong with it, what of it is still to be
 * hashed. Invariant: the client's view of a folder is made here and nowhere else.
 */
import type { ShareView } from '../../../core/engine/engine-api.ts';
import type { Place } from '../../../core/share/place.ts';
import type { Problem } from '../../../core/result.ts';
import type { Outstanding } from './hash-queue.ts';
import type { ShareTable } from './share-table.ts';

interface Status {
  isScanning: boolean;
  scannedMs: number | undefined;
  problem: Problem | undefined;
}

export interface StatusSources {
  readonly table: ShareTable;
  /** What is still to be hashed of a share. */
  readonly outstanding: (share: Place) => Outstanding;
  /** What is wrong with all of them. */
  readonly problem: Problem | undefined;
}

export class ShareStatus {
  readonly #byPath = new Map<string, Status>();

  /** Shares that were not there, or could not be read, when they were last looked at. */
  isMissing(share: Place): boolean {
    return this.#of(share).problem !== undefined;
  }

  /** It is to be looked through from its top. */
  scanning(share: Place): void {
    this.#of(share).isScanning = true;
  }

  failed(share: Place, problem: Problem): void {
    this.#of(share).problem = problem;
  }

  /** Its top has been reached, as far as is known without a problem. */
  found(share: Place): void {
    this.#of(share).problem = undefined;
  }

  scanned(share: Place, nowMs: number): void {
    const status = this.#of(share);
    status.isScanning = false;
    if (status.problem === undefined) status.scannedMs = nowMs;
  }

  forget(share: Place): void {
    this.#byPath.delete(share.path);
  }

  viewOf(share: Place, { table, outstanding, problem }: StatusSources): ShareView {
    const status = this.#of(share);
    const name = share.path.slice(1, -1);
    const folder = table.folder([name]);
    const hashing = outstanding(share);
    return {
      folder: share.root,
      name,
      state: stateOf(status, hashing),
      files: folder?.publishedFiles ?? 0,
      bytes: folder?.publishedBytes ?? 0,
      hashing,
      scannedMs: status.scannedMs,
      problem: status.problem ?? problem,
    };
  }

  #of({ path }: Place): Status {
    let status = this.#byPath.get(path);
    if (!status) {
      status = { isScanning: true, scannedMs: undefined, problem: undefined };
      this.#byPath.set(path, status);
    }
    return status;
  }
}

function stateOf({ isScanning, problem }: Status, hashing: Outstanding): ShareView['state'] {
  if (problem !== undefined) return 'failed';
  if (isScanning) return 'scanning';
  return hashing.files > 0 ? 'hashing' : 'watching';
}
