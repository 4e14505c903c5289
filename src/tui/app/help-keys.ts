/** Keys in the help: what is typed filters it, arrows scroll. */
import type { KeyPress } from '../keys/key-names.ts';
import { helpEntries } from '../keys/key-pages.ts';
import type { ActionId } from '../keys/key-table.ts';
import type { Effect } from '../model/effects.ts';
import { edit, inputText, insert } from '../model/input-line.ts';
import { currentScreen, popLayer, replaceLayer, type Layer } from '../model/ui-state.ts';
import { asEdit } from '../model/edit-actions.ts';
import type { Session } from './session.ts';

type Help = Extract<Layer, { readonly kind: 'help' }>;

const page = 10;

export function stepHelp(
  session: Session,
  help: Help,
  press: KeyPress,
  action: ActionId | undefined,
): readonly Effect[] {
  const set = (next: Help): readonly Effect[] => {
    session.ui = replaceLayer(session.ui, next);
    return [];
  };
  const scroll = (by: number): readonly Effect[] => {
    const { bindings, ui } = session;
    const entries = helpEntries(bindings, currentScreen(ui), inputText(help.filter), false);
    return set({ ...help, top: Math.max(0, Math.min(help.top + by, entries.length)) });
  };
  if (press.text !== undefined) return set({ ...help, filter: insert(help.filter, press.text), top: 0 });
  switch (action) {
    case 'help-close':
      session.ui = popLayer(session.ui);
      return [];
    case 'help-down':
      return scroll(1);
    case 'help-up':
      return scroll(-1);
    case 'help-page-down':
      return scroll(page);
    case 'help-page-up':
      return scroll(-page);
    default: {
      const change = asEdit(action);
      return change === undefined ? [] : set({ ...help, filter: edit(help.filter, change), top: 0 });
    }
  }
}
