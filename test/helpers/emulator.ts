/**
 * A terminal emulator to draw into: what is on its screen in text and style, and what a program did to it beside
 * drawing. Screens are read between chunks of output and between frames, never within one.
 */
import type { IBufferCell } from '@xterm/headless';
import xterm from '@xterm/headless';

const deadlineMs = 60_000;
/** What is waited for may depend on more than what is written, of which nobody tells. */
const lookAgainMs = 20;

/** How a run of cells looks; only what differs from plain text. Colours are palette indexes or `#rrggbb`. */
export interface CellStyle {
  readonly color?: string;
  readonly background?: string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
  readonly invisible?: true;
}

export interface StyledRun {
  readonly text: string;
  readonly style: CellStyle;
}

/** The screen after one update of it. */
export interface Frame {
  readonly lines: readonly string[];
  readonly bytes: number;
  readonly cursorShown: boolean;
}

export class Emulator {
  readonly terminal: xterm.Terminal;
  /** Every frame since the start, or since `forgetFrames`. */
  readonly frames: Frame[] = [];
  /** All that was written, as it came. */
  raw = '';
  /** Titles, clipboard writes, notifications (OSC 9) and links that the program asked for. */
  readonly titles: string[] = [];
  readonly clipboard: string[] = [];
  readonly notifications: string[] = [];
  readonly links: string[] = [];
  bells = 0;
  cursorShown = true;
  /** How often something went out of the screen at its top: a frame was too high. */
  scrolls = 0;
  /** How often (a part of) the screen was erased from the cursor on or at once. */
  clears = 0;
  #frameBytes = 0;
  /** Sizes of the chunks that are not on the screen yet. */
  readonly #pending: number[] = [];
  #switching = false;
  /** Within a synchronized update: what is on the screen is half of one frame and half of another. */
  #drawing = false;
  #waiting: (() => void)[] = [];

  /** `convertEol`: makes new lines of line feeds, as the device of a real terminal does. */
  constructor(columns: number, rows: number, convertEol = false) {
    this.terminal = new xterm.Terminal({
      cols: columns,
      rows,
      convertEol,
      scrollback: 1_000,
      allowProposedApi: true,
    });
    this.terminal.onTitleChange((title) => this.titles.push(title));
    this.terminal.onBell(() => (this.bells += 1));
    this.terminal.onScroll(() => (this.scrolls += this.#switching ? 0 : 1));
    const { parser } = this.terminal;
    parser.registerOscHandler(52, (data) =>
      keep(this.clipboard, Buffer.from(data.split(';')[1] ?? '', 'base64').toString()),
    );
    parser.registerOscHandler(9, (data) => keep(this.notifications, data));
    parser.registerOscHandler(8, (data) => keep(this.links, data) && false);
    parser.registerCsiHandler({ final: 'J' }, () => {
      this.clears += 1;
      return false;
    });
    for (const [final, shown] of [['h', true], ['l', false]] as const)
      parser.registerCsiHandler({ prefix: '?', final }, (parameters) => {
        if (parameters.includes(25)) this.cursorShown = shown;
        // The emulator tells of the other buffer's place as of a scroll.
        if (parameters.includes(1049)) this.#switching = true;
        if (parameters.includes(2026)) this.#drawing = shown;
        if (parameters.includes(2026) && !shown) this.#endFrame();
        return false;
      }); // prettier-ignore
  }

  get columns(): number {
    return this.terminal.cols;
  }

  get rows(): number {
    return this.terminal.rows;
  }

  /** Takes output in; `done` once it is on the screen. */
  write(data: string, done?: () => void): void {
    this.raw += data;
    this.#pending.push(Buffer.byteLength(data));
    this.terminal.write(data, () => {
      this.#frameBytes += this.#pending.shift() ?? 0;
      this.#switching = false;
      done?.();
      this.wake();
    });
  }

  resize(columns: number, rows: number): void {
    this.terminal.resize(columns, rows);
  }

  /** The rows of the screen, without the blanks at their ends. */
  get lines(): readonly string[] {
    return Array.from(
      { length: this.rows },
      (_, row) => this.#line(row)?.translateToString(true).trimEnd() ?? '',
    );
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** Whether a full-screen program has it. */
  get alternate(): boolean {
    return this.terminal.buffer.active.type === 'alternate';
  }

  get cursor(): { readonly column: number; readonly row: number } {
    const { cursorX, cursorY } = this.terminal.buffer.active;
    return { column: cursorX, row: cursorY };
  }

  /** A row as runs of cells that look the same, blanks at the end included where they have a style. */
  styled(row: number): readonly StyledRun[] {
    const line = this.#line(row);
    const runs: { text: string; style: CellStyle }[] = [];
    for (let column = 0; column < this.columns; column++) {
      const cell = line?.getCell(column);
      // The second half of a wide character.
      if (!cell || cell.getWidth() === 0) continue;
      const style = styleOf(cell);
      const last = runs.at(-1);
      const text = cell.getChars() || ' ';
      if (last && JSON.stringify(last.style) === JSON.stringify(style)) last.text += text;
      else runs.push({ text, style });
    }
    return runs;
  }

  /** Resolves once `shown` is on the screen, or holds, between frames; rejects with the screen when it does not in time. */
  async waitFor(shown: string | RegExp | (() => boolean), what = String(shown)): Promise<void> {
    const timeout = AbortSignal.timeout(deadlineMs);
    for (;;) {
      if (this.#pending.length === 0 && !this.#drawing && this.#holds(shown)) return;
      if (timeout.aborted)
        throw new Error(`Waited ${deadlineMs} ms in vain for ${what}. The screen:\n${this.text}`);
      await new Promise<void>((resolve) => {
        const again = setTimeout(resolve, lookAgainMs);
        this.#waiting.push(() => {
          clearTimeout(again);
          resolve();
        });
      });
    }
  }

  /** No more is written: a frame that has been begun stays as it is. */
  end(): void {
    this.#drawing = false;
    this.wake();
  }

  /** Looks again, at once, at what is waited for. */
  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  forgetFrames(): void {
    this.frames.length = 0;
    this.scrolls = 0;
    this.clears = 0;
  }

  /**
   * What is wrong with the frames so far, for a program that draws the whole screen and always has something in
   * its last row: empty when none scrolls anything out and each has something there.
   */
  frameFaults(): readonly string[] {
    const short = this.frames.filter(({ lines }) => lines.at(-1) === '');
    return [
      ...(this.scrolls === 0 ? [] : [`${this.scrolls} lines scrolled out: a frame was too high`]),
      ...short.map(({ lines }) => `a frame had nothing in row ${lines.length}:\n${lines.join('\n')}`),
    ];
  }

  dispose(): void {
    this.terminal.dispose();
  }

  /** At the end of a synchronized update, wherever in a chunk of output it comes. */
  #endFrame(): void {
    const chunk = this.#pending[0] ?? 0;
    const { cursorShown } = this;
    this.frames.push({ lines: this.lines, bytes: this.#frameBytes + chunk, cursorShown });
    this.#frameBytes = -chunk;
  }

  #line(row: number) {
    const { active } = this.terminal.buffer;
    return active.getLine(active.baseY + row);
  }

  #holds(shown: string | RegExp | (() => boolean)): boolean {
    if (typeof shown === 'function') return shown();
    return typeof shown === 'string' ? this.text.includes(shown) : shown.test(this.text);
  }
}

function keep(list: string[], item: string): boolean {
  list.push(item);
  return true;
}

function styleOf(cell: IBufferCell): CellStyle {
  const hex = (value: number): string => `#${value.toString(16).padStart(6, '0')}`;
  return {
    ...(cell.isFgDefault()
      ? {}
      : { color: cell.isFgRGB() ? hex(cell.getFgColor()) : String(cell.getFgColor()) }),
    ...(cell.isBgDefault()
      ? {}
      : { background: cell.isBgRGB() ? hex(cell.getBgColor()) : String(cell.getBgColor()) }),
    ...(cell.isBold() ? { bold: true } : {}),
    ...(cell.isDim() ? { dim: true } : {}),
    ...(cell.isItalic() ? { italic: true } : {}),
    ...(cell.isUnderline() ? { underline: true } : {}),
    ...(cell.isInverse() ? { inverse: true } : {}),
    ...(cell.isInvisible() ? { invisible: true } : {}),
  };
}
