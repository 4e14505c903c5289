/**
 * A question in a box: words, fields to fill in, and buttons. Pure. Invariant: Enter on a dialog nobody touched
 * does what is safe, and Esc changes nothing.
 */
import type { KeyPress } from '../keys/key-names.ts';
import type { ActionId } from '../keys/key-table.ts';
import type { Line } from '../text/segments.ts';
import { asEdit } from './edit-actions.ts';
import { edit, inputLine, inputText, insert, type InputLine } from './input-line.ts';
import type { Effect } from './effects.ts';

export interface ChoiceField {
  readonly kind: 'choice';
  readonly name: string;
  readonly label: string;
  readonly options: readonly string[];
  readonly chosen: number;
}

export interface TextField {
  readonly kind: 'text';
  readonly name: string;
  readonly label: string;
  readonly line: InputLine;
  /** Why a text cannot be taken; undefined: it can. */
  readonly refuse?: (text: string) => string | undefined;
}

export type Field = ChoiceField | TextField;

/** What the fields hold, by name: the chosen option or the text. */
export type Answers = Readonly<Record<string, string>>;

export interface DialogButton {
  /** Does the same as the button; undefined: only Tab and Enter reach it. */
  readonly letter: string | undefined;
  readonly label: string;
  readonly effects: (answers: Answers) => readonly Effect[];
  /** Whether the fields have to be right. */
  readonly submits?: boolean;
}

export interface Dialog {
  readonly title: string;
  /** Read whenever it is drawn: what it says holds at that time. */
  readonly body: () => readonly Line[];
  readonly fields: readonly Field[];
  readonly buttons: readonly DialogButton[];
  /** Fields come first, then buttons. */
  readonly focus: number;
  /** Performed when a choice is made at once, as in the settings. */
  readonly changed?: (answers: Answers) => readonly Effect[];
  /** What is wrong with the field that was changed last, or why the last attempt was refused. */
  readonly refusal?: string;
}

export interface DialogOptions extends Omit<Dialog, 'focus' | 'fields' | 'refusal'> {
  readonly fields?: readonly Field[];
  /** The button that Enter presses at first: the safe one. */
  readonly safe?: number;
}

/** A dialog as it opens: on its first field, or on the safe button. */
export function dialog({ fields = [], safe = 0, ...rest }: DialogOptions): Dialog {
  return { ...rest, fields, focus: fields.length > 0 ? 0 : safe };
}

/** Asks before something is done. Enter and Esc mean no. What is to be done is found when it is confirmed. */
export function confirmation(
  title: string,
  body: () => readonly Line[],
  yes: { readonly label: string; readonly effects: () => readonly Effect[] },
): Dialog {
  return dialog({
    title,
    body,
    buttons: [
      { letter: 'n', label: 'No', effects: () => [] },
      { letter: 'y', label: yes.label, effects: () => yes.effects() },
    ],
  });
}

export function textField(
  name: string,
  label: string,
  text: string,
  refuse?: (text: string) => string | undefined,
): TextField {
  return { kind: 'text', name, label, line: inputLine(text), ...(refuse === undefined ? {} : { refuse }) };
}

export function choiceField(
  name: string,
  label: string,
  options: readonly string[],
  chosen: string,
): ChoiceField {
  return { kind: 'choice', name, label, options, chosen: Math.max(0, options.indexOf(chosen)) };
}

export type DialogStep =
  | { readonly dialog: Dialog; readonly effects: readonly Effect[] }
  | { readonly closed: true; readonly effects: readonly Effect[] };

export function stepDialog(dialog: Dialog, press: KeyPress, action: ActionId | undefined): DialogStep {
  const field = dialog.fields[dialog.focus];
  if (field?.kind === 'text') {
    const line = editField(field.line, press, action);
    if (line !== undefined) return { dialog: withField(dialog, { ...field, line }), effects: [] };
  } else {
    const button = dialog.buttons.find(({ letter }) => letter !== undefined && letter === press.text);
    if (button !== undefined) return pressButton(dialog, button);
  }
  const places = dialog.fields.length + dialog.buttons.length;
  switch (action) {
    case 'dismiss':
      return { closed: true, effects: [] };
    case 'next-field':
      return still({ ...dialog, focus: (dialog.focus + 1) % places });
    case 'previous-field':
      return still({ ...dialog, focus: (dialog.focus + places - 1) % places });
    case 'choose-next':
    case 'choose-previous':
      return choose(dialog, action === 'choose-next' ? 1 : -1, places);
    case 'accept':
      return accept(dialog);
    default:
      return still(dialog);
  }
}

/** Pasted text goes into the field under the cursor. */
export function pasteIntoDialog(dialog: Dialog, text: string): Dialog {
  const field = dialog.fields[dialog.focus];
  return field?.kind === 'text' ? withField(dialog, { ...field, line: insert(field.line, text) }) : dialog;
}

export function answersOf(dialog: Dialog): Answers {
  return Object.fromEntries(
    dialog.fields.map((field) => [
      field.name,
      field.kind === 'text' ? inputText(field.line) : (field.options[field.chosen] ?? ''),
    ]),
  );
}

const still = (dialog: Dialog): DialogStep => ({ dialog, effects: [] });

function editField(line: InputLine, press: KeyPress, action: ActionId | undefined): InputLine | undefined {
  if (press.text !== undefined) return insert(line, press.text);
  if (action === 'choose-next') return edit(line, 'char-right');
  if (action === 'choose-previous') return edit(line, 'char-left');
  const change = asEdit(action);
  return change === undefined ? undefined : edit(line, change);
}

function choose(dialog: Dialog, by: 1 | -1, places: number): DialogStep {
  const field = dialog.fields[dialog.focus];
  if (field === undefined) {
    const buttons = dialog.buttons.length;
    const at = (dialog.focus - dialog.fields.length + by + buttons) % buttons;
    return still({ ...dialog, focus: (dialog.fields.length + at) % places });
  }
  if (field.kind === 'text') return still(dialog);
  const chosen = (field.chosen + by + field.options.length) % field.options.length;
  const next = withField(dialog, { ...field, chosen });
  return { dialog: next, effects: dialog.changed?.(answersOf(next)) ?? [] };
}

/** Enter on a field goes on to the next place; on a button it presses it. */
function accept(dialog: Dialog): DialogStep {
  if (dialog.focus < dialog.fields.length) {
    const submit = dialog.buttons.find(({ submits }) => submits === true);
    if (dialog.focus === dialog.fields.length - 1 && submit !== undefined) return pressButton(dialog, submit);
    return still({ ...dialog, focus: dialog.focus + 1 });
  }
  const button = dialog.buttons[dialog.focus - dialog.fields.length];
  return button === undefined ? still(dialog) : pressButton(dialog, button);
}

function pressButton(dialog: Dialog, button: DialogButton): DialogStep {
  if (button.submits === true) {
    for (const [at, field] of dialog.fields.entries()) {
      const refusal = field.kind === 'text' ? field.refuse?.(inputText(field.line)) : undefined;
      if (refusal !== undefined) return still({ ...dialog, focus: at, refusal });
    }
  }
  return { closed: true, effects: button.effects(answersOf(dialog)) };
}

function withField(dialog: Dialog, field: Field): Dialog {
  const { refusal: _, ...rest } = dialog;
  const refusal = field.kind === 'text' ? field.refuse?.(inputText(field.line)) : undefined;
  const fields = dialog.fields.map((other) => (other.name === field.name ? field : other));
  return { ...rest, fields, ...(refusal === undefined ? {} : { refusal }) };
}
