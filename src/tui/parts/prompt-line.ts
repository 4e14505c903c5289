/** An input line where no screen draws it: in place of the message. */
import type { Prompt } from '../model/prompt.ts';
import type { Area } from '../screen/area.ts';
import type { Line } from '../text/segments.ts';
import { textWidth } from '../text/width.ts';
import { field } from './field.ts';

export function promptLine(prompt: Prompt, area: Area): { readonly line: Line; readonly x: number } {
  const label = ` ${prompt.label} `;
  const labelWidth = Math.min(textWidth(label), area.width - 4);
  const drawn = field(prompt.line, area.width - labelWidth - 1);
  return { line: [{ text: label, role: 'accent' }, ...drawn.line, { text: ' ' }], x: labelWidth + drawn.x };
}
