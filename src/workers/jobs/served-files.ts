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
import { fail, ok, type Result } from '../../core/result.ts';
import { sameStamp, stampOf, type FileStamp } from '../../core/file-stamp.ts';
import type { ServedFile } from '../transfer-contract.ts';

const openFile = promisify(open);
const statFile = promisify(fstat);
const readViews = promisify(readv);

export interface OpenServedFile {
  readonly sizeBytes: number;
  readonly fd: number;
  readonly stamp: FileStamp;
}

export class ServedFiles {
  readonly #find: (id: ContentId) => Promise<Result<ServedFile>>;
  /** In the order of their last use. */
  readonly #open = new Map<ContentId, OpenServedFile>();

  constructor(find: (id: ContentId) => Promise<Result<ServedFile>>) {
    this.#find = find;
  }

  /** Problems: those of `find`, `stale`, and what the disk says. */
  async get(id: ContentId): Promise<Result<OpenServedFile>> {
    const kept = this.#open.get(id);
    if (kept) {
      this.#open.delete(id);
      this.#open.set(id, kept);
      return ok(kept);
    }
    const found = await this.#find(id);
    if (!found.ok) return found;
    const { filePath, stamp } = found.value;
    try {
      // Non-blocking, so that a FIFO put in the file's place cannot hold us up.
      const fd = await openFile(filePath, constants.O_RDONLY | constants.O_NONBLOCK);
      const file = { fd, stamp, sizeBytes: stamp.sizeBytes };
      if (!isAsShared(await statFile(fd, { bigint: true }), stamp)) {
        close(fd);
        return stale;
      }
      this.#keep(id, file);
      return ok(file);
    } catch (error) {
      const { code, message } = diskProblem(error, 'a shared file');
      return code === 'not-found' ? stale : fail(code, message);
    }
  }

  /** Fills the views one after another from `position` on. Problems: `stale`, and what the disk says. */
  async read(file: OpenServedFile, views: readonly Uint8Array[], position: number): Promise<Result<void>> {
    const wanted = views.reduce((bytes, view) => bytes + view.length, 0);
    try {
      const { bytesRead } = await readViews(file.fd, views, position);
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

  closeAll(): void {
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

function isAsShared(stats: BigIntStats, stamp: FileStamp): boolean {
  return stats.isFile() && sameStamp(stampOf(stats), stamp);
}
