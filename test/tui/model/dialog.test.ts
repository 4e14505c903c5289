import { describe, expect, test } from '@jest/globals';
import type { KeyPress } from '../../../src/tui/keys/key-names.ts';
import type { ActionId } from '../../../src/tui/keys/key-table.ts';
import {
  choiceField,
  confirmation,
  dialog,
  pasteIntoDialog,
  answersOf,
  stepDialog,
  textField,
  type Dialog,
} from '../../../src/tui/model/dialog.ts';
import { toast } from '../../../src/tui/model/effects.ts';
import { graphemes } from '../../../src/tui/text/width.ts';
import { stepMenu, type Menu } from '../../../src/tui/model/menu.ts';

const key = (name: string): KeyPress => ({ name, text: graphemes(name).length === 1 ? name : undefined });
const done = [toast('done')];

function play(start: Dialog, ...steps: readonly (readonly [string, ActionId?])[]) {
  let state: Dialog = start;
  for (const [name, action] of steps) {
    const step = stepDialog(state, key(name), action);
    if ('closed' in step) return step.effects;
    state = step.dialog;
  }
  return state;
}

describe('a question', () => {
  const question = confirmation('Delete?', () => [[{ text: 'film.mkv' }]], {
    label: 'Delete',
    effects: () => done,
  });

  test('takes Enter and Esc for no', () => {
    expect(play(question, ['Enter', 'accept'])).toEqual([]);
    expect(play(question, ['Esc', 'dismiss'])).toEqual([]);
    expect(play(question, ['n'])).toEqual([]);
  });

  test('takes its letter, and its button once it was chosen, for yes', () => {
    expect(play(question, ['y'])).toEqual(done);
    expect(play(question, ['Tab', 'next-field'], ['Enter', 'accept'])).toEqual(done);
    expect(play(question, ['Right', 'choose-next'], ['Enter', 'accept'])).toEqual(done);
  });

  test('goes round its buttons', () => {
    expect(play(question, ['Tab', 'next-field'], ['Tab', 'next-field'], ['Enter', 'accept'])).toEqual([]);
    expect(play(question, ['Shift+Tab', 'previous-field'], ['Enter', 'accept'])).toEqual(done);
  });
});

describe('a form', () => {
  const form = dialog({
    title: 'Limits',
    body: () => [],
    fields: [
      textField('speed', 'Speed', '10', (text) => (/^\d+$/.test(text) ? undefined : 'a number, please')),
      choiceField('lan', 'LAN', ['no', 'yes'], 'no'),
    ],
    buttons: [
      {
        letter: undefined,
        label: 'Set',
        submits: true,
        effects: (answers) => [toast(JSON.stringify(answers))],
      },
      { letter: 'n', label: 'Never mind', effects: () => [] },
    ],
    changed: (answers) => [toast(`lan ${answers['lan']}`)],
  });

  test('writes letters into its text, and takes them for buttons elsewhere', () => {
    expect(play(form, ['n'])).toMatchObject({ focus: 0 });
    expect(play(form, ['Tab', 'next-field'], ['n'])).toEqual([]);
  });

  test('says why it cannot be taken, at the field that is wrong', () => {
    const refused = play(form, ['x'], ['Tab', 'next-field'], ['Enter', 'accept']);
    expect(refused).toMatchObject({ focus: 0, refusal: 'a number, please' });
    const mended = play(form, ['x'], ['Tab', 'next-field'], ['Enter', 'accept'], ['Backspace', 'erase-left']);
    expect(mended).not.toHaveProperty('refusal');
  });

  test('says what is wrong with a field while it is written, and nothing once it is right', () => {
    const wrong = play(form, ['x']);
    expect(wrong).toMatchObject({ focus: 0, refusal: 'a number, please' });
    expect(play(form, ['x'], ['Backspace', 'erase-left'])).not.toHaveProperty('refusal');
  });

  test('gives its answers', () => {
    expect(play(form, ['5'], ['Enter', 'accept'], ['Right', 'choose-next'], ['Enter', 'accept'])).toEqual([
      toast('{"speed":"105","lan":"yes"}'),
    ]);
  });

  test('tells of each choice', () => {
    const step = stepDialog({ ...form, focus: 1 }, key('Left'), 'choose-previous');
    expect(step.effects).toEqual([toast('lan yes')]);
  });

  test('takes a paste where text is written', () => {
    expect(answersOf(pasteIntoDialog(form, '7\n8'))['speed']).toBe('107');
    expect(pasteIntoDialog({ ...form, focus: 1 }, '7')).toEqual({ ...form, focus: 1 });
  });
});

describe('a menu', () => {
  const menu: Menu = {
    title: 'Sort',
    selected: 0,
    items: [
      { letter: 'n', words: 'name', effects: [toast('by name')] },
      { letter: 's', words: 'size', effects: [toast('by size')] },
    ],
  };

  test('takes a letter at once, and Enter for what is highlighted', () => {
    expect(stepMenu(menu, key('s'), undefined)).toEqual({ closed: true, effects: [toast('by size')] });
    const down = stepMenu(menu, key('Down'), 'item-down');
    expect('menu' in down && stepMenu(down.menu, key('Enter'), 'accept')).toEqual({
      closed: true,
      effects: [toast('by size')],
    });
    expect(stepMenu(menu, key('Esc'), 'dismiss')).toEqual({ closed: true, effects: [] });
    expect(stepMenu(menu, key('z'), undefined)).toEqual({ menu });
  });
});
