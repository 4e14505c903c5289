/**
 * What is said about keys: the entries of the help, the hint line and the page for the README, all made from the
 * key table. Invariant: nothing is said of a key that does not hold.
 */
import type { Bindings } from './bindings.ts';
import { keyGroups, type KeyEntry, type KeyGroup } from './key-entry.ts';
import { shortKeyName } from './key-names.ts';
import type { ActionEntry, ActionId } from './key-table.ts';
import type { Mode, ScreenName } from './places.ts';

/** A line of the help. */
export interface HelpEntry {
  readonly group: KeyGroup;
  readonly keys: string;
  readonly words: string;
}

export interface Hint {
  readonly keys: string;
  readonly words: string;
}

/** What the help lists of a screen, grouped; only entries in which every word of `filter` occurs. */
export function helpEntries(
  bindings: Bindings,
  screen: ScreenName,
  filter: string,
  withArrows: boolean,
): readonly HelpEntry[] {
  const words = filter.toLowerCase().split(' ').filter(Boolean);
  const entries = [...bindings.holding('list', screen), ...bindings.holding('input', screen)]
    .filter((entry, at, all) => all.findIndex(({ action }) => action === entry.action) === at)
    .map((entry) => ({
      group: entry.group,
      keys: entry.keys.map((key) => shortKeyName(key, withArrows)).join(' '),
      words: entry.help,
    }))
    .filter(({ group, keys, words: help }) => {
      const text = `${group} ${keys} ${help}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  return entries.toSorted((a, b) => keyGroups.indexOf(a.group) - keyGroups.indexOf(b.group));
}

/** How things are where the hint line is drawn. */
export interface HintsNow {
  /** Whether there is a row that keys could do something to. */
  readonly hasRow: boolean;
  /** In place of the table's words; '' leaves an action out. */
  readonly words?: ((action: ActionId) => string | undefined) | undefined;
}

/** What the hint line offers, most important first; help and quit come last in any mode that has them. */
export function hints(
  bindings: Bindings,
  mode: Mode,
  screen: ScreenName,
  withArrows: boolean,
  { hasRow, words: wordsNow }: HintsNow = { hasRow: true },
): readonly Hint[] {
  const tableWords = ({ hint, needsRow, hintEmpty }: ActionEntry): string | undefined =>
    hasRow ? hint : needsRow === true ? undefined : (hintEmpty ?? hint);
  return bindings
    .holding(mode, screen)
    .map((entry) => ({
      keys: shortKeyName(entry.keys[0] ?? '', withArrows),
      words: wordsNow?.(entry.action) ?? tableWords(entry) ?? '',
    }))
    .filter(({ words }) => words !== '');
}

const groupTitles: Readonly<Record<KeyGroup, string>> = {
  move: 'Moving',
  mark: 'Marking',
  list: 'Lists',
  search: 'Search',
  transfer: 'Transfers',
  share: 'Shares',
  peer: 'Peers',
  app: 'Program',
  edit: 'Input lines',
  answer: 'Dialogs, menus and the help',
};

/** The group's name as people read it. */
export const groupTitle = (group: KeyGroup): string => groupTitles[group];

/** The section of the README: a table for each group, with the names that the profile's `keys` section takes. */
export function keysPage(table: readonly ActionEntry[]): string {
  return keyGroups
    .map((group) => {
      const rows = table
        .filter((entry, at) => entry.group === group && isFirst(table, at))
        .map((entry) => `| ${keyCells(entry)} | ${escape(helpWords(table, entry))} | \`${entry.action}\` |`);
      return [`#### ${groupTitle(group)}`, '', '| Keys | What | Action |', '|---|---|---|', ...rows].join(
        '\n',
      );
    })
    .join('\n\n');
}

function isFirst(table: readonly ActionEntry[], at: number): boolean {
  return table.findIndex(({ action }) => action === table[at]?.action) === at;
}

function helpWords(table: readonly ActionEntry[], { action, help, on }: ActionEntry): string {
  const where = table.filter((other) => other.action === action).flatMap((other) => other.on ?? []);
  return on === undefined ? help : `${help} (${where.join(', ')})`;
}

function keyCells({ keys }: KeyEntry): string {
  return keys.map((key) => (key === '`' ? '`` ` ``' : `\`${escape(key)}\``)).join(' ');
}

const escape = (text: string): string => text.replaceAll('|', '\\|');
