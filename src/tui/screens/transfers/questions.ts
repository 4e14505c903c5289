/** What is asked before something is done to transfers: the files by name, and the safe answer first. */
import type { UploadView } from '../../../core/engine/engine-api.ts';
import { confirmation, dialog, type Dialog } from '../../model/dialog.ts';
import { hint, type Effect } from '../../model/effects.ts';
import { rateField, rateIn, rateNote } from '../../model/rate-field.ts';
import type { DownloadRow, UploadRow } from '../../model/transfers.ts';
import { showName } from '../../text/names.ts';
import { formatBytes, formatPercent, plural } from '../../text/numbers.ts';
import type { Line } from '../../text/segments.ts';
import { fit } from '../../text/width.ts';
import { downloadName } from '../../transfer-text.ts';

const namedRows = 6;
const nameWidth = 40;

type Rows = readonly DownloadRow[];

export interface Asked {
  readonly title: string;
  /** Those it is to be done to, as they are whenever this is called. */
  readonly rows: () => Rows;
  readonly question: (rows: Rows) => string;
  readonly consequence: (rows: Rows) => string;
  readonly yes: string;
  /** For at least one. */
  readonly effects: (rows: Rows) => readonly Effect[];
}

/** Asks whether it is to be done to these downloads: to those it can be done to when it is confirmed. */
export function askAbout({ title, rows, question, consequence, yes, effects }: Asked): Effect {
  const body = (): readonly Line[] => {
    const now = rows();
    if (now.length === 0) return [[{ text: nothingLeft, bold: true }]];
    // In a small window the first lines are what is seen: there stands what matters.
    return [
      [{ text: question(now), bold: true }],
      [{ text: consequence(now) }],
      [],
      ...now.slice(0, namedRows).map(namedLine),
      ...(now.length > namedRows ? [[{ text: `and ${plural(now.length - namedRows, 'other')}` }]] : []),
    ];
  };
  const confirmed = (): readonly Effect[] => {
    const now = rows();
    return now.length === 0 ? [hint(nothingLeft)] : effects(now);
  };
  return { type: 'dialog', dialog: confirmation(title, body, { label: yes, effects: confirmed }) };
}

const nothingLeft = 'Nothing is left to do that to: it has come to its end meanwhile.';

/** Lets the user write the limit of these downloads. */
export function limitDialog(
  rows: readonly DownloadRow[],
  effects: (bytesPerSecond: number) => readonly Effect[],
): Dialog {
  const limits = rows.map(({ download }) => download.limitBytesPerSecond);
  const [first] = rows;
  const what = rows.length === 1 && first !== undefined ? shownName(first) : plural(rows.length, 'download');
  return rateDialog(`How fast may it come at most: ${fitted(what)}`, limits, effects);
}

/** Lets the user write the limit of what these peers get. */
export function uploadLimitDialog(
  rows: readonly UploadRow[],
  effects: (bytesPerSecond: number) => readonly Effect[],
): Dialog {
  const limits = rows.map(({ upload }) => upload.limitBytesPerSecond);
  const [first] = rows;
  const who =
    rows.length === 1 && first !== undefined ? shownPeer(first.upload) : plural(rows.length, 'peer');
  return rateDialog(`How fast may it go at most to ${fitted(who)}`, limits, effects);
}

function rateDialog(
  question: string,
  limits: readonly number[],
  effects: (bytesPerSecond: number) => readonly Effect[],
): Dialog {
  const distinct = new Set(limits);
  const [common = 0] = distinct.size === 1 ? distinct : [];
  return dialog({
    title: 'Limit',
    body: () => [[{ text: question }], rateNote],
    fields: [rateField('rate', 'Limit', common)],
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

const fitted = (name: string): string => fit(name, 38, 'left', 'middle').trimEnd();

/** With what deceives told by a sign, as in the lists. */
export function shownPeer({ peerName }: Pick<UploadView, 'peerName'>): string {
  const { text, suspicious } = showName(peerName);
  return suspicious ? `! ${text}` : text;
}

function namedLine({ download, figures }: DownloadRow): Line {
  // What stays or goes is what is verified and on the disk.
  const percent = formatPercent(download.doneBytes, download.sizeBytes, download.state === 'done').padStart(
    5,
  );
  const here = formatBytes(download.doneBytes || undefined).padStart(6);
  return [
    { text: fit(shownName({ download, figures }), nameWidth, 'left', 'middle') },
    { text: `${percent}${here}`, role: 'dim' },
  ];
}

/** With what deceives told by a sign, as in the lists. */
function shownName({ download }: Pick<DownloadRow, 'download' | 'figures'>): string {
  const { text, suspicious } = showName(downloadName(download));
  return suspicious ? `! ${text}` : text;
}
