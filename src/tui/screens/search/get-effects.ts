/** Downloading what was found: what is here already is left out, what the disk has no room for is asked about. */
import type { SearchResult } from '../../../core/catalogue.ts';
import type { DiskView } from '../../../core/engine/engine-api.ts';
import { confirmation } from '../../model/dialog.ts';
import { ask, hint, toast, type Effect } from '../../model/effects.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatCount, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import type { FoundRow } from './found.ts';

export interface GetFacts {
  readonly downloadsDir: string;
  readonly disk: DiskView | undefined;
}

/**
 * Effects of getting these rows, which are told as they are whenever they are asked for. `begun` is called when they
 * are got, not while that is still a question.
 */
export function getEffects(
  rows: () => readonly FoundRow[],
  facts: () => GetFacts,
  begun: () => void,
): readonly Effect[] {
  const wanted = (): readonly SearchResult[] =>
    rows()
      .filter(({ local }) => local.kind !== 'have' && local.kind !== 'coming')
      .map(({ result }) => result);
  const effects = (): readonly Effect[] => {
    begun();
    return wanted().length === 0 ? [hint(alreadyHere(rows()))] : downloads(wanted(), facts().downloadsDir);
  };
  const free = facts().disk?.freeBytes;
  if (free === undefined || bytesOf(wanted()) <= free) return effects();
  const body = (): readonly Line[] => {
    const { disk, downloadsDir } = facts();
    const what = `${plural(wanted().length, 'file')} of ${formatBytes(bytesOf(wanted()))}`;
    return [
      [{ text: `${what}, and ${formatBytes(disk?.freeBytes)} are free in` }],
      [{ text: showName(downloadsDir).text }],
      [],
      [{ text: 'What does not fit waits until there is room, and goes on by itself.' }],
    ];
  };
  return [
    {
      type: 'dialog',
      dialog: confirmation('More than the disk has room for', body, { label: 'Get', effects }),
    },
  ];
}

const bytesOf = (results: readonly SearchResult[]): number =>
  results.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

function downloads(results: readonly SearchResult[], outDir: string): readonly Effect[] {
  const asked = results.map((result): Effect =>
    ask(
      {
        type: 'download',
        target: { kind: 'content', id: result.id, name: result.name, folders: [], sources: result.sources },
        outDir,
        bytesPerSecond: 0,
        sizeBytes: result.sizeBytes,
      },
      ({ answer }) => (answer.ok ? [] : [toast(showName(answer.problem.message).text, 'error')]),
    ),
  );
  const what = results.length === 1 ? showName(results[0]?.name ?? '').text : formatCount(results.length);
  return [...asked, toast(`${what} queued, ${formatBytes(bytesOf(results))}. Press 2 to watch.`)];
}

function alreadyHere(rows: readonly FoundRow[]): string {
  const coming = rows.filter(({ local }) => local.kind === 'coming').length;
  if (rows.length === 0) return 'Nothing is chosen';
  if (coming === 0) return rows.length === 1 ? 'You have it already' : 'You have all of them already';
  return rows.length === 1 ? 'It is on its way: press 2 to watch' : 'They are here or on their way already';
}
