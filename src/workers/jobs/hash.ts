/**
 * The hash job: reads files from end to end and makes their manifests. It runs on threads of its own, so it
 * reads synchronously, which is both the simplest and the fastest way.
 * Invariant: an outcome that is ok is that of one version of the file, the one with the stamp it carries.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { contentIdOf } from '../../content/content-id.ts';
import { fileProblem } from '../../content/file-problem.ts';
import { ManifestHasher } from '../../content/manifest-hasher.ts';
import { sameStamp, stampOf } from '../../core/share/file-stamp.ts';
import { HashControl } from '../../core/share/hash-control.ts';
import { hashReadBytes } from '../../core/limits/pools.ts';
import { fail, ok } from '../../core/result.ts';
import type { HashInput, HashOutcome, HashRequest } from '../contract.ts';
import { toColumns, type HashedFiles } from '../hashed-files.ts';

/** Not through a link, and without waiting for the other end of a FIFO. */
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** One for the thread: its jobs run one after the other. */
const buffer = Buffer.allocUnsafeSlow(hashReadBytes);

export function hashFiles({ files, control }: HashInput): HashedFiles {
  const shared = new HashControl(control);
  const outcomes = files.map((file) => hashFile(file, shared));
  return toColumns(files, outcomes);
}

function hashFile({ filePath, expected }: HashRequest, control: HashControl): HashOutcome {
  if (control.isCancelled) return cancelled();
  let file: number;
  try {
    file = openSync(filePath, openFlags);
  } catch (error) {
    return { ok: false, problem: fileProblem(error) };
  }
  try {
    const before = fstatSync(file, { bigint: true });
    if (!before.isFile()) return fail('bad-request', 'It is not a regular file');
    const stamp = stampOf(before);
    if (expected && !sameStamp(stamp, expected)) return stale();
    const hasher = new ManifestHasher(stamp.sizeBytes);
    for (let at = 0; at < stamp.sizeBytes;) {
      if (control.isCancelled) return cancelled();
      const count = readSync(file, buffer, 0, Math.min(buffer.length, stamp.sizeBytes - at), at);
      if (count === 0) return stale();
      hasher.update(buffer.subarray(0, count));
      control.addHashed(count);
      at += count;
    }
    // Status times count as well: a change that puts the old modification time back is still a change.
    const after = fstatSync(file, { bigint: true });
    if (!sameStamp(stampOf(after), stamp) || after.ctimeNs !== before.ctimeNs) return stale();
    const manifest = hasher.finish();
    return ok({ id: contentIdOf(manifest), manifest, stamp });
  } catch (error) {
    return { ok: false, problem: fileProblem(error) };
  } finally {
    closeSync(file);
  }
}

const stale = (): HashOutcome => fail('stale', 'It changed while it was hashed');
const cancelled = (): HashOutcome => fail('cancelled', 'Hashing was stopped');
