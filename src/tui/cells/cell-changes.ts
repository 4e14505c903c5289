/**
 * What a terminal must be sent so that it shows one screen instead of another: only cells that differ, with the
 * shortest moves in between. Pure but for bringing `shown` up to date. Invariant: afterwards both grids are the same.
 */
import type { CellGrid } from './cell-grid.ts';
import { plain, transition, type CellStyle } from './cell-style.ts';

/** A move costs about as much as so many cells that stay as they are. */
const bridgedCells = 4;
const eraseRest = '\u001b[K';
const nextRow = '\u001b[E';
/** Whoever has no glyph that fits draws these one or two cells wide, as they please. */
const pictographs = /^[\u2300-\u27bf\u2b00-\u2bff]/;

/** The bytes that make `wanted` of `shown`; the cursor is anywhere before and after, the style plain. */
export function cellChanges(shown: CellGrid, wanted: CellGrid): string {
  const pen = new Pen(wanted.columns);
  for (let row = 0; row < wanted.rows; row += 1) changeRow(shown, wanted, row, pen);
  pen.restyle(plain);
  return pen.text;
}

/** Moves the cursor to a cell. */
export const moveTo = (row: number, column: number): string =>
  column === 0 ? (row === 0 ? '\u001b[H' : `\u001b[${row + 1}H`) : `\u001b[${row + 1};${column + 1}H`;

class Pen {
  text = '';
  readonly #columns: number;
  #style: CellStyle = plain;
  #row = -1;
  #column = -1;

  constructor(columns: number) {
    this.#columns = columns;
  }

  restyle(style: CellStyle): void {
    this.text += transition(this.#style, style);
    this.#style = style;
  }

  move(row: number, column: number): void {
    if (row !== this.#row || column !== this.#column) this.text += this.#way(row, column);
    this.#row = row;
    this.#column = column;
  }

  put(text: string, style: CellStyle, width: number): void {
    this.restyle(style);
    this.text += text;
    this.#column += width;
    // Behind the last cell, and behind what is of several parts, terminals do not agree where the cursor is.
    if (this.#column >= this.#columns || text.length > 1) this.#column = -1;
  }

  /** Nobody knows where the cursor is: what was put went over the end of the row where it was drawn wider. */
  lose(): void {
    this.#row = -1;
  }

  eraseRest(): void {
    this.restyle(plain);
    this.text += eraseRest;
  }

  #way(row: number, column: number): string {
    if (row === this.#row) return `\u001b[${column === 0 ? '' : column + 1}G`;
    // Not a line feed: what becomes of one is up to the settings of the terminal's device.
    return column === 0 && row === this.#row + 1 && this.#row >= 0 ? nextRow : moveTo(row, column);
  }
}

function changeRow(shown: CellGrid, wanted: CellGrid, row: number, pen: Pen): void {
  const { columns } = wanted;
  const differs = (column: number): boolean =>
    shown.textAt(row, column) !== wanted.textAt(row, column) ||
    shown.styleAt(row, column) !== wanted.styleAt(row, column);
  let first = 0;
  while (first < columns && !differs(first)) first += 1;
  if (first === columns) return;
  // Where nobody knows how wide the terminal draws something, the row is drawn as one.
  const whole = isUncertain(shown, row) || isUncertain(wanted, row);
  const end = contentEnd(wanted, row);
  // Drawn narrower than we think, what is there now would show behind it.
  if (end === columns && hasClusters(wanted, row)) {
    pen.move(row, 0);
    pen.eraseRest();
  }
  let column = whole ? 0 : headOf(wanted, row, first);
  while (column < columns) {
    if (!whole && !differs(column)) {
      column = skip(wanted, row, column, differs, pen);
      continue;
    }
    if (column >= end) {
      pen.move(row, column);
      pen.eraseRest();
      break;
    }
    pen.move(row, column);
    column = putCell(wanted, row, column, pen);
  }
  if (whole) pen.lose();
  for (column = 0; column < columns; column += 1) shown.copyCell(row, column, wanted);
}

/** Steps over cells that are the same, or writes them once more where that is shorter. Returns the next column. */
function skip(
  wanted: CellGrid,
  row: number,
  from: number,
  differs: (column: number) => boolean,
  pen: Pen,
): number {
  let next = from;
  while (next < wanted.columns && !differs(next)) next += 1;
  if (next === wanted.columns) return next;
  next = headOf(wanted, row, next);
  const style = wanted.styleAt(row, Math.max(0, from - 1));
  let isBridge = from > 0 && next - from <= bridgedCells;
  for (let column = from; isBridge && column < next; column += 1)
    isBridge = wanted.styleAt(row, column) === style;
  if (isBridge) for (let column = from; column < next;) column = putCell(wanted, row, column, pen);
  return next;
}

function putCell(wanted: CellGrid, row: number, column: number, pen: Pen): number {
  let next = column + 1;
  while (next < wanted.columns && wanted.textAt(row, next) === '') next += 1;
  pen.put(wanted.textAt(row, column), wanted.styleAt(row, column), next - column);
  return next;
}

/** The column of the character that a cell belongs to. */
function headOf(grid: CellGrid, row: number, column: number): number {
  let head = column;
  while (head > 0 && grid.textAt(row, head) === '') head -= 1;
  return head;
}

/** From where on a row is blank: what is erased is not there for those who copy from the screen. */
function contentEnd(grid: CellGrid, row: number): number {
  let end = grid.columns;
  while (end > 0 && grid.textAt(row, end - 1) === ' ' && grid.styleAt(row, end - 1) === plain) end -= 1;
  return end;
}

function isUncertain(grid: CellGrid, row: number): boolean {
  if (hasClusters(grid, row)) return true;
  for (let column = 0; column < grid.columns; column += 1) {
    const text = grid.textAt(row, column);
    if (text > '\u22ff' && pictographs.test(text) && grid.textAt(row, column + 1) === '') return true;
  }
  return false;
}

/** Whether it has emoji, combining marks or the like: some terminals know less of them than we do. */
function hasClusters(grid: CellGrid, row: number): boolean {
  for (let column = 0; column < grid.columns; column += 1)
    if (grid.textAt(row, column).length > 1) return true;
  return false;
}
