/**
 * The last resort of the ASCII set: signs of ours that got into a line without asking for the set, such as the
 * ellipsis of text that was cut, and typographers' quotes and dashes in names. Invariant: widths stay; letters stay,
 * whatever their script.
 */
import type { Line, Segment } from './segments.ts';

const twins: Readonly<Record<string, string>> = {
  '…': '~',
  '⟨': '<',
  '⟩': '>',
  '→': '>',
  '←': '<',
  '↑': '^',
  '↓': 'v',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
};
/** All of these take one cell, with whatever follows; the last range are the pictures of control characters. */
const signs = /[…⟨⟩→←↑↓‘’“”–—\u2400-\u2421]/u;
const allSigns = new RegExp(signs.source, 'gu');
const made = new WeakMap<Line, Line>();

/** The same line, by reference too, when there is nothing to replace; else the same replacement each time. */
export function asciiLine(line: Line): Line {
  if (!line.some(({ text }) => signs.test(text))) return line;
  const kept = made.get(line);
  if (kept !== undefined) return kept;
  const replaced = line.map((run): Segment => ({
    ...run,
    text: run.text.replace(allSigns, (sign) => twins[sign] ?? '?'),
  }));
  made.set(line, replaced);
  return replaced;
}
