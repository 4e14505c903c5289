/**
 * Limits of speed as people write them, in dialogs. Invariant: a limit whose text nobody has changed stays what it
 * was, however it was rounded to be shown.
 */
import { formatSize, parseRate } from '../../core/quantity.ts';
import type { Line } from '../text/segments.ts';
import { textField, type Answers, type TextField } from './dialog.ts';

/** How they are written: stands above the fields. */
export const rateNote: Line = [
  { text: 'Speeds as 500K or 2M each second; empty or 0 is no limit.', role: 'dim' },
];

/** A field with a limit in bytes a second; 0, shown as nothing, is none. */
export function rateField(name: string, label: string, bytesPerSecond: number): TextField {
  return textField(name, label, written(bytesPerSecond), refuse);
}

/** What its field says now; `before` where it has not been changed, or says nothing that makes sense. */
export function rateIn(answers: Answers, name: string, before: number): number {
  const text = answers[name] ?? '';
  return text === written(before) ? before : (rateOf(text) ?? before);
}

const written = (bytesPerSecond: number): string =>
  bytesPerSecond === 0 ? '' : formatSize(bytesPerSecond).replaceAll(' ', '');

/** Nothing, `none` and 0 are no limit. */
function rateOf(text: string): number | undefined {
  if (/^(?:|0|none|no)$/i.test(text.trim())) return 0;
  const rate = parseRate(text);
  return rate.ok ? rate.value : undefined;
}

const refuse = (text: string): string | undefined =>
  rateOf(text) === undefined ? `"${text.trim()}" is not a speed: write 500K, 2M or 0` : undefined;
