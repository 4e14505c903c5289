/** The line above the status: the newest message and how many more there are. */
import type { Toasts, ToastLevel } from '../model/toasts.ts';
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

export function toastLine({ shown }: Toasts, width: number): Line {
  const toast = shown.at(-1);
  if (toast === undefined) return [{ text: ' '.repeat(width) }];
  const times = toast.count > 1 ? ` (${toast.count} times)` : '';
  const left: Line = [
    { text: ` ${signs[toast.level]} `, role: roles[toast.level] },
    { text: toast.text + times },
  ];
  const others = shown.filter((one) => one !== toast && one.level !== 'hint').length;
  const more: Line = others > 0 ? [{ text: ` +${others} (!: all) `, role: 'dim' }] : [];
  return leftAndRight(left, more, width);
}
