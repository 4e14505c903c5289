/**
 * The one table of keys. What acts, the help, the hint line, the README and the profile's `keys` section are all
 * made from it. Invariant: in one mode and on one screen no key means two things (a test sees to it).
 */
import { editKeys } from './edit-keys.ts';
import { itemKeys } from './item-keys.ts';
import type { KeyEntry } from './key-entry.ts';
import { lastKeys, listKeys } from './list-keys.ts';
import { peerKeys } from './peer-keys.ts';
import { searchKeys } from './search-keys.ts';
import { shareKeys } from './share-keys.ts';
import { transferKeys } from './transfer-keys.ts';

/** What belongs to some screens comes first: the hint line tells of it first. */
const entries = [
  ...searchKeys,
  ...transferKeys,
  ...shareKeys,
  ...peerKeys,
  ...itemKeys,
  ...listKeys,
  ...lastKeys,
  ...editKeys,
] as const;

/** Everything a key can do. */
export type ActionId = (typeof entries)[number]['action'];

export interface ActionEntry extends KeyEntry {
  readonly action: ActionId;
}

export const keyTable: readonly ActionEntry[] = entries;

export const actionIds: ReadonlySet<string> = new Set(entries.map(({ action }) => action));
