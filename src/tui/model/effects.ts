/**
 * What keys and answers bring about, as data: reducers and screens return effects, the controller performs them.
 * Invariant: whatever reaches the engine, the terminal or the disk is an effect first.
 */
import type { EngineCommand, EngineEvent } from '../../core/engine/engine-api.ts';
import type { PeerId } from '../../core/ids.ts';
import type { ActionId } from '../keys/key-table.ts';
import type { ScreenName, TabName } from '../keys/places.ts';
import type { TuiPorts, TuiEnd } from '../app/ports.ts';
import type { AnyList } from '../screen/list-pane.ts';
import type { SettingsChange } from './settings.ts';
import type { Dialog } from './dialog.ts';
import type { Menu } from './menu.ts';
import type { Completion, Prompt } from './prompt.ts';
import type { ToastLevel, ToastSeries } from './toasts.ts';

/** What a screen is opened for. */
export type ScreenTarget =
  | { readonly kind: 'transfer'; readonly transfer: number }
  | { readonly kind: 'peer'; readonly peer: PeerId; readonly name: string; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string };

type WithoutRequest<Command> = Command extends { readonly requestId: number }
  ? Omit<Command, 'requestId'>
  : never;

/** A command that is answered; the controller numbers it. */
export type Question = WithoutRequest<EngineCommand>;

/** The answers that a question of this type may get. */
export type AnswerTo<Type extends Question['type']> = Extract<
  EngineEvent,
  { readonly type: `answer-${Type}` }
>;

export type Effect =
  | { readonly type: 'send'; readonly command: EngineCommand }
  | AskEffect
  | {
      readonly type: 'toast';
      readonly level: ToastLevel;
      readonly text: string;
      readonly series?: ToastSeries;
    }
  /** The user has looked at the errors: the tab's badge goes. */
  | { readonly type: 'seen-errors' }
  | { readonly type: 'tab'; readonly tab: TabName }
  /** Opens a screen over the current one, or goes to it when it is a tab's own. */
  | { readonly type: 'open'; readonly screen: ScreenName; readonly target?: ScreenTarget }
  | { readonly type: 'close-screen' }
  /** Another screen has come to the front: it is told. */
  | { readonly type: 'shown'; readonly target?: ScreenTarget }
  /** Does what the key of an action would do on the screen that is at the front then. */
  | { readonly type: 'act'; readonly action: ActionId }
  | { readonly type: 'dialog'; readonly dialog: Dialog }
  | { readonly type: 'menu'; readonly menu: Menu }
  /** Lets the user write a line. */
  | { readonly type: 'prompt'; readonly prompt: Prompt }
  | { readonly type: 'sort'; readonly list: AnyList; readonly key: string; readonly descending: boolean }
  | { readonly type: 'filter'; readonly list: AnyList; readonly text: string }
  /** A text was entered in a field: it goes into the field's history. */
  | { readonly type: 'remember'; readonly field: string; readonly text: string }
  /** Completions for what stood before the cursor of the open input line; late ones are dropped. */
  | { readonly type: 'complete'; readonly before: string; readonly completion: Completion }
  /** Closes what lies on top of the screen. */
  | { readonly type: 'close-layer' }
  | { readonly type: 'help' }
  /** Puts text on the terminal's clipboard and says so; `what` names it. */
  | { readonly type: 'copy'; readonly text: string; readonly what: string }
  | { readonly type: 'settings'; readonly change: SettingsChange }
  /** Anything outside. What it throws is shown as an error. */
  | { readonly type: 'run'; readonly task: (ports: TuiPorts) => Promise<readonly Effect[]> }
  /** Gives the terminal to another program meanwhile. */
  | { readonly type: 'suspended'; readonly task: (ports: TuiPorts) => Promise<readonly Effect[]> }
  | { readonly type: 'redraw' }
  | { readonly type: 'suspend' }
  | { readonly type: 'end'; readonly end: TuiEnd };

export interface AskEffect {
  readonly type: 'ask';
  readonly question: Question;
  /** For each answer; browse and search give several, the last one says so. */
  readonly answered: (answer: EngineEvent) => readonly Effect[];
  /** When no answer came in time. Default: a warning that says so. */
  readonly unanswered?: () => readonly Effect[];
}

/** Asks the engine, typed by the question. */
export function ask<const Q extends Question>(
  question: Q,
  answered: (answer: AnswerTo<Q['type']>) => readonly Effect[],
  unanswered?: () => readonly Effect[],
): AskEffect {
  return {
    type: 'ask',
    question,
    answered: answered as AskEffect['answered'],
    ...(unanswered === undefined ? {} : { unanswered }),
  };
}

export const send = (command: EngineCommand): Effect => ({ type: 'send', command });
export const toast = (text: string, level: ToastLevel = 'info'): Effect => ({ type: 'toast', level, text });
/** Says why a key did nothing: shown for a while, and not listed among the messages. */
export const hint = (text: string): Effect => toast(text, 'hint');
export const open = (screen: ScreenName, target?: ScreenTarget): Effect => ({
  type: 'open',
  screen,
  ...(target === undefined ? {} : { target }),
});
