/** Frames around blocks of lines. */
import type { Glyphs } from '../text/glyphs.ts';
import { fitLine, lineWidth, type Line, type Segment } from '../text/segments.ts';

/** A box of `width` by `height`, borders included, with a title in its upper one. */
export function box(
  title: string,
  lines: readonly Line[],
  width: number,
  height: number,
  glyphs: Glyphs,
  note = '',
): readonly Line[] {
  const { box: sides } = glyphs;
  const inner = Math.max(0, width - 2);
  const upper = rule(title, inner, glyphs, note);
  return [
    [{ text: sides.topLeft }, ...upper, { text: sides.topRight }],
    ...Array.from({ length: Math.max(0, height - 2) }, (_, at) => [
      { text: sides.vertical },
      ...fitLine(lines[at] ?? [], inner),
      { text: sides.vertical },
    ]),
    [{ text: sides.bottomLeft }, { text: sides.horizontal.repeat(inner) }, { text: sides.bottomRight }],
  ];
}

/** A rule of exactly `width` with a title near its start and a note near its end, as far as there is room. */
export function rule(title: string, width: number, glyphs: Glyphs, note = ''): Line {
  const dash = glyphs.box.horizontal;
  const noteRun: Line = note === '' ? [] : [{ text: ` ${note} `, role: 'dim' }, { text: dash }];
  const withNote = lineWidth(noteRun) + 10 <= width ? noteRun : [];
  const room = width - lineWidth(withNote);
  const titleRun: Segment[] = title === '' ? [] : [{ text: dash }, { text: ` ${title} `, role: 'title' }];
  const start = fitTitle(titleRun, room);
  const rest = Math.max(0, room - lineWidth(start));
  return [...start, { text: dash.repeat(rest) }, ...withNote];
}

const fitTitle = (title: Line, room: number): Line =>
  lineWidth(title) <= room ? title : fitLine(title, Math.max(0, room));
