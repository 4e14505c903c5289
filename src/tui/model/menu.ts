/** A menu of single letters, such as the sort menu. Pure. Invariant: no letter chooses two things. */
import type { KeyPress } from '../keys/key-names.ts';
import type { ActionId } from '../keys/key-table.ts';
import type { Effect } from './effects.ts';

export interface MenuItem {
  readonly letter: string;
  readonly words: string;
  readonly effects: readonly Effect[];
}

export interface Menu {
  readonly title: string;
  readonly items: readonly MenuItem[];
  readonly selected: number;
}

/** What a key makes of a menu: another state, or its end with effects. */
export type MenuStep =
  { readonly menu: Menu } | { readonly closed: true; readonly effects: readonly Effect[] };

export function stepMenu(menu: Menu, press: KeyPress, action: ActionId | undefined): MenuStep {
  const item = menu.items.find(({ letter }) => letter === press.name);
  if (item !== undefined) return { closed: true, effects: item.effects };
  switch (action) {
    case 'dismiss':
      return { closed: true, effects: [] };
    case 'accept':
      return { closed: true, effects: menu.items[menu.selected]?.effects ?? [] };
    case 'item-down':
      return { menu: { ...menu, selected: (menu.selected + 1) % menu.items.length } };
    case 'item-up':
      return { menu: { ...menu, selected: (menu.selected + menu.items.length - 1) % menu.items.length } };
    default:
      return { menu };
  }
}
