/** A field that is written in: a window of its text around the cursor. */
import { inputText, textBefore, type InputLine } from '../model/input-line.ts';
import type { Line } from '../text/segments.ts';
import { fit, graphemes, textWidth } from '../text/width.ts';

export interface DrawnField {
  readonly line: Line;
  /** Where in it the cursor stands. */
  readonly x: number;
}

/** Exactly `width` cells; scrolled so that the cursor is within. `isSelected`: its text is set off. */
export function field(input: InputLine, width: number, isSelected = false): DrawnField {
  let x = textWidth(textBefore(input));
  const parts = [...graphemes(inputText(input))];
  while (x > width - 1 && parts.length > 0) x -= textWidth(parts.shift() ?? '');
  const text = fit(parts.join(''), width, 'left', 'end');
  const written = isSelected ? text.trimEnd() : '';
  const set: Line = written === '' ? [] : [{ text: written, role: 'input', inverse: true }];
  return { line: [...set, { text: text.slice(written.length), role: 'input' }], x: Math.max(0, x) };
}
