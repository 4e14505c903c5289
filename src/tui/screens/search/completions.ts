/** What Tab completes in a query: operators, types, and the extensions that were found last. Pure. */
import { fileTypes } from '../../../core/search/file-type.ts';
import { maxCompletions } from '../../../core/limits/screen.ts';
import type { Completion } from '../../model/prompt.ts';
import { graphemes } from '../../text/width.ts';

const operators = ['ext:', 'type:', 'size:>', 'size:<', 'peer:', '-ext:', '-type:'] as const;
const sizes = ['100K', '1M', '10M', '100M', '1G'] as const;

/**
 * `extensions`: those worth offering, the most frequent first. Offers everything that the word before the cursor can
 * go on with; a whole earlier query when that is all that is left of what was written.
 */
export function completeQuery(
  before: string,
  extensions: readonly string[],
  history: readonly string[],
): Completion {
  const word = /\S*$/.exec(before)?.[0] ?? '';
  const from = [...graphemes(before)].length - [...graphemes(word)].length;
  const [, operator, value = ''] = /^(-?(?:ext|type|size):[<>]?=?)(.*)$/i.exec(word) ?? [];
  if (operator !== undefined) return { from, texts: valuesFor(operator, value, extensions) };
  const earlier = before === '' ? [] : history.toReversed().filter((query) => goesOn(query, before));
  if (earlier.length > 0) return { from: 0, texts: earlier.slice(0, maxCompletions) };
  return { from, texts: operators.filter((name) => goesOn(name, word)) };
}

function valuesFor(operator: string, value: string, extensions: readonly string[]): readonly string[] {
  const values = /type:/i.test(operator) ? fileTypes : /ext:/i.test(operator) ? extensions : sizes;
  const done = value.slice(0, value.lastIndexOf(',') + 1);
  const last = value.slice(done.length);
  return values
    .filter((known) => goesOn(known, last))
    .slice(0, maxCompletions)
    .map((known) => `${operator}${done}${known}`);
}

const goesOn = (text: string, start: string): boolean =>
  text.length > start.length && text.toLowerCase().startsWith(start.toLowerCase());
