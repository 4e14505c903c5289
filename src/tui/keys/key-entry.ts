/** What one line of the key table says. */
import type { Mode, ScreenName } from './places.ts';

/** How the help groups actions, in its order. */
export const keyGroups = [
  'move',
  'mark',
  'list',
  'search',
  'transfer',
  'share',
  'peer',
  'app',
  'edit',
  'answer',
] as const;
export type KeyGroup = (typeof keyGroups)[number];

export interface KeyEntry {
  /** What a binding is called in the profile's `keys` section. One action may have several lines, one a screen. */
  readonly action: string;
  readonly group: KeyGroup;
  /** Default keys, the first one is shown where there is room for one. */
  readonly keys: readonly string[];
  /** Words for the help and the README: a few, lower case. */
  readonly help: string;
  /** Words for the hint line; absent: never shown there. Entries come in the order of the table. */
  readonly hint?: string;
  /** It does something to a row: the hint line leaves it out where there is none. */
  readonly needsRow?: true;
  /** Words for the hint line of a list without rows, where other entries leave room. */
  readonly hintEmpty?: string;
  readonly modes: readonly Mode[];
  /** Where in list mode; absent: on every screen. */
  readonly on?: readonly ScreenName[];
}
