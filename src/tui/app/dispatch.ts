/**
 * What a key does: asks what lies on top of the screen, then the list, then the screen, then the program.
 * Invariant: a key goes to one place only; with an input line open, letters are never commands.
 */
import { maxInputGraphemes } from '../../core/limits/screen.ts';
import type { KeyPress } from '../keys/key-names.ts';
import type { ActionId } from '../keys/key-table.ts';
import { pasteIntoDialog, stepDialog } from '../model/dialog.ts';
import type { Effect } from '../model/effects.ts';
import { insert } from '../model/input-line.ts';
import { stepMenu } from '../model/menu.ts';
import { typeText, type Prompted } from '../model/prompt.ts';
import { dismissErrors } from '../model/toasts.ts';
import {
  currentScreen,
  modeOf,
  popLayer,
  replaceLayer,
  topLayer,
  type Layer,
  type UiState,
} from '../model/ui-state.ts';
import { appAction, globalAction } from './app-actions.ts';
import { stepHelp } from './help-keys.ts';
import { stepPrompt } from './prompt-keys.ts';
import type { Session } from './session.ts';

/** Takes a key and returns what is to be done beyond what it has changed in the session. */
export function dispatch(session: Session, press: KeyPress): readonly Effect[] {
  session.ui = { ...session.ui, toasts: dismissErrors(session.ui.toasts) };
  session.changed();
  const { ui, bindings } = session;
  const action = bindings.action(modeOf(ui), currentScreen(ui), press.name);
  const global = action === undefined ? undefined : globalAction(session, action);
  if (global !== undefined) return global;
  const layer = topLayer(ui);
  if (layer !== undefined) return stepLayer(session, layer, press, action);
  return action === undefined ? [] : listMode(session, action);
}

/** Pasted text goes where text is written; over a list it is nothing. */
export function paste(session: Session, text: string): readonly Effect[] {
  const layer = topLayer(session.ui);
  const head = text.slice(0, maxInputGraphemes * 16);
  session.changed();
  switch (layer?.kind) {
    case 'input':
      return keepPrompt(session, typeText(layer.prompt, head));
    case 'dialog':
      setTop(session, { kind: 'dialog', dialog: pasteIntoDialog(layer.dialog, head) });
      return [];
    case 'help':
      setTop(session, { ...layer, filter: insert(layer.filter, head) });
      return [];
    case 'menu':
    case undefined:
      return [];
  }
}

function stepLayer(
  session: Session,
  layer: Layer,
  press: KeyPress,
  action: ActionId | undefined,
): readonly Effect[] {
  switch (layer.kind) {
    case 'dialog': {
      const step = stepDialog(layer.dialog, press, action);
      if ('dialog' in step) setTop(session, { kind: 'dialog', dialog: step.dialog });
      else session.ui = popLayer(session.ui);
      return step.effects;
    }
    case 'menu': {
      const step = stepMenu(layer.menu, press, action);
      if ('menu' in step) {
        setTop(session, { kind: 'menu', menu: step.menu });
        return [];
      }
      session.ui = popLayer(session.ui);
      return step.effects;
    }
    case 'help':
      return stepHelp(session, layer, press, action);
    case 'input': {
      const step = stepPrompt(session, layer.prompt, press, action);
      if ('prompt' in step) return keepPrompt(session, step);
      session.ui = popLayer(session.ui);
      return step.effects;
    }
  }
}

function listMode(session: Session, action: ActionId): readonly Effect[] {
  const screen = session.screens.get(currentScreen(session.ui));
  const list = session.focusedList(screen);
  const own = screen.actions[action];
  if (own !== undefined) return own({ list });
  if (list.act(action, session.now())) return [];
  return appAction(session, screen, list, action);
}

function keepPrompt(session: Session, { prompt, effects }: Prompted): readonly Effect[] {
  setTop(session, { kind: 'input', prompt });
  return effects;
}

function setTop(session: Session, layer: Layer): void {
  const ui: UiState = session.ui;
  session.ui = replaceLayer(ui, layer);
}
