/**
 * The files that one connection reads from: opened on demand, a few kept open, asked for anew when something has
 * ceased to be served, checked against what was shared before and after every read.
 * Invariant: no byte leaves here that was read from a file that is not the one shared; and only `get`, of which one
 * is under way at a time, makes room by closing a file, so that nobody reads from one that was closed meanwhile.
 */
import { close, constants, fstat, fstatSync, open, readv, type BigIntStats } from 'node:fs';
import { promisify } from 'node:util';
import { diskProblem, hasCode } from '../../../core/disk-problem.ts';
import { sameStamp, stampOf, type FileStamp } from '../../../core/share/file-stamp.ts';
import type { ContentId } from '../../../core/ids.ts';
import { finishedPartialMs, maxServedFiles } from '../../../core/limits/connections.ts';
import { PartialOffer } from '../../../core/swarm/partial-offer.ts';
import { pieceCount } from '../../../core/swarm/piece-length.ts';
import { fail, ok, type Result } from '../../../core/result.ts';
import type { Revocations } from '../../../core/uploads/revocations.ts';
import { notDownloaded, staleFile } from '../../../core/share/share-problems.ts';
import type { ServedFile, ServedPartial } from '../../transfer-contract.ts';

const openFile = promisify(open);
const statFile = promisify(fstat);
const readViews = promisify(readv);

export interface OpenServedFile {
  readonly sizeBytes: number;
  readonly fd: number;
  /** Of a shared file: what it looked like. */
  readonly stamp: FileStamp | undefined;
  /** Whether it had a name when it was opened; some file systems do not count names. */
  readonly wasLinked: boolean;
  /** Of a download: what there is of it. */
  readonly offer: PartialOffer | undefined;
}

interface Kept {
  readonly file: OpenServedFile;
  /** How often something had ceased to be served when this was known to be. */
  revision: number;
  /** Of a download that seems to be over: when it is not served any more unless it is shared by then. */
  endsMs: number | undefined;
}

type Find = (id: ContentId) => Promise<Result<ServedFile | ServedPartial>>;

export class ServedFiles {
  readonly #find: Find;
  readonly #revocations: Revocations;
  /** In the order of their last use. */
  readonly #open = new Map<ContentId, Kept>();
  #isClosed = false;

  constructor(find: Find, revocations: Revocations) {
    this.#find = find;
    this.#revocations = revocations;
  }

  /** How large a content is, without opening it. Problems: those of `find`. */
  async sizeOf(id: ContentId): Promise<Result<number>> {
    const kept = this.#open.get(id);
    if (kept) return ok(kept.file.sizeBytes);
    const found = await this.#find(id);
    return found.ok ? ok(sizeOf(found.value)) : found;
  }

  /** What there is of a download, without opening it; undefined when all is there. Problems: those of `find`. */
  async offerOf(id: ContentId): Promise<Result<PartialOffer | undefined>> {
    const found = await this.#find(id);
    return found.ok ? ok(offerOf(found.value)) : found;
  }

  /**
   * The file of a content, to be read from until the next call; one call at a time. Problems: those of `find`,
   * `stale`, and what the disk says.
   */
  async get(id: ContentId): Promise<Result<OpenServedFile>> {
    const kept = this.#open.get(id);
    const revision = this.#revocations.count;
    if (kept?.revision === revision && !kept.file.offer?.isWithdrawn) return ok(this.#keep(id, kept));
    const found = await this.#find(id);
    if (kept && isStillServed(kept, found)) {
      if (found.ok) kept.revision = revision;
      return this.#isClosed ? notDownloaded : ok(this.#keep(id, kept));
    }
    this.forget(id);
    if (!found.ok) return found;
    const opened = await openAsServed(found.value);
    if (!opened.ok) return opened;
    if (!this.#isClosed) return ok(this.#keep(id, { file: opened.value, revision, endsMs: undefined }));
    close(opened.value.fd);
    return notDownloaded;
  }

  /** Fills the views one after another from `position` on. Problems: `stale`, and what the disk says. */
  async read(file: OpenServedFile, views: readonly Uint8Array[], position: number): Promise<Result<void>> {
    const wanted = views.reduce((bytes, view) => bytes + view.length, 0);
    try {
      const { bytesRead } = await readViews(file.fd, views, position);
      if (!file.stamp) return bytesRead === wanted ? ok(undefined) : notDownloaded;
      if (bytesRead !== wanted) return staleFile;
      const stats = fstatSync(file.fd, { bigint: true });
      if (file.wasLinked && stats.nlink === 0n) return staleFile;
      return isAsShared(stats, file.stamp) ? ok(undefined) : staleFile;
    } catch (error) {
      const { code, message } = diskProblem(error, 'a shared file');
      return fail(code, message);
    }
  }

  /** Not while something of it is being read. */
  forget(id: ContentId): void {
    const kept = this.#open.get(id);
    this.#open.delete(id);
    if (kept) close(kept.file.fd);
  }

  /** For good: what is being opened is closed as well. */
  closeAll(): void {
    this.#isClosed = true;
    for (const { file } of this.#open.values()) close(file.fd);
    this.#open.clear();
  }

  #keep(id: ContentId, kept: Kept): OpenServedFile {
    this.#open.delete(id);
    this.#open.set(id, kept);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= maxServedFiles) break;
      this.forget(oldest);
    }
    return kept.file;
  }
}

/** Whether what is open is what was found just now. A download that is over is soon found as what it is shared as. */
function isStillServed(kept: Kept, found: Result<ServedFile | ServedPartial>): boolean {
  const { stamp, offer, sizeBytes } = kept.file;
  if (offer?.isWithdrawn) return false;
  if (!found.ok) {
    kept.endsMs ??= performance.now() + finishedPartialMs;
    return offer !== undefined && performance.now() < kept.endsMs;
  }
  kept.endsMs = undefined;
  if ('stamp' in found.value) return stamp !== undefined && sameStamp(stamp, found.value.stamp);
  return offer !== undefined && found.value.sizeBytes === sizeBytes;
}

/** Non-blocking, so that a FIFO put in the file's place cannot hold us up; and nothing that is a link is ever shared. */
export const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

async function openAsServed(found: ServedFile | ServedPartial): Promise<Result<OpenServedFile>> {
  const stamp = 'stamp' in found ? found.stamp : undefined;
  const changed = stamp ? staleFile : notDownloaded;
  let fd: number | undefined;
  try {
    fd = await openFile(found.filePath, openFlags);
    const stats = await statFile(fd, { bigint: true });
    if (stamp ? isAsShared(stats, stamp) : stats.isFile())
      return ok({
        fd,
        stamp,
        sizeBytes: sizeOf(found),
        wasLinked: stats.nlink > 0n,
        offer: offerOf(found),
      });
    close(fd);
    return changed;
  } catch (error) {
    if (fd !== undefined) close(fd);
    // A link where the file was.
    if (hasCode(error, 'ELOOP')) return changed;
    const { code, message } = diskProblem(error, 'a shared file');
    return code === 'not-found' ? changed : fail(code, message);
  }
}

function sizeOf(found: ServedFile | ServedPartial): number {
  return 'stamp' in found ? found.stamp.sizeBytes : found.sizeBytes;
}

function offerOf(found: ServedFile | ServedPartial): PartialOffer | undefined {
  if ('stamp' in found) return undefined;
  return new PartialOffer(pieceCount(found.sizeBytes), found.offer.have, found.offer.words);
}

function isAsShared(stats: BigIntStats, stamp: FileStamp): boolean {
  return stats.isFile() && sameStamp(stampOf(stats), stamp);
}
