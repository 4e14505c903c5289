/** What `shoal queue` and its parts do, once they have a running peer. Invariant: what is told was seen to be so. */
import type { DownloadView } from '../../core/engine/engine-api.ts';
import { maxQueueRows, statusSampleMs } from '../../core/limits/cli.ts';
import type { Problem } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import { downloadName } from '../../tui/transfer-text.ts';
import { failed, type CommandContext } from '../command.ts';
import type { EngineSession } from '../engine-session.ts';
import { exitCode, exitCodeOfAll } from '../exit-codes.ts';
import { queueLines, queueObject, type SpeedOf } from './queue-list.ts';
import { chooseDownloads, inQueueOrder } from './queue-targets.ts';
import type { Verb } from './queue-verbs.ts';
import { counted } from '../words.ts';

/** Shows those that are meant, all where none is named. `mistyped`: what the first is if it is none of them. */
export async function showQueue(
  context: CommandContext,
  session: EngineSession,
  targets: readonly string[],
  mistyped?: Problem,
): Promise<number> {
  const { ports, output, stop } = context;
  const before = await session.ask('snapshot', {});
  if (!before.ok) return failed(context, before.problem);
  const startMs = ports.now();
  if (before.value.downloads.some(({ state }) => state === 'downloading'))
    await ports.wait(statusSampleMs, stop.signal);
  const after = await session.ask('snapshot', {});
  if (!after.ok) return failed(context, after.problem);
  const speedOf = speedsBetween(before.value.downloads, after.value.downloads, ports.now() - startMs);
  const all = inQueueOrder(after.value.downloads);
  const { downloads, problems } =
    targets.length === 0 ? { downloads: all, problems: [] } : chooseDownloads(targets, all);
  if (mistyped !== undefined && problems[0]?.target === targets[0]) return failed(context, mistyped);
  output.events(objectsOf(downloads, speedOf));
  if (downloads.length > 0 || problems.length === 0)
    output.line(...queueLines(downloads, speedOf, output.columns));
  return ended(context, 'list', problems);
}

/** Of those that were there before, too, and are under way: what stands still has no speed, however fast it just was. */
function speedsBetween(
  before: readonly DownloadView[],
  after: readonly DownloadView[],
  spanMs: number,
): SpeedOf {
  const earlier = new Map(before.map(({ transfer, fetchedBytes }) => [transfer, fetchedBytes]));
  const speeds = new Map(
    after.map(({ transfer, fetchedBytes }) => {
      const cameBytes = fetchedBytes - (earlier.get(transfer) ?? fetchedBytes);
      return [transfer, Math.max(0, Math.round((cameBytes * 1000) / Math.max(1, spanMs)))];
    }),
  );
  return ({ transfer, state }) => (underWay.has(state) ? (speeds.get(transfer) ?? 0) : 0);
}

const underWay: ReadonlySet<DownloadView['state']> = new Set(['downloading', 'finishing']);

function* objectsOf(downloads: readonly DownloadView[], speedOf: SpeedOf): Generator<object> {
  for (const view of downloads) yield queueObject(view, speedOf(view));
}

/** What came of one download. */
interface Told {
  readonly view: DownloadView;
  readonly words: string;
  readonly changed: boolean;
}

/** Does it to those that are meant, and says exactly what was done. */
export async function changeQueue(
  context: CommandContext,
  session: EngineSession,
  verb: Verb,
  targets: readonly string[],
): Promise<number> {
  const snapshot = await session.ask('snapshot', {});
  if (!snapshot.ok) return failed(context, snapshot.problem);
  const { downloads, named, problems } = chooseDownloads(targets, inQueueOrder(snapshot.value.downloads));
  const refusals: { readonly target: string; readonly problem: Problem }[] = [...problems];
  const refuse = (view: DownloadView, why: string): void => {
    const { transfer } = view;
    const message = `${transfer} ${displayName(downloadName(view))} ${why}`;
    refusals.push({ target: String(transfer), problem: { code: 'stale', message } });
  };
  const told: Told[] = [];
  let all: readonly DownloadView[] = [];
  const going: DownloadView[] = [];
  for (const view of downloads) {
    const why = verb.refusal(view);
    if (why === undefined && !verb.isSo(view)) going.push(view);
    // What a word for many means as well is no mistake.
    else if (!named.has(view.transfer)) continue;
    else if (why === undefined) told.push({ view, words: verb.already, changed: false });
    else refuse(view, why);
  }
  if (going.length > 0) {
    session.send(verb.command(going.map(({ transfer }) => transfer)));
    // Answered after it was done.
    const after = await session.ask('snapshot', {});
    if (!after.ok) return failed(context, after.problem);
    all = after.value.downloads;
    const now = new Map(all.map((view) => [view.transfer, view]));
    for (const before of going) {
      const view = now.get(before.transfer);
      if (!verb.isDone(view)) refuse(before, whyNotDone(verb, view));
      else if (verb.isUnchanged?.(view, before))
        told.push({ view: view ?? before, words: verb.already, changed: false });
      else told.push({ view: view ?? before, words: wordsFor(verb, before), changed: true });
    }
  }
  tell(context, verb, told, all);
  if (told.length + refusals.length === 0) context.output.note(`There is nothing to ${verb.action}.`);
  return ended(context, verb.action, refusals);
}

/** Of one that was not done, as it is now. */
function whyNotDone(verb: Verb, view: DownloadView | undefined): string {
  if (view === undefined) return 'is not in the queue any more';
  return verb.refusal(view) ?? `is ${view.state} still: nothing was done`;
}

/** Only a folder has no id. */
function wordsFor({ told, toldOfFolder = told }: Verb, { id }: DownloadView): string {
  return id === undefined ? toldOfFolder : told;
}

function tell(
  { output }: CommandContext,
  verb: Verb,
  told: readonly Told[],
  all: readonly DownloadView[],
): void {
  const { action } = verb;
  for (const { view, changed } of told) {
    const { transfer, id = null, name, state, queueIndex } = view;
    const now = action === 'remove' ? {} : { state, place: queueIndex ?? null };
    output.event({ event: 'queue', action, transfer, id, name, ...now, changed });
  }
  output.line(
    ...told.slice(0, maxQueueRows).map(({ view, words, changed }) => {
      const { transfer, queueIndex } = view;
      const place = verb.tellsPlace && queueIndex !== undefined ? `, place ${queueIndex}` : '';
      const why = changed ? undefined : verb.whyUnchanged?.(view, all);
      return `${words} ${transfer} ${downloadName(view)}${place}${why === undefined ? '' : `, ${why}`}`;
    }),
    ...(told.length > maxQueueRows ? [`and ${counted(told.length - maxQueueRows, 'other')} likewise`] : []),
  );
}

/** Says what came to nothing, scripts as events, people on stderr; gives the exit code. */
function ended(
  { output }: CommandContext,
  action: string,
  problems: readonly { readonly target: string; readonly problem: Problem }[],
): number {
  for (const { target, problem } of problems) {
    const { code, message } = problem;
    if (output.json) output.event({ event: 'failed', action, target, code, message });
    else output.error(message);
  }
  return problems.length === 0 ? exitCode.done : exitCodeOfAll(problems.map(({ problem }) => problem));
}
