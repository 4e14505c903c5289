/**
 * What the hint line says of the keys of downloads just now. Invariant: of one download only what can be done to it as it
 * is, and the key for pausing is called by what it would do.
 */
import { hasEnded } from '../../../core/engine/engine-api.ts';
import type { ActionId } from '../../keys/key-table.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import { mayRetry, wouldResume } from './download-actions.ts';

/** What needs a download that is under way. */
const ofRunning: ReadonlySet<ActionId> = new Set(['pause', 'cancel', 'raise', 'queue-down', 'more-sources']);

/** `row`: the one under the cursor. With several marked it is not said for which of them it would do something. */
export function downloadHint(
  action: ActionId,
  row: DownloadRow | undefined,
  marks: number,
): string | undefined {
  if (marks > 0) return action === 'pause' ? 'pause/resume' : undefined;
  if (row === undefined) return undefined;
  if (action === 'retry' && !mayRetry(row.download)) return '';
  if (ofRunning.has(action) && hasEnded(row.download)) return '';
  return action === 'pause' && wouldResume([row]) ? 'resume' : undefined;
}
