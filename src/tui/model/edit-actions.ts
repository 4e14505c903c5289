/** Which actions of the key table edit a line. */
import type { ActionId } from '../keys/key-table.ts';
import type { EditAction } from './input-line.ts';

const edits: Readonly<Record<EditAction, true>> = {
  'char-left': true,
  'char-right': true,
  'word-left': true,
  'word-right': true,
  'line-start': true,
  'line-end': true,
  'erase-left': true,
  'erase-right': true,
  'erase-word': true,
  'erase-to-start': true,
  'erase-to-end': true,
  yank: true,
};

export function asEdit(action: ActionId | undefined): EditAction | undefined {
  return action !== undefined && Object.hasOwn(edits, action) ? (action as EditAction) : undefined;
}
