/**
 * Prepares the files that peers add, a portion in a turn of the event loop of their thread, whoever added them.
 * Invariant: what comes meanwhile (a search, a ping) is heard after one portion, not after a whole message of files.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FileEntries } from '../../core/share/file-entries.ts';
import { bytesPreparedAtOnce, filesPreparedAtOnce } from '../../core/limits/tracker.ts';
import type { PreparedAdds } from '../../store/catalog-store.ts';
import type { KnownFiles } from '../../store/known-files.ts';
import { joined, prepareRows } from '../../store/prepared-batch.ts';

/** Of this thread: when the last portion that waits has been prepared. */
let line: Promise<void> = Promise.resolve();

/** The same as `prepareEntries`, once it is their turn. No more than a portion is prepared at once. */
export async function prepareInTurns(
  files: FileEntries,
  isDenied: ((index: number) => boolean) | undefined,
  known: KnownFiles,
): Promise<PreparedAdds> {
  const portions: Uint8Array[] = [];
  for (let from = 0; from < files.count;) {
    line = line.then(() => nextTurn());
    await line;
    const start = from;
    const isPortionDenied = isDenied && ((index: number) => isDenied(start + index));
    from = endOfPortion(files, start);
    portions.push(prepareRows(files.slice(start, from), isPortionDenied, known));
  }
  return joined(files.count, portions);
}

/** A long path may be a hundred times the work of a usual one, so bytes count too. */
function endOfPortion(files: FileEntries, from: number): number {
  const most = Math.min(files.count, from + filesPreparedAtOnce);
  const endByte = files.start(from) + bytesPreparedAtOnce;
  let to = from + 1;
  while (to < most && files.end(to) <= endByte) to += 1;
  return to;
}
