/** Texts that were entered before, newest last, and walking through them. Invariant: bounded, no text twice. */
import { maxConfigTextLength } from '../../core/limits/profile.ts';
import { maxInputHistory } from '../../core/limits/screen.ts';

/** Adds a text, or makes it the newest; blank ones are not kept, nor what the profile would not take. */
export function remember(history: readonly string[], text: string): readonly string[] {
  if (text.trim() === '' || text.length > maxConfigTextLength) return history;
  return [...history.filter((other) => other !== text), text].slice(-maxInputHistory);
}

/** A walk: `back` = 0 is what was being written, 1 the newest entry. */
export interface HistoryWalk {
  readonly back: number;
  readonly written: string;
}

/** One step back (`by` 1) or forth (-1); undefined when there is none. */
export function stepHistory(
  history: readonly string[],
  walk: HistoryWalk,
  by: 1 | -1,
): { readonly walk: HistoryWalk; readonly text: string } | undefined {
  const back = walk.back + by;
  if (back < 0 || back > history.length) return undefined;
  const text = back === 0 ? walk.written : (history[history.length - back] ?? '');
  return { walk: { ...walk, back }, text };
}
