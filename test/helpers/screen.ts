/**
 * Ink in this process drawn into a terminal emulator of any size: real frames with colours, cursor and wide
 * characters, and keys as a terminal sends them, but no terminal device.
 */
import './colour-terminal.ts';
import { EventEmitter } from 'node:events';
import { render, type Instance, type RenderOptions } from 'ink';
import type { ReactNode } from 'react';
import { Emulator } from './emulator.ts';
import { keyBytes, pasteBytes } from './key-bytes.ts';

/** The output of a terminal. It takes everything at once unless it is `stalled`. */
export class XtermStdout extends EventEmitter {
  readonly isTTY = true;
  readonly emulator: Emulator;
  #stalled: (() => void)[] | undefined;

  constructor(emulator: Emulator) {
    super();
    this.emulator = emulator;
  }

  get columns(): number {
    return this.emulator.columns;
  }

  get rows(): number {
    return this.emulator.rows;
  }

  readonly write = (data: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    const done = rest.find((argument): argument is () => void => typeof argument === 'function');
    const take = (): void =>
      this.emulator.write(typeof data === 'string' ? data : Buffer.from(data).toString(), done);
    if (this.#stalled) {
      this.#stalled.push(take);
      this.emulator.wake();
    } else take();
    return this.#stalled === undefined;
  };

  /** Writes that wait for the terminal. */
  get held(): number {
    return this.#stalled?.length ?? 0;
  }

  /** From now on nothing that is written arrives. */
  stall(): void {
    this.#stalled ??= [];
  }

  /** Everything that was held back arrives, and what comes after it. */
  flow(): void {
    const held = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const take of held) take();
    this.emit('drain');
  }
}

/** The keyboard of a terminal. Each chunk is read by itself, however fast they come. */
export class XtermStdin extends EventEmitter {
  readonly isTTY = true;
  raw = false;
  readonly #chunks: string[] = [];

  /** As if these bytes had arrived in one read. */
  send(bytes: string): void {
    this.#chunks.push(bytes);
    // Those that look on get the bytes too, as from a real stream.
    this.emit('data', bytes);
    this.emit('readable');
  }

  // eslint-disable-next-line @typescript-eslint/no-restricted-types -- what streams give at their end
  read(): string | null {
    return this.#chunks.shift() ?? null;
  }

  setRawMode(raw: boolean): this {
    this.raw = raw;
    return this;
  }

  setEncoding(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  pause(): this {
    return this;
  }
}

/** A terminal with its two ends, for programs that take streams and for components alike. */
export class Screen {
  readonly emulator: Emulator;
  readonly xtermStdout: XtermStdout;
  readonly xtermStdin = new XtermStdin();
  #instance: Instance | undefined;

  constructor(columns = 80, rows = 24) {
    this.emulator = new Emulator(columns, rows, true);
    this.xtermStdout = new XtermStdout(this.emulator);
  }

  /** For `render` of Ink, or for a program that calls it. */
  get stdout(): NodeJS.WriteStream {
    return this.xtermStdout as unknown as NodeJS.WriteStream;
  }

  get stdin(): NodeJS.ReadStream {
    return this.xtermStdin as unknown as NodeJS.ReadStream;
  }

  /** Draws a component as the program draws its own. */
  show(node: ReactNode, options: RenderOptions = {}): Instance {
    if (this.#instance) {
      this.#instance.rerender(node);
      return this.#instance;
    }
    this.#instance = render(node, {
      stdout: this.stdout,
      stdin: this.stdin,
      alternateScreen: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      patchConsole: false,
      interactive: true,
      ...options,
    });
    return this.#instance;
  }

  get text(): string {
    return this.emulator.text;
  }

  get lines(): readonly string[] {
    return this.emulator.lines;
  }

  waitFor(shown: string | RegExp | (() => boolean), what?: string): Promise<void> {
    return this.emulator.waitFor(shown, what);
  }

  /** Keys by name, each a read of its own. After `escape` wait for its effect: with the next key it is Alt. */
  press(...keys: readonly string[]): void {
    for (const key of keys) this.xtermStdin.send(keyBytes(key));
  }

  /** All in one read, as it comes over a slow line. */
  type(text: string): void {
    this.xtermStdin.send(text);
  }

  paste(text: string): void {
    this.xtermStdin.send(pasteBytes(text));
  }

  resize(columns: number, rows: number): void {
    this.emulator.resize(columns, rows);
    this.xtermStdout.emit('resize');
  }

  async close(): Promise<void> {
    const instance = this.#instance;
    this.#instance = undefined;
    instance?.unmount();
    await instance?.waitUntilExit().catch(() => undefined);
    this.emulator.dispose();
  }
}
