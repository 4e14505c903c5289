/**
 * A line of text being edited: a pure state and what each key makes of it. Invariant: the cursor stands between
 * two graphemes; the text is one line without controls and never longer than `maxInputGraphemes`.
 */
import { maxInputGraphemes } from '../../core/limits/screen.ts';
import { graphemes } from '../text/width.ts';

export interface InputLine {
  readonly parts: readonly string[];
  /** Graphemes before the cursor. */
  readonly at: number;
  /** What was erased last, for `yank`. */
  readonly erased: string;
}

/** What can be done to a line, by the names of the key table. */
export type EditAction =
  | 'char-left'
  | 'char-right'
  | 'word-left'
  | 'word-right'
  | 'line-start'
  | 'line-end'
  | 'erase-left'
  | 'erase-right'
  | 'erase-word'
  | 'erase-to-start'
  | 'erase-to-end'
  | 'yank';

export function inputLine(text = '', erased = ''): InputLine {
  const parts = oneLine(text).slice(0, maxInputGraphemes);
  return { parts, at: parts.length, erased };
}

export function inputText(line: InputLine): string {
  return line.parts.join('');
}

/** What stands before the cursor. */
export function textBefore(line: InputLine): string {
  return line.parts.slice(0, line.at).join('');
}

/** Puts typed or pasted text in at the cursor: its first line that is not empty, without controls. */
export function insert(line: InputLine, text: string): InputLine {
  const room = maxInputGraphemes - line.parts.length;
  const added = oneLine(text).slice(0, Math.max(0, room));
  if (added.length === 0) return line;
  // Put together anew: a mark that is typed after its letter becomes one grapheme with it.
  const before = graphemes([...line.parts.slice(0, line.at), ...added].join(''));
  return { ...line, parts: [...before, ...line.parts.slice(line.at)], at: before.length };
}

/** Replaces the graphemes before the cursor, from `from` on, by `text`: what completion does. */
export function replaceBefore(line: InputLine, from: number, text: string): InputLine {
  const kept = { ...line, parts: [...line.parts.slice(0, from), ...line.parts.slice(line.at)], at: from };
  return insert(kept, text);
}

const isWord = /[\p{L}\p{N}\p{M}_]/u;

export function edit(line: InputLine, action: EditAction): InputLine {
  const { parts, at } = line;
  switch (action) {
    case 'char-left':
      return { ...line, at: Math.max(0, at - 1) };
    case 'char-right':
      return { ...line, at: Math.min(parts.length, at + 1) };
    case 'word-left':
      return { ...line, at: wordStart(parts, at) };
    case 'word-right':
      return { ...line, at: wordEnd(parts, at) };
    case 'line-start':
      return { ...line, at: 0 };
    case 'line-end':
      return { ...line, at: parts.length };
    case 'erase-left':
      return erase(line, Math.max(0, at - 1), at, false);
    case 'erase-right':
      return erase(line, at, Math.min(parts.length, at + 1), false);
    case 'erase-word':
      return erase(line, wordStart(parts, at), at, true);
    case 'erase-to-start':
      return erase(line, 0, at, true);
    case 'erase-to-end':
      return erase(line, at, parts.length, true);
    case 'yank':
      return insert(line, line.erased);
  }
}

function erase(line: InputLine, from: number, to: number, keeps: boolean): InputLine {
  if (from === to) return line;
  return {
    parts: [...line.parts.slice(0, from), ...line.parts.slice(to)],
    at: from,
    erased: keeps ? line.parts.slice(from, to).join('') : line.erased,
  };
}

function wordStart(parts: readonly string[], at: number): number {
  let start = at;
  while (start > 0 && !isWord.test(parts[start - 1] ?? '')) start -= 1;
  while (start > 0 && isWord.test(parts[start - 1] ?? '')) start -= 1;
  return start;
}

function wordEnd(parts: readonly string[], at: number): number {
  let end = at;
  while (end < parts.length && !isWord.test(parts[end] ?? '')) end += 1;
  while (end < parts.length && isWord.test(parts[end] ?? '')) end += 1;
  return end;
}

const notShown = /[\p{Cc}\u2028\u2029]/gu;

function oneLine(text: string): readonly string[] {
  // A paste may be large; what cannot fit is not looked at.
  const head = text.slice(0, maxInputGraphemes * 16);
  const lines = head.split(/[\r\n\u2028\u2029]+/u);
  // A space that is typed is a line of nothing but spaces.
  const first = lines.find((line) => line.trim() !== '') ?? lines.find((line) => line !== '') ?? '';
  return graphemes(first.replaceAll('\t', ' ').replace(notShown, '').toWellFormed());
}
