/** What is asked for of one tree over one connection: the small files that are wanted of it, many with one request. */
import { filesRequestBytes, maxFilesRequests } from '../../../core/limits/trees.ts';
import type { SharedRate } from '../../../core/rates/shared-rate.ts';
import type { SharedWeight } from '../../../core/rates/shared-weight.ts';
import type { WantedFile } from '../../tree-contract.ts';
import type { Flow } from './asker.ts';
import type { Connection } from '../connection.ts';
import type { FetchedTree } from './fetched-tree.ts';
import type { FilesPart } from '../disk/files-parts.ts';

/** One request under way. */
export interface AskedFiles {
  readonly tree: FetchedTree;
  readonly files: readonly WantedFile[];
  /** Of the files that have not come yet, as the list says. */
  outstandingBytes: number;
  /** How many have been answered, those of `part` included. */
  answered: number;
  /** The files whose bytes come now. */
  part: FilesPart | undefined;
}

/** What the trees whose files are fetched over one connection have in common. */
export interface FilesLine {
  readonly connection: Connection;
  /** Those under way, by their ids. */
  readonly requests: Map<number, AskedFiles>;
  /** A request is about to be sent while none is under way. */
  began(): void;
}

export class FileFlow implements Flow {
  readonly tree: FetchedTree;
  readonly requestBytes = filesRequestBytes;
  readonly isSmall = true;
  readonly #line: FilesLine;

  constructor(tree: FetchedTree, line: FilesLine) {
    this.tree = tree;
    this.#line = line;
  }

  get rate(): SharedRate {
    return this.tree.rate;
  }

  get weight(): SharedWeight {
    return this.tree.weight;
  }

  get wantsMore(): boolean {
    return this.tree.wanted.areAny && this.#line.requests.size < maxFilesRequests;
  }

  get askedBytes(): number {
    let bytes = 0;
    for (const asked of this.#line.requests.values())
      if (asked.tree === this.tree) bytes += asked.outstandingBytes;
    return bytes;
  }

  ask(mostBytes: number, weight: number): number {
    const { connection, requests } = this.#line;
    const files = this.tree.wanted.next(mostBytes);
    const outstandingBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const requestId = connection.session.nextRequestId();
    if (requests.size === 0) this.#line.began();
    requests.set(requestId, { tree: this.tree, files, outstandingBytes, answered: 0, part: undefined });
    connection.send({ type: 'get-files', requestId, ids: files.map(({ id }) => id), weight });
    return outstandingBytes;
  }
}
