/** Lines by cells: cutting, laying one over another, putting them side by side. Widths stay exact. */
import { fitLine, lineWidth, type Line, type Segment } from '../text/segments.ts';
import { graphemes, textWidth } from '../text/width.ts';

/** The cells from `from` to `to`. A wide character that is cut through becomes a space. */
function cutCells(line: Line, from: number, to: number): Line {
  const cut: Segment[] = [];
  let at = 0;
  for (const run of line) {
    const width = textWidth(run.text);
    if (at + width > from && at < to) {
      if (at >= from && at + width <= to) cut.push(run);
      else cut.push({ ...run, text: cutText(run.text, from - at, to - at) });
    }
    at += width;
  }
  return fitLine(cut, Math.max(0, to - from));
}

function cutText(text: string, from: number, to: number): string {
  let cut = '';
  let at = 0;
  for (const part of graphemes(text)) {
    const end = at + textWidth(part);
    if (at >= from && end <= to) cut += part;
    else cut += ' '.repeat(Math.max(0, Math.min(end, to) - Math.max(at, from)));
    at = end;
  }
  return cut;
}

/** Lays a box over lines, its corner at (`x`, `y`); what lies outside is not drawn. */
export function overlay(lines: readonly Line[], box: readonly Line[], x: number, y: number): readonly Line[] {
  return lines.map((line, at) => {
    const over = box[at - y];
    if (over === undefined) return line;
    const width = lineWidth(line);
    const end = Math.min(width, x + lineWidth(over));
    return [...cutCells(line, 0, x), ...cutCells(over, 0, end - x), ...cutCells(line, end, width)];
  });
}

/** Two blocks beside each other, each line of the left one `leftWidth` wide. */
export function beside(
  left: readonly Line[],
  leftWidth: number,
  right: readonly Line[],
  rightWidth: number,
): readonly Line[] {
  const height = Math.max(left.length, right.length);
  return Array.from({ length: height }, (_, at) => [
    ...fitLine(left[at] ?? [], leftWidth),
    ...fitLine(right[at] ?? [], rightWidth),
  ]);
}

/** Text to the left and text to the right in one line of exactly `width`; the left one gives way. */
export function leftAndRight(left: Line, right: Line, width: number): Line {
  const rightWidth = Math.min(width, lineWidth(right));
  return [...fitLine(left, width - rightWidth), ...fitLine(right, rightWidth)];
}

/** Words in lines of at most `width` cells; a word that is wider is cut where the line ends. */
export function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Exactly `height` lines of `width`: what is too much is left out, what is missing is blank. */
export function fitBlock(lines: readonly Line[], width: number, height: number): readonly Line[] {
  return Array.from({ length: height }, (_, at) => fitLine(lines[at] ?? [], width));
}
