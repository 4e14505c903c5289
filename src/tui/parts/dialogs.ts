/** Dialogs and menus as boxes. Each tells where the cursor stands in it, if it has one. */
import { inputText } from '../model/input-line.ts';
import type { Dialog, Field } from '../model/dialog.ts';
import type { Menu } from '../model/menu.ts';
import type { Area } from '../screen/area.ts';
import { lineWidth, type Line, type Segment } from '../text/segments.ts';
import { fit, textWidth } from '../text/width.ts';
import { box } from './box.ts';
import { field } from './field.ts';
import { wrapItems, wrapWords } from './wrap.ts';

export interface DrawnBox {
  readonly lines: readonly Line[];
  readonly cursor?: { readonly x: number; readonly y: number };
}

const preferredWidth = 76;
const leastFieldWidth = 8;

export function dialogBox(dialog: Dialog, area: Area): DrawnBox {
  const width = Math.min(area.width, preferredWidth);
  const inner = width - 6;
  const words = dialog
    .body()
    .flatMap((line) => wrapWords(line, inner))
    .map(indented);
  const fields = dialog.fields.map((asked, at) => drawField(dialog, asked, dialog.focus === at, inner));
  const buttons = wrapItems(buttonItems(dialog), width - 2);
  const refusal = refusalOf(dialog, inner, area.height - 2 - fields.length - buttons.length);
  const room = area.height - 2 - fields.length - refusal.length - buttons.length;
  const roomy = words.length + 3 <= room;
  const gap: readonly Line[] = roomy ? [[]] : [];
  const above = [...gap, ...(roomy ? words : fitWords(words, room)), ...(fields.length > 0 ? gap : [])];
  const below = refusal.length > 0 || gap.length === 0 ? refusal : gap;
  const body = [...above, ...fields.map(({ line }) => line), ...below, ...buttons];
  const height = Math.min(area.height, body.length + 2);
  // What cannot be left out stands at the end: the buttons.
  const cut = Math.max(0, body.length + 2 - height);
  const lines = box(dialog.title, body.slice(cut), width, height, area.glyphs);
  const x = fields[dialog.focus]?.cursorX;
  const y = 1 + above.length + dialog.focus - cut;
  return x === undefined || y < 1 ? { lines } : { lines, cursor: { x: 1 + x, y } };
}

/** At least a line of it, even where a field has to make room. */
function refusalOf({ refusal }: Dialog, width: number, room: number): readonly Line[] {
  if (refusal === undefined) return [];
  const lines = wrapWords([{ text: refusal, role: 'error' }], width).map(indented);
  return lines.slice(0, Math.max(1, room));
}

/** Without its blank lines, and what comes first rather than what comes last. */
function fitWords(words: readonly Line[], room: number): readonly Line[] {
  return words.filter((line) => line.some(({ text }) => text.trim() !== '')).slice(0, Math.max(0, room));
}

interface DrawnRow {
  readonly line: Line;
  readonly cursorX?: number;
}

function drawField(dialog: Dialog, asked: Field, focused: boolean, inner: number): DrawnRow {
  const labels = labelsWidth(dialog, inner);
  const label: Segment = {
    text: `  ${fit(asked.label, labels, 'left', 'end')}  `,
    ...(focused ? { bold: true } : {}),
  };
  if (asked.kind === 'text') {
    if (!focused) return { line: [label, { text: inputText(asked.line) }] };
    const drawn = field(asked.line, Math.max(leastFieldWidth, inner - labels - 2));
    return { line: [label, ...drawn.line], cursorX: lineWidth([label]) + drawn.x };
  }
  const options = asked.options.map((option, at): Segment =>
    at === asked.chosen
      ? { text: `[${option}]`, role: 'accent', inverse: focused }
      : { text: ` ${option} `, role: 'dim' },
  );
  const line = [label, ...options.flatMap((option) => [option, { text: ' ' }])];
  if (lineWidth(line) <= inner + 4) return { line };
  // Where there is no room for all of them the chosen one is enough: the keys go through the others.
  return { line: [label, ...options.slice(asked.chosen, asked.chosen + 1)] };
}

/** As wide as the longest, but what was chosen or written has room beside it. */
function labelsWidth({ fields }: Dialog, inner: number): number {
  const labels = Math.max(0, ...fields.map(({ label }) => textWidth(label)));
  const chosen = fields.map((field) =>
    field.kind === 'text' ? leastFieldWidth : textWidth(field.options[field.chosen] ?? '') + 2,
  );
  return Math.max(0, Math.min(labels, inner - Math.max(0, ...chosen)));
}

export function menuBox(menu: Menu, area: Area): DrawnBox {
  const words = Math.max(
    textWidth(menu.title) + 2,
    ...menu.items.map(({ words: text }) => textWidth(text) + 2),
  );
  const width = Math.min(area.width, words + 5);
  const height = Math.min(area.height, menu.items.length + 2);
  const first = Math.max(0, Math.min(menu.selected - height + 3, menu.items.length - height + 2));
  const lines = menu.items.slice(first).map(({ letter, words: text }, at): Line => {
    const selected = first + at === menu.selected;
    return [
      { text: selected ? '> ' : '  ', inverse: selected },
      { text: letter, role: 'accent', inverse: selected },
      { text: `  ${text}`.padEnd(words), inverse: selected },
    ];
  });
  return { lines: box(menu.title, lines, width, height, area.glyphs) };
}

const indented = (line: Line): Line => [{ text: '  ' }, ...line];

function buttonItems({ buttons, fields, focus }: Dialog): readonly Line[] {
  return buttons.map(({ letter, label }, at): Line => {
    const focused = focus === fields.length + at;
    const key: Line = letter === undefined ? [] : [{ text: `${letter} `, role: 'accent', inverse: focused }];
    return [
      { text: focused ? ' [ ' : '   ' },
      ...key,
      { text: label, inverse: focused, bold: focused },
      { text: focused ? ' ]' : '  ' },
    ];
  });
}
