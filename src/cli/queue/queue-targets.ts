/**
 * Which downloads of a queue are meant by what somebody wrote. Pure. Invariant: what could mean several of them
 * means none, unless it is a word for many.
 */
import { hasEnded, type DownloadState, type DownloadView } from '../../core/engine/engine-api.ts';
import { maxNamedChoices, minIdPrefix } from '../../core/limits/cli.ts';
import { fail, ok, type Problem, type Result } from '../../core/result.ts';
import { displayName } from '../../core/safe-name.ts';
import { nearest } from '../../core/search/suggestion.ts';
import { counted } from '../words.ts';

/** Words for many: `all`, and the groups that `shoal status` counts. */
export const stateGroups = {
  active: ['finding', 'downloading', 'finishing'],
  waiting: ['queued', 'waiting'],
  paused: ['paused'],
  done: ['done'],
  failed: ['failed', 'cancelled'],
} as const satisfies Readonly<Record<string, readonly DownloadState[]>>;

export const queueTargetHelp =
  'its number, the first letters of its id, its name; all, or those that are active, waiting, paused, done or failed';

const expected = `a number that shoal queue shows, the first ${minIdPrefix} letters of an id or more, a name, or all, active, waiting, paused, done, failed`;

export interface Chosen {
  readonly downloads: readonly DownloadView[];
  /** Those that were meant by themselves, by their numbers: of others it is no mistake that nothing can be done. */
  readonly named: ReadonlySet<number>;
  readonly problems: readonly { readonly target: string; readonly problem: Problem }[];
}

/** Every download once, in the order of the list. Problems: `not-found`, `ambiguous`. */
export function chooseDownloads(targets: readonly string[], downloads: readonly DownloadView[]): Chosen {
  const meant = new Set<number>();
  const named = new Set<number>();
  const problems: { readonly target: string; readonly problem: Problem }[] = [];
  for (const target of targets) {
    const group = groupOf(target, downloads);
    if (group) {
      for (const { transfer } of group) meant.add(transfer);
      continue;
    }
    const one = theOne(target, downloads);
    if (one.ok) named.add(one.value.transfer);
    else problems.push({ target, problem: one.problem });
  }
  const chosen = downloads.filter(({ transfer }) => meant.has(transfer) || named.has(transfer));
  return { downloads: chosen, named, problems };
}

/**
 * Of a word that means no download: that it is like the name of a command, if it is, and like no word for many more.
 * Problem: `bad-request`.
 */
export function commandLike(word = '', commands: readonly string[]): Problem | undefined {
  const known = [...commands, 'all', ...Object.keys(stateGroups)];
  const [meant = ''] = nearest({ word: word.toLowerCase(), isOpen: false }, known, 1);
  if (!commands.includes(meant)) return undefined;
  const message = `${displayName(word)}: no such command (did you mean ${meant}?); see shoal queue --help`;
  return { code: 'bad-request', message };
}

/** Open ones in the order of their turns, then those that have ended, the last first. */
export function inQueueOrder(downloads: readonly DownloadView[]): readonly DownloadView[] {
  const place = ({ queueIndex = Infinity }: DownloadView): number => queueIndex;
  const open = downloads.filter((view) => !hasEnded(view));
  const ended = downloads.filter(hasEnded);
  return [
    ...open.toSorted((a, b) => place(a) - place(b) || a.transfer - b.transfer),
    ...ended.toSorted((a, b) => (b.endedMs ?? 0) - (a.endedMs ?? 0) || b.transfer - a.transfer),
  ];
}

function groupOf(target: string, downloads: readonly DownloadView[]): readonly DownloadView[] | undefined {
  if (target === 'all') return downloads;
  if (!isGroup(target)) return undefined;
  const states: readonly DownloadState[] = stateGroups[target];
  return downloads.filter(({ state }) => states.includes(state));
}

const isGroup = (target: string): target is keyof typeof stateGroups => Object.hasOwn(stateGroups, target);

function theOne(target: string, downloads: readonly DownloadView[]): Result<DownloadView> {
  // A folder is written with a slash at its end.
  const name = target.length > 1 ? target.replace(/\/$/, '') : target;
  const tests: readonly ((view: DownloadView) => boolean)[] = [
    ({ transfer }) => String(transfer) === target,
    (view) => view.name === name,
    ({ id }) => target.length >= minIdPrefix && id?.startsWith(target.toLowerCase()) === true,
    (view) => view.name.toLowerCase() === name.toLowerCase(),
  ];
  for (const test of tests) {
    const [only, ...others] = downloads.filter(test);
    if (only === undefined) continue;
    if (others.length === 0) return ok(only);
    return ambiguous(target, [only, ...others]);
  }
  return fail('not-found', `nothing in the queue is "${displayName(target)}": expected ${expected}`);
}

function ambiguous(target: string, meant: readonly DownloadView[]): Result<DownloadView> {
  const numbers = meant.slice(0, maxNamedChoices).map(({ transfer }) => transfer);
  const more = meant.length > numbers.length ? ' …' : '';
  return fail(
    'ambiguous',
    `"${displayName(target)}" is ${counted(meant.length, 'download')}: give the number of one, ${numbers.join(', ')}${more}`,
  );
}
