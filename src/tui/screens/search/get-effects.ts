/** Downloading what was found: what is here already is left out, what the disk has no room for is asked about. */
import type { SearchResult } from '../../../core/catalogue.ts';
import type { DiskView } from '../../../core/engine-api.ts';
import { confirmation } from '../../model/dialog.ts';
import { ask, toast, type Effect } from '../../model/effects.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatCount, plural } from '../../text/numbers.ts';
import type { FoundRow } from './found.ts';

export interface GetFacts {
  readonly downloadsDir: string;
  readonly disk: DiskView | undefined;
}

/** Effects of getting these rows. */
export function getEffects(rows: readonly FoundRow[], facts: GetFacts): readonly Effect[] {
  const wanted = rows.filter(({ local }) => local.kind !== 'have' && local.kind !== 'coming');
  if (wanted.length === 0) return [toast(alreadyHere(rows))];
  const results = wanted.map(({ result }) => result);
  const bytes = results.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const effects = downloads(results, bytes, facts.downloadsDir);
  const free = facts.disk?.freeBytes;
  if (free === undefined || bytes <= free) return effects;
  const body = [
    [
      {
        text: `${plural(results.length, 'file')} of ${formatBytes(bytes)}, and ${formatBytes(free)} are free in`,
      },
    ],
    [{ text: showName(facts.downloadsDir).text }],
    [],
    [{ text: 'What does not fit waits until there is room, and goes on by itself.' }],
  ];
  return [
    {
      type: 'dialog',
      dialog: confirmation('More than the disk has room for', body, { label: 'Get', effects }),
    },
  ];
}

function downloads(results: readonly SearchResult[], bytes: number, outDir: string): readonly Effect[] {
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
  return [...asked, toast(`${what} queued, ${formatBytes(bytes)}. Press 2 to watch.`)];
}

function alreadyHere(rows: readonly FoundRow[]): string {
  const coming = rows.filter(({ local }) => local.kind === 'coming').length;
  if (rows.length === 0) return 'Nothing is chosen';
  if (coming === 0) return rows.length === 1 ? 'You have it already' : 'You have all of them already';
  return rows.length === 1 ? 'It is on its way: press 2 to watch' : 'They are here or on their way already';
}
