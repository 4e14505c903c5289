/** What is asked before something is done to downloads: the files by name, and the safe answer first. */
import { confirmation, dialog, type Dialog } from '../../model/dialog.ts';
import type { Effect } from '../../model/effects.ts';
import { rateField, rateIn } from '../../model/rate-field.ts';
import type { DownloadRow } from '../../model/transfers.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatPercent, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { fit } from '../../text/width.ts';

const namedRows = 6;
const nameWidth = 40;

/** Asks whether it is to be done to these downloads. */
export function askAbout(
  title: string,
  question: string,
  rows: readonly DownloadRow[],
  consequence: string,
  yes: { readonly label: string; readonly effects: readonly Effect[] },
): Effect {
  // In a small window the first lines are what is seen: there stands what matters.
  const body: readonly Line[] = [
    [{ text: question, bold: true }],
    [{ text: consequence }],
    [],
    ...rows.slice(0, namedRows).map(namedLine),
    ...(rows.length > namedRows ? [[{ text: `and ${plural(rows.length - namedRows, 'other')}` }]] : []),
  ];
  return { type: 'dialog', dialog: confirmation(title, body, yes) };
}

/** Lets the user write the limit of these downloads. */
export function limitDialog(
  rows: readonly DownloadRow[],
  effects: (bytesPerSecond: number) => readonly Effect[],
): Dialog {
  const limits = new Set(rows.map(({ download }) => download.limitBytesPerSecond));
  const [common = 0] = limits.size === 1 ? limits : [];
  const [first] = rows;
  const what = rows.length === 1 && first !== undefined ? shownName(first) : plural(rows.length, 'download');
  return dialog({
    title: 'Limit',
    body: [[{ text: `How fast may it come at most: ${fit(what, 38, 'left', 'middle').trimEnd()}` }]],
    fields: [rateField('rate', 'per second', common)],
    buttons: [
      {
        letter: undefined,
        label: 'Set',
        submits: true,
        effects: (answers) => effects(rateIn(answers, 'rate', common)),
      },
      { letter: undefined, label: 'Cancel', effects: () => [] },
    ],
  });
}

function namedLine({ download, figures }: DownloadRow): Line {
  const percent = formatPercent(figures.doneBytes, download.sizeBytes, download.state === 'done').padStart(5);
  const here = formatBytes(figures.doneBytes || undefined).padStart(6);
  return [
    { text: fit(shownName({ download, figures }), nameWidth, 'left', 'middle') },
    { text: `${percent}${here}`, role: 'dim' },
  ];
}

/** With what deceives told by a sign, as in the lists. */
function shownName({ download }: Pick<DownloadRow, 'download' | 'figures'>): string {
  const { text, suspicious } = showName(download.name);
  return suspicious ? `! ${text}` : text;
}
