/**
 * A terminal's stream that is sent only the cells that differ from what the terminal shows. What is written to it is
 * drawn on a screen of its own first, and compared when a frame is over. Invariant: after each write outside of a
 * frame the terminal shows what has been written, or a write that makes it so is under way.
 */
import { cellChanges, moveTo } from './cell-changes.ts';
import { CellGrid } from './cell-grid.ts';
import { plain, restyled } from './cell-style.ts';

/** A control sequence, another escape sequence, a line feed, a return, or text. */
const token = new RegExp(
  String.raw`ESC\[([?>]?)([\d;]*)([A-Za-z])|ESC\][^BELESC]*(?:BEL|ESC\\)|ESC.|[\n\r]|[^ESC\n\r]+|ESC`
    .replaceAll('ESC', '\\u001b')
    .replaceAll('BEL', '\\u0007'),
  'gsu',
);

export const alternateOn = '\u001b[?1049h';
export const alternateOff = '\u001b[?1049l';
export const frameBegin = '\u001b[?2026h';
export const frameEnd = '\u001b[?2026l';

const eraseAll = '\u001b[H\u001b[2J';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class CellOutput {
  readonly #size: () => Size;
  readonly #fullRepaint: boolean;
  #wanted: CellGrid;
  #shown: CellGrid;
  #row = 0;
  #column = 0;
  #style = plain;
  #cursorShown = true;
  /** Where the terminal's cursor is, when it is shown; undefined: nobody knows. */
  #cursorAt: string | undefined;
  #inFrame = false;
  #isAlternate = false;
  /** What the terminal shows is to be erased first. */
  #isCleared = false;
  /** What is passed on as it came. */
  #passed = '';

  /** `fullRepaint`: whatever has changed, all of the screen is sent. */
  constructor(size: () => Size, fullRepaint = false) {
    this.#size = size;
    this.#fullRepaint = fullRepaint;
    const { columns, rows } = size();
    this.#wanted = new CellGrid(columns, rows);
    this.#shown = new CellGrid(columns, rows);
  }

  /** Draws what is written; returns what is to be sent now, which may be nothing. */
  take(text: string): string {
    this.#fit();
    for (const [whole, mark, parameters = '', final] of text.matchAll(token)) {
      // Outside of the alternate screen what is there is not ours to compare with.
      if (!this.#isAlternate && whole !== alternateOn) this.#passed += whole;
      else if (final !== undefined) this.#control(whole, mark ?? '', parameters, final);
      else if (whole === '\n') this.#lineFeed();
      else if (whole === '\r') this.#column = 0;
      else if (whole.startsWith('\u001b')) this.#passed += whole;
      else this.#column = this.#wanted.write(this.#row, this.#column, whole, this.#style);
    }
    return this.#inFrame ? '' : this.#send();
  }

  /** The terminal may have lost what was on it; returns what draws all of it again. */
  redraw(): string {
    this.#fit();
    this.#clear();
    return this.#send();
  }

  #send(): string {
    const passed = this.#passed;
    this.#passed = '';
    if (!this.#isAlternate) return passed;
    const changes = this.#changes();
    const cursorAt = this.#cursorShown
      ? moveTo(this.#row, Math.min(this.#column, this.#wanted.columns - 1))
      : undefined;
    const moves = cursorAt !== undefined && (changes !== '' || cursorAt !== this.#cursorAt) ? cursorAt : '';
    this.#cursorAt = cursorAt;
    if (changes + moves === '') return passed;
    return `${passed}${frameBegin}${changes}${moves}${frameEnd}`;
  }

  #changes(): string {
    let changes = cellChanges(this.#shown, this.#wanted);
    if (this.#fullRepaint && changes !== '' && !this.#isCleared) {
      this.#clear();
      changes = cellChanges(this.#shown, this.#wanted);
    }
    if (this.#isCleared) changes = eraseAll + changes;
    this.#isCleared = false;
    return changes;
  }

  /** The terminal has another size: nobody knows what it shows now. */
  #fit(): void {
    const { columns, rows } = this.#size();
    if (columns === this.#wanted.columns && rows === this.#wanted.rows) return;
    this.#wanted = this.#wanted.resized(columns, rows);
    this.#clear();
    this.#row = Math.min(this.#row, rows - 1);
    this.#column = Math.min(this.#column, columns - 1);
  }

  /** Nobody knows what is shown: it is erased with the next frame. */
  #clear(): void {
    this.#shown = new CellGrid(this.#wanted.columns, this.#wanted.rows);
    this.#isCleared = true;
  }

  #lineFeed(): void {
    this.#column = 0;
    if (this.#row < this.#wanted.rows - 1) this.#row += 1;
    else this.#wanted.scroll();
  }

  #control(whole: string, mark: string, parameters: string, final: string): void {
    if (mark === '?' && (final === 'h' || final === 'l')) return this.#mode(whole, parameters, final === 'h');
    if (mark !== '' || !this.#draws(parameters, final)) this.#passed += whole;
  }

  /** Whether it is a sequence that draws or moves, and has been dealt with. */
  #draws(parameters: string, final: string): boolean {
    const [first = 1, second = 1] = parameters.split(';').map((number) => Number(number) || 1);
    switch (final) {
      case 'A':
        return this.#move(this.#row - first, this.#column);
      case 'B':
        return this.#move(this.#row + first, this.#column);
      case 'C':
        return this.#move(this.#row, this.#column + first);
      case 'D':
        return this.#move(this.#row, this.#column - first);
      case 'E':
        return this.#move(this.#row + first, 0);
      case 'F':
        return this.#move(this.#row - first, 0);
      case 'G':
        return this.#move(this.#row, first - 1);
      case 'H':
        return this.#move(first - 1, second - 1);
      case 'J':
        return this.#eraseScreen(parameters);
      case 'K':
        return this.#eraseLine(parameters);
      case 'm':
        this.#style = restyled(this.#style, parameters);
        return true;
      default:
        return false;
    }
  }

  #move(row: number, column: number): true {
    this.#row = Math.max(0, Math.min(row, this.#wanted.rows - 1));
    this.#column = Math.max(0, Math.min(column, this.#wanted.columns - 1));
    return true;
  }

  #eraseLine(parameters: string): true {
    const { columns } = this.#wanted;
    const from = parameters === '1' || parameters === '2' ? 0 : Math.min(this.#column, columns);
    this.#wanted.erase(this.#row, from, parameters === '1' ? Math.min(this.#column + 1, columns) : columns);
    return true;
  }

  #eraseScreen(parameters: string): boolean {
    if (parameters === '2') for (let row = 0; row < this.#wanted.rows; row += 1) this.#wanted.erase(row);
    else if (parameters === '' || parameters === '0') {
      this.#eraseLine('');
      for (let row = this.#row + 1; row < this.#wanted.rows; row += 1) this.#wanted.erase(row);
    } else return false;
    return true;
  }

  #mode(whole: string, parameters: string, on: boolean): void {
    switch (parameters) {
      case '1049':
        return this.#alternate(whole, on);
      case '2026':
        this.#inFrame = on;
        return;
      case '25':
        if (on !== this.#cursorShown) this.#passed += whole;
        this.#cursorShown = on;
        return;
      default:
        this.#passed += whole;
    }
  }

  /** Who is there already stays, with what is drawn. */
  #alternate(whole: string, on: boolean): void {
    if (on === this.#isAlternate) return;
    this.#isAlternate = on;
    this.#passed += whole;
    this.#inFrame = false;
    if (!on) return;
    // Some terminals leave there what was there before.
    this.#clear();
    this.#style = plain;
    // Whether the cursor was shown before nobody knows.
    this.#cursorShown = true;
    this.#move(0, 0);
    this.#eraseScreen('2');
  }
}
