/**
 * Which key does what, after the profile's changes. Invariant: every key of a mode and screen leads to one
 * action; changes that would make two of one are refused and named.
 */
import { fail, ok, type Result } from '../../core/result.ts';
import { parseKeyName } from './key-names.ts';
import { actionIds, keyTable, type ActionEntry, type ActionId } from './key-table.ts';
import type { Mode, ScreenName } from './places.ts';

/** The `keys` section of a profile: an action's id and its keys instead of the default ones; none turns it off. */
export type KeyChanges = Readonly<Record<string, readonly string[]>>;

/**
 * Where an entry holds. An entry for certain screens goes before one for all of them, so that `/` can mean
 * something of its own on one screen.
 */
export interface Bindings {
  readonly entries: readonly ActionEntry[];
  /** What a key does; undefined: nothing. */
  action(mode: Mode, screen: ScreenName, key: string): ActionId | undefined;
  /** The entries that hold, in the order of the table. */
  holding(mode: Mode, screen: ScreenName): readonly ActionEntry[];
}

/** The keys with the profile's changes; `bad-request` names the first that is wrong. */
export function bindKeys(changes: KeyChanges): Result<Bindings> {
  const changed = new Map<string, readonly string[]>();
  for (const [action, written] of Object.entries(changes)) {
    if (!actionIds.has(action)) return fail('bad-request', `keys: there is no action ${action}`);
    const names: string[] = [];
    for (const key of written) {
      const parsed = parseKeyName(key);
      if ('refused' in parsed)
        return fail('bad-request', `keys: ${action}: ${key} cannot be used: ${parsed.refused}`);
      names.push(parsed.name);
    }
    changed.set(action, names);
  }
  const entries = keyTable.map((entry) => ({ ...entry, keys: changed.get(entry.action) ?? entry.keys }));
  const collision = findCollision(entries) ?? findHidden(entries, changed);
  if (collision !== undefined) return fail('bad-request', `keys: ${collision}`);
  return ok(new KeyBindings(entries));
}

class KeyBindings implements Bindings {
  readonly entries: readonly ActionEntry[];
  readonly #byPlace = new Map<string, ReadonlyMap<string, ActionId>>();
  readonly #holding = new Map<string, readonly ActionEntry[]>();

  constructor(entries: readonly ActionEntry[]) {
    this.entries = entries;
  }

  action(mode: Mode, screen: ScreenName, key: string): ActionId | undefined {
    const place = placeOf(mode, screen);
    let byKey = this.#byPlace.get(place);
    if (byKey === undefined) {
      const holding = this.holding(mode, screen);
      byKey = new Map(holding.flatMap(({ keys, action }) => keys.map((key) => [key, action] as const)));
      this.#byPlace.set(place, byKey);
    }
    return byKey.get(key);
  }

  holding(mode: Mode, screen: ScreenName): readonly ActionEntry[] {
    const place = placeOf(mode, screen);
    let holding = this.#holding.get(place);
    if (holding === undefined) {
      holding = this.#find(mode, screen);
      this.#holding.set(place, holding);
    }
    return holding;
  }

  #find(mode: Mode, screen: ScreenName): readonly ActionEntry[] {
    const here = this.entries.filter((entry) => holds(entry, mode, screen));
    const own = new Set(here.filter(({ on }) => on !== undefined).flatMap(({ keys }) => keys));
    return here
      .map((entry) =>
        entry.on === undefined ? { ...entry, keys: entry.keys.filter((key) => !own.has(key)) } : entry,
      )
      .filter(({ keys }) => keys.length > 0);
  }
}

/** Screens and modes have no name in common but by chance. */
const placeOf = (mode: Mode, screen: ScreenName): string => (mode === 'list' ? screen : `mode ${mode}`);

function holds({ modes, on }: ActionEntry, mode: Mode, screen: ScreenName): boolean {
  return modes.includes(mode) && (mode !== 'list' || on === undefined || on.includes(screen));
}

/** Two entries of one rank that share a key where both hold. */
function findCollision(entries: readonly ActionEntry[]): string | undefined {
  const taken = new Map<string, ActionId>();
  for (const entry of entries) {
    for (const mode of entry.modes) {
      const places = mode === 'list' ? (entry.on ?? ['*']) : [mode];
      for (const place of places) {
        for (const key of entry.keys) {
          const other = taken.get(`${place} ${key}`);
          if (other !== undefined && other !== entry.action) {
            const where = place === '*' ? '' : ` (${place})`;
            return `${key} would do both ${other} and ${entry.action}${where}`;
          }
          taken.set(`${place} ${key}`, entry.action);
        }
      }
    }
  }
  return undefined;
}

/** A change that a screen's own key would hide, or that would hide a key of all screens, somewhere. */
function findHidden(
  entries: readonly ActionEntry[],
  changed: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const inLists = entries.filter(({ modes }) => modes.includes('list'));
  for (const own of inLists.filter(({ on }) => on !== undefined)) {
    for (const other of inLists.filter(({ on }) => on === undefined)) {
      if (!changed.has(own.action) && !changed.has(other.action)) continue;
      const key = own.keys.find((name) => other.keys.includes(name));
      if (key !== undefined)
        return `${key} would do both ${other.action} and ${own.action} (${own.on?.join(', ') ?? ''})`;
    }
  }
  return undefined;
}
