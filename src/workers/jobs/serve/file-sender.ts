/**
 * Answers requests for whole small files: reads many of them into one buffer, one behind the other, with
 * synchronous calls, which cost a fifth of the others for files that are in the cache.
 * Invariant: every request answered ends exactly once, and no byte leaves here that was read from a file that is not
 * the one shared.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hasCode } from '../../../core/disk-problem.ts';
import { sameStamp, stampOf } from '../../../core/share/file-stamp.ts';
import type { ContentId } from '../../../core/ids.ts';
import { maxFilesDataBytes, maxSmallFileBytes } from '../../../core/limits/trees.ts';
import type { Problem, Result } from '../../../core/result.ts';
import type { Revocations } from '../../../core/uploads/revocations.ts';
import { staleProblem } from '../../../core/share/share-problems.ts';
import type { PeerMessageNamed } from '../../../protocol/peer-messages.ts';
import type { ServedFile } from '../../transfer-contract.ts';
import type { Connection } from '../connection.ts';
import { openFlags } from './served-files.ts';
import { Slice } from '../disk/slice.ts';
import type { FilesRequest } from './upload-queue.ts';

/** What a request is answered with: buffers of the uploader, at the pace of its limits. */
export interface SendTurn {
  /** The most that should be sent at once, for a limit to be kept smoothly; no bound without one. */
  quantumBytes(): number;
  /** A buffer to send so many bytes in, when their time has come. */
  take(bytes: number): Promise<Buffer>;
  give(buffer: Buffer): void;
  sent(id: ContentId, bytes: number): void;
  stale(id: ContentId, problem: Problem): void;
}

type Found = readonly Result<ServedFile>[];

/** Where the files of a request are, how often something had ceased to be served then, how many were answered. */
interface Current {
  readonly request: FilesRequest;
  readonly found: Found;
  readonly revision: number;
  next: number;
}

type Entry = PeerMessageNamed<'files'>['files'][number];

export class FileSender {
  readonly #connection: Connection;
  readonly #find: (ids: readonly ContentId[]) => Promise<Found>;
  readonly #revocations: Revocations;
  readonly #turn: SendTurn;
  /** Of the request that is under way. */
  #current: Current | undefined;

  constructor(
    connection: Connection,
    find: (ids: readonly ContentId[]) => Promise<Found>,
    revocations: Revocations,
    turn: SendTurn,
  ) {
    this.#connection = connection;
    this.#find = find;
    this.#revocations = revocations;
    this.#turn = turn;
  }

  /** Whether some of the files of a request were sent, and others are still to be. */
  isAnswering(request: FilesRequest): boolean {
    return this.#current?.request === request;
  }

  /**
   * Sends the next files of a request, as many as go in one turn. Undefined when these were the last; `more` when the
   * rest is to be sent in further turns, before another request is begun.
   */
  async answer(request: FilesRequest): Promise<Problem | 'more' | undefined> {
    const { ids } = request;
    if (ids.length === 0) return { code: 'bad-request', message: 'No files were asked for' };
    let current = this.#current;
    if (current?.request !== request) current = await this.#look(request, 0);
    const most = portion(current.found, current.next, this.#turn.quantumBytes());
    const buffer = await this.#turn.take(most);
    if (current.revision !== this.#revocations.count) current = await this.#look(request, current.next);
    await this.#sendPart(current, buffer, most);
    if (current.next < ids.length) return 'more';
    this.#current = undefined;
    return undefined;
  }

  async #look(request: FilesRequest, next: number): Promise<Current> {
    const revision = this.#revocations.count;
    return (this.#current = { request, found: await this.#find(request.ids), revision, next });
  }

  async #sendPart(current: Current, buffer: Buffer, most: number): Promise<void> {
    const { requestId, ids } = current.request;
    const room = Math.min(buffer.length, maxFilesDataBytes);
    const files: Entry[] = [];
    const slice = new Slice();
    let used = 0;
    for (; current.next < ids.length; current.next++) {
      const id = ids[current.next];
      const found = current.found[current.next];
      if (id === undefined || !found) break;
      const sizeBytes = found.ok ? found.value.stamp.sizeBytes : 0;
      if (used > 0 && used + sizeBytes > Math.min(most, room)) break;
      const code = found.ok ? readWhole(found.value, buffer.subarray(used, room)) : found.problem.code;
      files.push({ sizeBytes: code === undefined ? sizeBytes : 0, code });
      if (code === undefined) {
        used += sizeBytes;
        this.#turn.sent(id, sizeBytes);
      } else if (code === 'stale') this.#turn.stale(id, staleProblem);
      await slice.pause();
    }
    if (!this.#connection.isOpen) return this.#turn.give(buffer);
    const last = current.next === ids.length;
    this.#connection.corked(() => {
      this.#connection.send({ type: 'files', requestId, dataLength: used, last, files });
      this.#connection.write(buffer.subarray(0, used), () => this.#turn.give(buffer));
    });
  }
}

/** How many bytes the next files have together: as many files as stay within `most`, and one at least. */
function portion(found: Found, from: number, most: number): number {
  const room = Math.min(most, maxFilesDataBytes);
  let bytes = 0;
  for (let at = from; at < found.length; at++) {
    const file = found[at];
    const sizeBytes = file?.ok ? file.value.stamp.sizeBytes : 0;
    if (bytes > 0 && bytes + sizeBytes > room) break;
    // What is larger is refused.
    if (sizeBytes <= maxSmallFileBytes) bytes += sizeBytes;
  }
  return bytes;
}

/** Reads a file that is as it was shared; the code of the problem when it is not, or cannot be read. */
function readWhole({ filePath, stamp }: ServedFile, into: Uint8Array): string | undefined {
  if (stamp.sizeBytes > maxSmallFileBytes) return 'bad-request';
  let fd: number | undefined;
  try {
    fd = openSync(filePath, openFlags);
    let bytes = 0;
    for (let read = 1; read > 0 && bytes < stamp.sizeBytes; bytes += read)
      read = readSync(fd, into, bytes, stamp.sizeBytes - bytes, bytes);
    // After the read: what changes before it or during it shows in the stamp as well.
    const stats = fstatSync(fd, { bigint: true });
    return bytes === stamp.sizeBytes && stats.isFile() && sameStamp(stampOf(stats), stamp)
      ? undefined
      : 'stale';
  } catch (error) {
    return hasCode(error, 'ENOENT') || hasCode(error, 'ELOOP') ? 'stale' : 'io';
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
