/**
 * A line of the screen as data: runs of text, each with a role that a theme gives a look. Nothing here knows of
 * colours or of Ink. Invariant: what `fitLine` returns is exactly as wide as asked.
 */
import { cut, textWidth } from './width.ts';

/** What a run of text is for; a theme decides how that looks. */
export type Role =
  | 'plain'
  | 'dim'
  | 'accent'
  | 'ok'
  | 'warn'
  | 'error'
  | 'down'
  | 'up'
  | 'title'
  | 'selected'
  | 'marked'
  | 'input';

/** How a run may differ from its role: what stays when there are no colours. */
export interface Emphasis {
  readonly inverse?: boolean;
  readonly bold?: boolean;
  readonly underline?: boolean;
}

/** A run of text, harmless to terminals: see `names.ts` for what comes from others. */
export interface Segment extends Emphasis {
  readonly text: string;
  /** Default `plain`. */
  readonly role?: Role;
}

export type Line = readonly Segment[];

/** A run of text in one word. */
export function segment(text: string, role: Role = 'plain', emphasis: Emphasis = {}): Segment {
  return { text, role, ...emphasis };
}

/** Cells that the line takes. */
export function lineWidth(line: Line): number {
  let width = 0;
  for (const { text } of line) width += textWidth(text);
  return width;
}

export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** Pads or cuts the line to exactly `width` cells; what is cut ends in `ellipsis`, which must take one cell. */
export function fitLine(line: Line, width: number, ellipsis = '…'): Line {
  const taken = lineWidth(line);
  if (taken === width) return line;
  if (taken < width) return [...line, { text: ' '.repeat(width - taken) }];
  const fitted: Segment[] = [];
  let left = width;
  for (const run of line) {
    if (left === 0) break;
    const runWidth = textWidth(run.text);
    if (runWidth < left) {
      fitted.push(run);
      left -= runWidth;
      continue;
    }
    // One cell more than there is makes `cut` put the ellipsis even where this run alone would just fit.
    const text = cut(runWidth === left ? `${run.text} ` : run.text, left, 'end', ellipsis);
    fitted.push({ ...run, text });
    left -= textWidth(text);
    break;
  }
  return left > 0 ? [...fitted, { text: ' '.repeat(left) }] : fitted;
}
