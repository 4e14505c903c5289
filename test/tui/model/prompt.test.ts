import { describe, expect, test } from '@jest/globals';
import { remember } from '../../../src/tui/model/history.ts';
import { inputText } from '../../../src/tui/model/input-line.ts';
import {
  editPrompt,
  nextCompletion,
  offerCompletion,
  prompt,
  typeText,
  walkHistory,
  type Prompt,
} from '../../../src/tui/model/prompt.ts';

const open = (text = ''): Prompt =>
  prompt({ field: 'query', label: '/', text, history: ['old', 'new'], submit: () => [] });
const textOf = ({ line }: Prompt): string => inputText(line);

describe('an input with a selected text', () => {
  const selected = (): Prompt =>
    prompt({
      field: 'query',
      label: '/',
      text: 'old one',
      isSelected: true,
      history: ['new'],
      submit: () => [],
    });

  test('gives way to what is typed, which then goes on', () => {
    const first = typeText(selected(), 'm').prompt;
    expect(textOf(first)).toBe('m');
    expect(textOf(typeText(first, 'y').prompt)).toBe('my');
    expect(textOf(editPrompt(editPrompt(first, 'erase-left').prompt, 'yank').prompt)).toBe('old one');
  });

  test.each([
    ['line-end', 'old one!'],
    ['char-left', 'old on!e'],
    ['char-right', 'old one!'],
    ['erase-left', 'old on!'],
  ] as const)('is edited after %s', (action, text) => {
    expect(textOf(typeText(editPrompt(selected(), action).prompt, '!').prompt)).toBe(text);
  });

  test('is no longer selected after the history or a completion', () => {
    expect(textOf(typeText(walkHistory(selected(), 1).prompt, 'er').prompt)).toBe('newer');
    const completed = offerCompletion(selected(), { from: 4, texts: ['two'] }).prompt;
    expect(textOf(typeText(completed, '!').prompt)).toBe('old two!');
  });
});

describe('an input with a history', () => {
  test('goes back through it and comes back to what was being written', () => {
    let state = typeText(open(), 'mine').prompt;
    const seen = [1, 1, 1, -1, -1, -1].map((by) => {
      state = walkHistory(state, by as 1 | -1).prompt;
      return textOf(state);
    });
    expect(seen).toEqual(['new', 'old', 'old', 'new', 'mine', 'mine']);
  });

  test('begins anew from what it has found once that is changed', () => {
    const found = typeText(walkHistory(open(), 1).prompt, 'er').prompt;
    expect(textOf(found)).toBe('newer');
    expect(textOf(walkHistory(walkHistory(found, 1).prompt, -1).prompt)).toBe('newer');
  });

  test('keeps each text once, the newest last, and none that is blank', () => {
    expect(remember(['a', 'b'], 'a')).toEqual(['b', 'a']);
    expect(remember(['a'], '  ')).toEqual(['a']);
    const many = Array.from({ length: 500 }, (_, at) => String(at));
    expect(many.reduce<readonly string[]>(remember, []).length).toBe(200);
  });
});

describe('completion', () => {
  test('goes through what is offered, until something else is typed', () => {
    const offered = offerCompletion(open('ex'), { from: 0, texts: ['ext:', 'exit'] }).prompt;
    expect(textOf(offered)).toBe('ext:');
    const next = nextCompletion(offered)?.prompt;
    expect(next && textOf(next)).toBe('exit');
    expect(next && textOf(nextCompletion(next)?.prompt ?? open())).toBe('ext:');
    expect(nextCompletion(typeText(offered, 'i').prompt)).toBeUndefined();
    expect(nextCompletion(editPrompt(offered, 'erase-left').prompt)).toBeUndefined();
  });

  test('of nothing changes nothing', () => {
    const state = open('x');
    expect(offerCompletion(state, { from: 0, texts: [] }).prompt).toBe(state);
  });
});

test('tells of changes of its text only', () => {
  const told: string[] = [];
  const state = prompt({
    field: 'filter',
    label: 'filter:',
    submit: () => [],
    changed: (text) => {
      told.push(text);
      return [];
    },
  });
  const typed = typeText(state, 'a').prompt;
  editPrompt(editPrompt(typed, 'char-left').prompt, 'erase-right');
  expect(told).toEqual(['a', '']);
});
