/** Dialogs and menus as boxes. Each tells where the cursor stands in it, if it has one. */
import { inputText } from '../model/input-line.ts';
import type { Dialog } from '../model/dialog.ts';
import type { Menu } from '../model/menu.ts';
import type { Area } from '../screen/area.ts';
import { lineWidth, type Line, type Segment } from '../text/segments.ts';
import { textWidth } from '../text/width.ts';
import { box } from './box.ts';
import { field } from './field.ts';

export interface DrawnBox {
  readonly lines: readonly Line[];
  readonly cursor?: { readonly x: number; readonly y: number };
}

const preferredWidth = 76;

export function dialogBox(dialog: Dialog, area: Area): DrawnBox {
  const width = Math.min(area.width, preferredWidth);
  const inner = width - 6;
  const labels = Math.max(0, ...dialog.fields.map(({ label }) => textWidth(label)));
  let cursor: DrawnBox['cursor'];
  const body: Line[] = [[], ...dialog.body.map(indented)];
  if (dialog.fields.length > 0) body.push([]);
  for (const [at, asked] of dialog.fields.entries()) {
    const focused = dialog.focus === at;
    const label: Segment = { text: `  ${asked.label.padEnd(labels)}  `, ...(focused ? { bold: true } : {}) };
    if (asked.kind === 'choice') {
      const options = asked.options.flatMap((option, chosen): Segment[] => [
        chosen === asked.chosen
          ? { text: `[${option}]`, role: 'accent', inverse: focused }
          : { text: ` ${option} `, role: 'dim' },
        { text: ' ' },
      ]);
      body.push([label, ...options]);
    } else {
      const drawn = field(asked.line, Math.max(8, inner - labels - 2));
      if (focused) cursor = { x: 1 + lineWidth([label]) + drawn.x, y: body.length + 1 };
      body.push([label, ...(focused ? drawn.line : [{ text: inputText(asked.line) }])]);
    }
  }
  body.push(dialog.refusal === undefined ? [] : [{ text: `  ${dialog.refusal}`, role: 'error' }]);
  body.push(buttons(dialog));
  const height = Math.min(area.height, body.length + 2);
  // What cannot be left out stands at the end: the buttons.
  const shown = body.length + 2 > height ? body.slice(body.length + 2 - height) : body;
  const lines = box(dialog.title, shown, width, height, area.glyphs);
  return cursor === undefined
    ? { lines }
    : { lines, cursor: { ...cursor, y: cursor.y - (body.length - shown.length) } };
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

function buttons({ buttons: all, fields, focus }: Dialog): Line {
  return all.flatMap(({ letter, label }, at): Segment[] => {
    const focused = focus === fields.length + at;
    const key =
      letter === undefined ? [] : [{ text: `${letter} `, role: 'accent' as const, inverse: focused }];
    return [
      { text: focused ? ' [ ' : '   ', inverse: false },
      ...key,
      { text: label, inverse: focused, bold: focused },
      { text: focused ? ' ]' : '  ' },
    ];
  });
}
