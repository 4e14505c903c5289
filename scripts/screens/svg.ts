/**
 * A screen as SVG: text as text, in the colours of a dark terminal. Each run stands at its own column, so that it is
 * in its place whatever font draws it.
 */
import type { CellStyle, Emulator } from '../../test/helpers/emulator.ts';

const cell = { width: 8.4, height: 18, baseline: 13.5 } as const;
const margin = 14;
const background = '#11151c';
const plain = '#d4dae3';
const dimmed = '#8a94a3';
/** The sixteen colours of a terminal, by their numbers. */
const palette = [
  '#2b313c', '#e06c75', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d4dae3',
  '#6b7686', '#ff7b86', '#b5e890', '#ffd88a', '#7cc4ff', '#dd9bf0', '#74d4e0', '#ffffff',
]; // prettier-ignore

export function svgOf(emulator: Emulator): string {
  const width = (emulator.columns * cell.width + 2 * margin).toFixed(1);
  const height = emulator.rows * cell.height + 2 * margin;
  const rows = Array.from({ length: emulator.rows }, (_, row) => rowOf(emulator, row)).join('');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" ` +
    `fill="${plain}" xml:space="preserve">\n<rect width="100%" height="100%" rx="8" fill="${background}"/>\n${rows}</svg>\n`
  );
}

function rowOf(emulator: Emulator, row: number): string {
  let column = 0;
  let drawn = '';
  for (const { text, style, cells } of runsOf(emulator, row)) {
    drawn += runOf(text, style, column, row, cells);
    column += cells;
  }
  return drawn === '' ? '' : `${drawn}\n`;
}

interface Run {
  readonly text: string;
  readonly style: CellStyle;
  readonly cells: number;
}

function runsOf(emulator: Emulator, row: number): readonly Run[] {
  const line = emulator.terminal.buffer.active.getLine(emulator.terminal.buffer.active.baseY + row);
  let column = 0;
  return emulator.styled(row).map(({ text, style }) => {
    const from = column;
    let taken = '';
    while (taken.length < text.length) {
      const at = line?.getCell(column);
      taken += at?.getWidth() === 0 ? '' : at?.getChars() || ' ';
      column += 1;
    }
    // The second half of a wide character belongs to it.
    while (line?.getCell(column)?.getWidth() === 0 && column < emulator.columns) column += 1;
    return { text, style, cells: column - from };
  });
}

function runOf(text: string, style: CellStyle, column: number, row: number, cells: number): string {
  const own = style.color === undefined ? plain : (palette[Number(style.color)] ?? style.color);
  const ink = style.inverse === true ? background : style.dim === true ? dimmed : own;
  const behind = style.inverse === true ? own : palette[Number(style.background ?? -1)];
  const x = margin + column * cell.width;
  const y = margin + row * cell.height;
  const box =
    behind === undefined
      ? ''
      : `<rect x="${x.toFixed(1)}" y="${y}" width="${(cells * cell.width).toFixed(1)}" height="${cell.height}" fill="${behind}"/>`;
  // Blanks at both ends are places, not text.
  const lead = text.length - text.trimStart().length;
  const shown = text.trim();
  if (shown === '') return box;
  const shownCells = cells - lead - (text.length - text.trimEnd().length);
  const look = [
    ink === plain ? '' : ` fill="${ink}"`,
    style.bold === true ? ' font-weight="bold"' : '',
    style.underline === true ? ' text-decoration="underline"' : '',
  ].join('');
  const left = (x + lead * cell.width).toFixed(1);
  const length = (shownCells * cell.width).toFixed(1);
  return `${box}<text x="${left}" y="${y + cell.baseline}" textLength="${length}"${look}>${escaped(shown)}</text>`;
}

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('  ', '&#160;&#160;');
