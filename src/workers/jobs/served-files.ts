/**
 * The files that one connection reads from: opened on demand, a few kept open, checked against what was shared
 * before and after every read.
 * Invariant: no byte leaves here that was read from a file that is not the one shared.
 */
import { close, constants, fstat, fstatSync, open, readv, type BigIntStats } from 'node:fs';
import { promisify } from 'node:util';
import { diskProblem } from '../../core/disk-problem.ts';
import type { ContentId } from '../../core/ids.ts';
import { maxServedFiles } from '../../core/limits.ts';
import { PartialOffer } from '../../core/partial-offer.ts';
import { pieceCount } from '../../core/piece-length.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { sameStamp, stampOf, type FileStamp } from '../../core/file-stamp.ts';
import type { ServedFile, ServedPartial } from '../transfer-contract.ts';

const openFile = promisify(open);
const statFile = promisify(fstat);
const readViews = promisify(readv);

export interface OpenServedFile {
  readonly sizeBytes: number;
  readonly fd: number;
  /** Of a shared file: what it looked like. */
  readonly stamp: FileStamp | undefined;
  /** Of a download: what there is of it. */
  readonly offer: PartialOffer | undefined;
}

export class ServedFiles {
  readonly #find: (id: ContentId) => Promise<Result<ServedFile | ServedPartial>>;
  /** In the order of their last use. */
  readonly #open = new Map<ContentId, OpenServedFile>();
  #isClosed = false;

  constructor(find: (id: ContentId) => Promise<Result<ServedFile | ServedPartial>>) {
    this.#find = find;
  }

  /** How large a content is, without opening it. Problems: those of `find`. */
  async sizeOf(id: ContentId): Promise<Result<number>> {
    const kept = this.#open.get(id);
    if (kept) return ok(kept.sizeBytes);
    const found = await this.#find(id);
    if (!found.ok) return found;
    return ok('stamp' in found.value ? found.value.stamp.sizeBytes : found.value.sizeBytes);
  }

  /** Problems: those of `find`, `stale`, and what the disk says. */
  async get(id: ContentId): Promise<Result<OpenServedFile>> {
    const kept = this.#open.get(id);
    if (kept?.offer?.isWithdrawn) this.forget(id);
    else if (kept) {
      this.#open.delete(id);
      this.#open.set(id, kept);
      return ok(kept);
    }
    const found = await this.#find(id);
    if (!found.ok) return found;
    const { filePath } = found.value;
    const seen = 'stamp' in found.value ? found.value : undefined;
    try {
      // Non-blocking, so that a FIFO put in the file's place cannot hold us up.
      const fd = await openFile(filePath, constants.O_RDONLY | constants.O_NONBLOCK);
      const file = openedAs(fd, found.value);
      if (seen && !isAsShared(await statFile(fd, { bigint: true }), seen.stamp)) {
        close(fd);
        return stale;
      }
      if (this.#isClosed) {
        close(fd);
        return gone;
      }
      this.#keep(id, file);
      return ok(file);
    } catch (error) {
      const { code, message } = diskProblem(error, 'a shared file');
      if (code !== 'not-found') return fail(code, message);
      return seen ? stale : gone;
    }
  }

  /** Fills the views one after another from `position` on. Problems: `stale`, and what the disk says. */
  async read(file: OpenServedFile, views: readonly Uint8Array[], position: number): Promise<Result<void>> {
    const wanted = views.reduce((bytes, view) => bytes + view.length, 0);
    try {
      const { bytesRead } = await readViews(file.fd, views, position);
      if (!file.stamp) return bytesRead === wanted ? ok(undefined) : gone;
      if (bytesRead !== wanted) return stale;
      return isAsShared(fstatSync(file.fd, { bigint: true }), file.stamp) ? ok(undefined) : stale;
    } catch (error) {
      const { code, message } = diskProblem(error, 'a shared file');
      return fail(code, message);
    }
  }

  forget(id: ContentId): void {
    const file = this.#open.get(id);
    this.#open.delete(id);
    if (file) close(file.fd);
  }

  /** For good: what is being opened is closed as well. */
  closeAll(): void {
    this.#isClosed = true;
    for (const { fd } of this.#open.values()) close(fd);
    this.#open.clear();
  }

  #keep(id: ContentId, file: OpenServedFile): void {
    this.#open.set(id, file);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= maxServedFiles) return;
      this.forget(oldest);
    }
  }
}

const stale = fail('stale', 'The file has changed since it was shared');
const gone = fail('not-shared', 'It is not downloaded here any more');

function openedAs(fd: number, found: ServedFile | ServedPartial): OpenServedFile {
  if ('stamp' in found) return { fd, stamp: found.stamp, sizeBytes: found.stamp.sizeBytes, offer: undefined };
  const { sizeBytes, offer } = found;
  const pieces = pieceCount(sizeBytes);
  return { fd, stamp: undefined, sizeBytes, offer: new PartialOffer(pieces, offer.have, offer.words) };
}

function isAsShared(stats: BigIntStats, stamp: FileStamp): boolean {
  return stats.isFile() && sameStamp(stampOf(stats), stamp);
}
