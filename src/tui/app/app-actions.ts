/** Actions that are the program's own: the same on every screen. */
import type { ActionId } from '../keys/key-table.ts';
import { hint, type Effect } from '../model/effects.ts';
import type { TabName } from '../keys/places.ts';
import { prompt } from '../model/prompt.ts';
import { closeScreen, stepView, tabNumber } from '../model/ui-state.ts';
import { listBack } from '../screen/list-actions.ts';
import type { AnyList } from '../screen/list-pane.ts';
import type { Screen } from '../screen/screen.ts';
import { nextTheme } from '../text/theme.ts';
import { limitsDialog } from './limits-dialog.ts';
import { quitEffects } from './quit-dialog.ts';
import type { Session } from './session.ts';
import { settingsDialog } from './settings-dialog.ts';

/** Actions that act whatever lies over the screen; undefined: not one of them. */
export function globalAction(session: Session, action: ActionId): readonly Effect[] | undefined {
  switch (action) {
    case 'force-quit':
      return quitEffects(session, true);
    case 'redraw':
      return [{ type: 'redraw' }];
    case 'suspend':
      return [{ type: 'suspend' }];
    default:
      return undefined;
  }
}

export function appAction(
  session: Session,
  screen: Screen,
  list: AnyList,
  action: ActionId,
): readonly Effect[] {
  switch (action) {
    case 'tab-1':
    case 'tab-2':
    case 'tab-3':
    case 'tab-4':
    case 'tab-5':
      return toTab(session, tabNumber(Number(action.slice(-1))));
    case 'next-view':
    case 'previous-view':
      session.ui = stepView(session.ui, action === 'next-view' ? 1 : -1);
      return [{ type: 'shown' }];
    case 'next-pane':
    case 'previous-pane':
      session.stepFocus(screen, action === 'next-pane' ? 1 : -1);
      return [];
    case 'back':
      return back(session, list);
    case 'filter':
      return [{ type: 'prompt', prompt: filterPrompt(session, screen, list) }];
    case 'sort':
      return [{ type: 'menu', menu: list.sortMenu() }];
    case 'reverse-sort':
      list.reverseSort();
      return [];
    case 'next-sort':
    case 'previous-sort':
      list.stepSort(action === 'next-sort' ? 1 : -1);
      return [];
    case 'strip':
      session.ui = { ...session.ui, stripShown: !session.ui.stripShown };
      return [];
    case 'search':
      return [
        { type: 'open', screen: 'search' },
        { type: 'act', action: 'query' },
      ];
    case 'messages':
      return [{ type: 'open', screen: 'messages' }];
    case 'help':
      return [{ type: 'help' }];
    case 'limits':
      return limitsDialog(session);
    case 'settings':
      return [{ type: 'dialog', dialog: settingsDialog(session) }];
    case 'mouse': {
      const mouse = !session.settings.mouse;
      const text = mouse ? 'Mouse on: Shift selects text in most terminals' : 'Mouse off';
      return [{ type: 'settings', change: { mouse } }, hint(text)];
    }
    case 'theme': {
      const theme = nextTheme(session.theme);
      return [{ type: 'settings', change: { theme } }, hint(`Theme: ${theme}`)];
    }
    case 'quit':
      return quitEffects(session, false);
    default:
      return [];
  }
}

/** The number of the tab that is in front leaves what was opened over it: its own view is what is asked for. */
function toTab(session: Session, tab: TabName): readonly Effect[] {
  const { ui } = session;
  if (tab === ui.tab) session.ui = { ...ui, opened: { ...ui.opened, [tab]: [] } };
  return [{ type: 'tab', tab }];
}

/** Esc: ends a range, then the filter, then the marks, then leaves an opened screen. Never quits. */
function back(session: Session, list: AnyList): readonly Effect[] {
  switch (listBack(list.view.marks, list.filterText)) {
    case 'range':
      list.view.marks.endRange();
      return [];
    case 'filter':
      list.filterBy('');
      return [];
    case 'marks':
      list.view.marks.clear();
      return [];
    case undefined:
      break;
  }
  const before = session.ui;
  session.ui = closeScreen(before);
  return session.ui === before ? [] : [{ type: 'shown' }];
}

function filterPrompt(session: Session, screen: Screen, list: AnyList) {
  const field = `filter ${screen.name}`;
  return prompt({
    field,
    label: 'filter:',
    text: list.filterText,
    history: session.histories.get(field) ?? [],
    changed: (text) => [{ type: 'filter', list, text }],
    submit: (text) => [{ type: 'filter', list, text }],
    left: (text) => [{ type: 'filter', list, text }],
  });
}
