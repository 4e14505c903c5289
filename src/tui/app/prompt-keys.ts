/** Keys in an input line. */
import type { KeyPress } from '../keys/key-names.ts';
import type { ActionId } from '../keys/key-table.ts';
import type { Effect } from '../model/effects.ts';
import { inputText } from '../model/input-line.ts';
import {
  beforeCursor,
  editPrompt,
  nextCompletion,
  typeText,
  walkHistory,
  type Prompt,
  type Prompted,
} from '../model/prompt.ts';
import { tabNumber } from '../model/ui-state.ts';
import { asEdit } from '../model/edit-actions.ts';
import type { Session } from './session.ts';

export type PromptStep = Prompted | { readonly closed: true; readonly effects: readonly Effect[] };

export function stepPrompt(
  session: Session,
  prompt: Prompt,
  press: KeyPress,
  action: ActionId | undefined,
): PromptStep {
  if (press.text !== undefined && action === undefined) return typeText(prompt, press.text);
  const text = inputText(prompt.line);
  switch (action) {
    case 'submit':
      return {
        closed: true,
        effects: [{ type: 'remember', field: prompt.field, text }, ...prompt.submit(text)],
      };
    case 'leave':
      return { closed: true, effects: prompt.left?.(text) ?? [] };
    case 'history-older':
      return walkHistory(prompt, 1);
    case 'history-newer':
      return walkHistory(prompt, -1);
    case 'complete':
      return nextCompletion(prompt) ?? askCompletion(prompt);
    case 'input-tab-1':
    case 'input-tab-2':
    case 'input-tab-3':
    case 'input-tab-4':
    case 'input-tab-5': {
      const tab = tabNumber(Number(action.slice(-1)));
      return { closed: true, effects: [...(prompt.left?.(text) ?? []), { type: 'tab', tab }] };
    }
    default: {
      const change = asEdit(action);
      if (change !== undefined) return editPrompt(prompt, change);
      session.changed();
      return { prompt, effects: [] };
    }
  }
}

function askCompletion(prompt: Prompt): Prompted {
  const { complete } = prompt;
  if (complete === undefined) return { prompt, effects: [] };
  const before = beforeCursor(prompt);
  return {
    prompt,
    effects: [
      {
        type: 'run',
        task: async (ports) => [{ type: 'complete', before, completion: await complete(before, ports) }],
      },
    ],
  };
}
