/**
 * What the hint line says of the keys of downloads just now. Invariant: a list without rows offers no key that needs one,
 * and the key for pausing is called by what it would do.
 */
import type { ActionId } from '../../keys/key-table.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import type { HintWords } from '../../screen/screen.ts';
import { wouldResume } from './download-actions.ts';

/** Where there is nothing to do anything to: what leads on from there. */
const leadsOn: Partial<Record<ActionId, string>> = { search: 'search', help: 'help', quit: 'quit' };

export const emptyHint: HintWords = (action) => leadsOn[action] ?? '';

/** `row`: the one under the cursor. With several marked it is not said which of both it would do. */
export function downloadHint(
  action: ActionId,
  row: DownloadRow | undefined,
  marks: number,
): string | undefined {
  if (action !== 'pause') return undefined;
  if (marks > 0) return 'pause/resume';
  return row !== undefined && wouldResume([row]) ? 'resume' : undefined;
}
