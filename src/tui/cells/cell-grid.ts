/**
 * A screen as cells: in each a character, as people take it for one, and how it looks. Invariant: a wide
 * character is followed by an empty text; nothing reaches over the end of a row.
 */
import { graphemes, textWidth } from '../text/width.ts';
import { plain, type CellStyle } from './cell-style.ts';

const blank = ' ';

export class CellGrid {
  readonly columns: number;
  readonly rows: number;
  readonly #texts: string[];
  readonly #styles: CellStyle[];

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#texts = Array.from({ length: columns * rows }, () => blank);
    this.#styles = Array.from({ length: columns * rows }, () => plain);
  }

  textAt(row: number, column: number): string {
    return this.#texts[row * this.columns + column] ?? blank;
  }

  styleAt(row: number, column: number): CellStyle {
    return this.#styles[row * this.columns + column] ?? plain;
  }

  /** Puts text without controls into a row, as far as it goes; returns the column after it. */
  write(row: number, column: number, text: string, style: CellStyle): number {
    let at = column;
    for (const character of graphemes(text)) {
      const width = textWidth(character);
      if (width === 0) continue;
      if (at + width > this.columns) return this.columns;
      this.#separate(row, at, width, style);
      this.#set(row, at, character, style);
      for (let more = 1; more < width; more += 1) this.#set(row, at + more, '', style);
      at += width;
    }
    return at;
  }

  /** Plain blanks in a row, from a column up to another. */
  erase(row: number, from = 0, to = this.columns): void {
    this.#separate(row, from, to - from, plain);
    for (let column = from; column < to; column += 1) this.#set(row, column, blank, plain);
  }

  /** All rows one up. */
  scroll(): void {
    this.#texts.copyWithin(0, this.columns);
    this.#styles.copyWithin(0, this.columns);
    this.erase(this.rows - 1);
  }

  /** A cell takes what another grid of this size has there. */
  copyCell(row: number, column: number, from: CellGrid): void {
    this.#set(row, column, from.textAt(row, column), from.styleAt(row, column));
  }

  /** What of it is inside of another size, its upper left corner in the same place. */
  resized(columns: number, rows: number): CellGrid {
    const grid = new CellGrid(columns, rows);
    for (let row = 0; row < Math.min(rows, this.rows); row += 1) {
      for (let column = 0; column < Math.min(columns, this.columns); column += 1)
        grid.copyCell(row, column, this);
      // A wide character that is cut in two is none.
      if (columns < this.columns && this.textAt(row, columns) === '') grid.erase(row, columns - 1);
    }
    return grid;
  }

  /** What is cut off of wide characters at either end of cells that are about to be written is blank, in the style of those. */
  #separate(row: number, column: number, width: number, style: CellStyle): void {
    if (column > 0 && this.textAt(row, column) === '') this.#set(row, column - 1, blank, style);
    const end = column + width;
    if (end < this.columns && this.textAt(row, end) === '') this.#set(row, end, blank, style);
  }

  #set(row: number, column: number, text: string, style: CellStyle): void {
    this.#texts[row * this.columns + column] = text;
    this.#styles[row * this.columns + column] = style;
  }
}
