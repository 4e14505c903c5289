/**
 * A frame: the whole screen as lines. Invariant: exactly as many lines as the terminal has rows, each exactly as
 * wide as it has columns; a line that looks the same as in the frame before is the same object, and a frame
 * in which all are the same is the same frame, for which nothing is painted.
 */
import type { Line, Segment } from '../text/segments.ts';
import type { ThemeName } from '../text/theme.ts';

export interface Frame {
  readonly lines: readonly Line[];
  readonly theme: ThemeName;
  /** The line of the first row of the screen's list, for the mouse; undefined: it has none that can be clicked. */
  readonly listTop: number | undefined;
  /** Where the real cursor stands; undefined: hidden. */
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}

/** A frame before it is told how it looks. */
export type Drawing = Omit<Frame, 'theme'>;

/** The next frame, with all that is equal taken from the last one. */
export function reuse(last: Frame | undefined, next: Frame): Frame {
  if (last === undefined) return next;
  let same = last.lines.length === next.lines.length;
  const lines = next.lines.map((line, at) => {
    const before = last.lines[at];
    if (before !== undefined && sameLine(before, line)) return before;
    same = false;
    return line;
  });
  const sameCursor = last.cursor?.x === next.cursor?.x && last.cursor?.y === next.cursor?.y;
  const sameRest = last.theme === next.theme && last.listTop === next.listTop;
  return same && sameCursor && sameRest ? last : { ...next, lines };
}

function sameLine(one: Line, other: Line): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  return one.every((run, at) => {
    const twin = other[at];
    return twin !== undefined && sameRun(run, twin);
  });
}

const sameRun = (one: Segment, other: Segment): boolean =>
  one.text === other.text &&
  one.role === other.role &&
  one.inverse === other.inverse &&
  one.bold === other.bold &&
  one.underline === other.underline;
