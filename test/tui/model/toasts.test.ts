import { expect, test } from '@jest/globals';
import { toastInfoMs } from '../../../src/core/limits/screen.ts';
import {
  addToast,
  expireToasts,
  newestOf,
  noToasts,
  timesTold,
  type Toasts,
  type ToastLevel,
} from '../../../src/tui/model/toasts.ts';

const series = { name: 'here', sum: (count: number) => `${count} are here` };
const add = (toasts: Toasts, text: string, nowMs: number, of?: typeof series): Toasts =>
  addToast(toasts, 'info', text, { nowMs, wallMs: nowMs }, of);
const level = (toasts: Toasts, name: ToastLevel, text: string): Toasts =>
  addToast(toasts, name, text, { nowMs: 0, wallMs: 0 });

test('messages of a series that come while one of it is shown are summed up, and cover nothing', () => {
  let toasts = add(noToasts, 'one is here', 0, series);
  toasts = add(toasts, 'Paused: film', 10, undefined);
  for (let at = 2; at <= 300; at += 1) toasts = add(toasts, `${at} is here`, 20 + at, series);
  expect(newestOf(toasts)?.text).toBe('Paused: film');
  expect(toasts.shown.map(({ text }) => text)).toEqual(['300 are here', 'Paused: film']);
  expect(toasts.history.map(({ text }) => text)).toEqual(['300 are here', 'Paused: film']);
  expect(toasts.shown.map(timesTold)).toEqual([1, 1]);
  toasts = add(expireToasts(toasts, 320 + toastInfoMs), 'another is here', 320 + toastInfoMs, series);
  expect(newestOf(toasts)?.text).toBe('another is here');
  expect(toasts.history).toHaveLength(3);
});

test('an error is seen until it is dismissed, whatever comes after it', () => {
  const toasts = level(level(noToasts, 'error', 'The disk is full'), 'info', 'film is here');
  expect(newestOf(toasts)?.text).toBe('The disk is full');
});

test('the same hint again is one hint, and in no list', () => {
  const toasts = level(level(noToasts, 'hint', 'Nothing to try'), 'hint', 'Nothing to try');
  expect(toasts.shown).toHaveLength(1);
  expect(toasts.history).toEqual([]);
});
