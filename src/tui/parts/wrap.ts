/** Lines broken into several where there is too little room for them in one. */
import { lineWidth, type Line, type Segment } from '../text/segments.ts';
import { textWidth } from '../text/width.ts';

/** Breaks between words; a word that is wider than the room is cut by whoever fits the line. */
export function wrapWords(line: Line, width: number): readonly Line[] {
  if (lineWidth(line) <= width) return [line];
  const lines: Segment[][] = [[]];
  let left = width;
  for (const run of line) {
    for (const word of run.text.split(/(?<= )/)) {
      if (textWidth(word.trimEnd()) > left && left < width) {
        lines.push([]);
        left = width;
      }
      lines.at(-1)?.push({ ...run, text: word });
      left -= textWidth(word);
    }
  }
  return lines;
}

/** As many of these in a line as there is room for; none is broken. */
export function wrapItems(items: readonly Line[], width: number): readonly Line[] {
  const lines: Segment[][] = [[]];
  let left = width;
  for (const item of items) {
    const size = lineWidth(item);
    if (size > left && left < width) {
      lines.push([]);
      left = width;
    }
    lines.at(-1)?.push(...item);
    left -= size;
  }
  return lines;
}
