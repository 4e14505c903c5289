/** The line above the status: the newest message and how many more there are. */
import { newestOf, timesTold, type Toasts, type ToastLevel } from '../model/toasts.ts';
import type { Role, Line } from '../text/segments.ts';
import { leftAndRight } from './cells.ts';

const roles: Readonly<Record<ToastLevel, Role>> = {
  hint: 'warn',
  info: 'ok',
  warning: 'warn',
  error: 'error',
};
const signs: Readonly<Record<ToastLevel, string>> = {
  hint: '[i]',
  info: '[i]',
  warning: '[!]',
  error: '[!!]',
};

export function toastLine(toasts: Toasts, width: number): Line {
  const toast = newestOf(toasts);
  if (toast === undefined) return [{ text: ' '.repeat(width) }];
  const times = timesTold(toast) > 1 ? ` (${timesTold(toast)} times)` : '';
  const left: Line = [
    { text: ` ${signs[toast.level]} `, role: roles[toast.level] },
    { text: toast.text + times },
  ];
  const others = toasts.shown.filter((one) => one !== toast && one.level !== 'hint').length;
  const more: Line = others > 0 ? [{ text: ` +${others} (!: all) `, role: 'dim' }] : [];
  return leftAndRight(left, more, width);
}
