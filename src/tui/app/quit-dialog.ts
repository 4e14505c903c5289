/**
 * Leaving: asks when work is running, and says which. Invariant: Enter on the question stays; nothing is lost
 * without having been named.
 */
import { hasEnded } from '../../core/engine/engine-api.ts';
import { forceQuitWithinMs } from '../../core/limits/screen.ts';
import { dialog, type Dialog, type DialogButton } from '../model/dialog.ts';
import { send, toast, type Effect } from '../model/effects.ts';
import type { DownloadRow } from '../model/transfers.ts';
import { formatEta, formatPercent } from '../text/numbers.ts';
import { nameSegments } from '../text/names.ts';
import type { Line } from '../text/segments.ts';
import { fitLine } from '../text/segments.ts';
import type { Session } from './session.ts';
import { downloadName } from '../transfer-text.ts';

const namedDownloads = 3;
const lastForced = new WeakMap<Session, number>();

/** `forced`: by Ctrl-C, which twice in a row quits without a question. */
export function quitEffects(session: Session, forced: boolean): readonly Effect[] {
  const nowMs = session.now();
  const before = lastForced.get(session) ?? -Infinity;
  if (forced) lastForced.set(session, nowMs);
  if (forced && nowMs - before < forceQuitWithinMs) return [end(session)];
  const { active, waiting, uploading } = session.engine.counts();
  // Who looks away from a peer that goes on takes nothing from others.
  const shared = session.config.isAttached ? 0 : sharedFiles(session);
  if (active + waiting + uploading + shared === 0) return [end(session)];
  // A question that is open already is not asked twice.
  if (session.ui.layers.some((layer) => layer.kind === 'dialog' && layer.dialog.title === title)) return [];
  return [{ type: 'dialog', dialog: quitDialog(session) }];
}

const title = 'Quit?';

/** What `q` does at last: an engine that was here before us goes on. */
function end({ config }: Session): Effect {
  return { type: 'end', end: { kind: config.isAttached ? 'detached' : 'stop' } };
}

function quitDialog(session: Session): Dialog {
  const { engine, config } = session;
  const { active, waiting, uploading } = engine.counts();
  const isBusy = active + waiting + uploading > 0;
  return dialog({
    title,
    body: () => told(session),
    buttons: buttons(config.isAttached, config.canBackground, engine.status.stopsWhenIdle, isBusy),
  });
}

/** What runs now, and what becomes of it. */
function told(session: Session): readonly Line[] {
  const { engine } = session;
  const { active, waiting, uploading } = engine.counts();
  const { fastest, count } = runningDownloads(session);
  const body: Line[] = [
    [{ text: sentence(active, waiting, uploading, sharedFiles(session)), bold: true }],
    [],
    ...fastest.map((row) => downloadLine(session, row)),
  ];
  if (count > fastest.length)
    body.push([{ text: `  and ${(count - fastest.length).toLocaleString('en')} more` }]);
  const after =
    active + waiting === 0
      ? 'Nobody gets anything from you while it is stopped.'
      : 'Partial data is kept and resumes next time.';
  if (count > 0) body.push([]);
  body.push([{ text: after, role: 'dim' }]);
  if (engine.status.stopsWhenIdle)
    body.push([{ text: 'It stops by itself when its downloads are done.', role: 'warn' }]);
  return body;
}

/** The few to be named, the fastest first, and how many there are. */
function runningDownloads({ engine }: Session): {
  readonly fastest: readonly DownloadRow[];
  readonly count: number;
} {
  const fastest: DownloadRow[] = [];
  let count = 0;
  for (const row of engine.transfers.downloads.rows()) {
    if (hasEnded(row.download) || row.download.state === 'paused') continue;
    count += 1;
    const at = fastest.findIndex(({ figures }) => figures.downPerSecond < row.figures.downPerSecond);
    fastest.splice(at < 0 ? fastest.length : at, 0, row);
    if (fastest.length > namedDownloads) fastest.pop();
  }
  return { fastest, count };
}

function buttons(
  isAttached: boolean,
  canBackground: boolean,
  stopsWhenIdle: boolean,
  isBusy: boolean,
): readonly DialogButton[] {
  const stay: DialogButton = { letter: 's', label: 'Stay', effects: () => [] };
  const now: DialogButton = {
    letter: 'q',
    label: isAttached ? 'stop the engine' : 'quit now',
    effects: () => [{ type: 'end', end: { kind: 'stop' } }],
  };
  const keep: DialogButton = {
    letter: 'k',
    label: 'keep it running',
    effects: () => [send({ type: 'stay' }), toast('It goes on when its downloads are done')],
  };
  const whenDone: DialogButton = {
    letter: 'w',
    label: 'when done',
    effects: () => [send({ type: 'stop', when: 'idle' }), { type: 'end', end: { kind: 'stop-when-done' } }],
  };
  const background: DialogButton = {
    letter: 'b',
    label: isAttached ? 'leave it running' : 'in background',
    effects: () => [{ type: 'end', end: { kind: isAttached ? 'detached' : 'background' } }],
  };
  return [
    stay,
    now,
    ...(isBusy ? [stopsWhenIdle ? keep : whenDone] : []),
    ...(canBackground || isAttached ? [background] : []),
  ];
}

function sentence(active: number, waiting: number, uploading: number, shared: number): string {
  const count = (number: number, one: string, many: string): string =>
    `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
  const parts: string[] = [];
  if (active > 0) parts.push(`${count(active, 'download is', 'downloads are')} running`);
  if (waiting > 0) parts.push(count(waiting, 'waits', 'wait'));
  if (uploading > 0) parts.push(`${count(uploading, 'peer is', 'peers are')} downloading from you`);
  if (parts.length === 0 && shared === 0) return 'Nothing is under way any more.';
  if (parts.length === 0) parts.push(`You share ${count(shared, 'file', 'files')} that others can find`);
  return `${parts.join(', ')}.`;
}

const sharedFiles = ({ engine }: Session): number =>
  engine.status.shares.reduce((sum, { files }) => sum + files, 0);

function downloadLine({ glyphs }: Session, { download, figures }: DownloadRow): Line {
  const percent = formatPercent(figures.hereBytes, download.sizeBytes, download.state === 'done');
  const left = figures.secondsLeft === undefined ? '' : `  ${formatEta(figures.secondsLeft)} left`;
  return [
    { text: '  ' },
    ...fitLine(nameSegments(downloadName(download), 36, glyphs), 36),
    { text: `${percent.padStart(5)}${left}` },
  ];
}
