/**
 * Everything the command line prints. Invariant: under `--json` stdout gets JSON lines and nothing else, without
 * it none; and no character that moves a cursor, starts an escape sequence or turns text around gets through,
 * whoever chose it. When the reader of stdout goes away, what follows is dropped and `closed` tells.
 */
import type { OutputStream } from './peer/ports.ts';
import { hasCode } from '../core/disk-problem.ts';
import { jsonTextAtOnce } from '../core/limits/engine.ts';
import { displayName } from '../core/safe-name.ts';

const drainEvents = ['drain', 'error', 'close'] as const;
const beyondAscii = /[^\u0020-\u007e]/gu;

export class Output {
  readonly json: boolean;
  /** Aborted when whoever read stdout has gone (`| head`). */
  readonly closed: AbortSignal;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #closing = new AbortController();
  #failure: Error | undefined;
  #drained: Promise<void> | undefined;
  #hasStatus = false;

  constructor(stdout: OutputStream, stderr: OutputStream, json: boolean) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.json = json;
    this.closed = this.#closing.signal;
    stdout.on('error', (error: Error) => {
      if (!hasCode(error, 'EPIPE')) this.#failure ??= error;
      this.#closing.abort();
    });
    // With nobody left to read complaints there is nobody to complain to.
    stderr.on('error', () => undefined);
  }

  /** Why stdout could not be written, other than that nobody reads it any more. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Whether people watch stdout, on a terminal that can redraw. */
  get interactive(): boolean {
    return !this.json && this.#stdout.isTTY === true;
  }

  /** Cells in a line of the terminal; undefined when stdout is not one. */
  get columns(): number | undefined {
    // Some pseudo-terminals say they have no size.
    return this.#stdout.isTTY === true ? this.#stdout.columns || undefined : undefined;
  }

  /** Whether people watch stderr, on a terminal that can redraw. */
  get watched(): boolean {
    return this.#stderr.isTTY === true;
  }

  /** Settles when what was printed on stdout has left, or cannot; undefined when little of it waits. */
  get drained(): Promise<void> | undefined {
    const stdout = this.#stdout;
    if (stdout.writableNeedDrain !== true || this.closed.aborted) return undefined;
    this.#drained ??= new Promise((resolve) => {
      const end = (): void => {
        for (const event of drainEvents) stdout.off(event, end);
        this.#drained = undefined;
        resolve();
      };
      for (const event of drainEvents) stdout.on(event, end);
    });
    return this.#drained;
  }

  /** Prints objects for scripts, one a line. Nothing without `--json`. */
  event(...objects: readonly object[]): void {
    this.events(objects);
  }

  /** The same of many, each taken when its turn comes; what is written at once is bounded. */
  events(objects: Iterable<object>): void {
    if (!this.json) return;
    let text = '';
    for (const object of objects) {
      text += `${jsonLine(object)}\n`;
      if (text.length < jsonTextAtOnce) continue;
      this.#write(text);
      text = '';
    }
    if (text !== '') this.#write(text);
  }

  /** Prints lines for people. Nothing under `--json`. */
  line(...lines: readonly string[]): void {
    if (!this.json && lines.length > 0) this.#write(lines.map((line) => `${displayName(line)}\n`).join(''));
  }

  /** Tells people something that is no result: on stderr, with or without `--json`. */
  note(...lines: readonly string[]): void {
    if (lines.length > 0) this.#clearStatus();
    for (const line of lines) this.#stderr.write(`${displayName(line)}\n`);
  }

  /** Says how far it is in one line on a terminal's stderr, in place of the last; whatever is told next takes it away. */
  status(text: string): void {
    if (!this.watched) return;
    this.#clearStatus();
    this.#stderr.write(displayName(text));
    this.#hasStatus = true;
  }

  /** Says what went wrong, as one line on stderr. */
  error(message: string): void {
    this.note(`shoal: ${message.replace(/\s*\n\s*/g, ' ')}`);
  }

  /** Settles when all that was printed has left for the operating system, or cannot. */
  async flush(): Promise<void> {
    this.#clearStatus();
    const flushed = (stream: OutputStream): Promise<void> =>
      new Promise((resolve) => {
        if (!stream.writable) resolve();
        else stream.write('', () => resolve());
      });
    await Promise.all([flushed(this.#stdout), flushed(this.#stderr)]);
  }

  #clearStatus(): void {
    if (this.#hasStatus) this.#stderr.write('\r\u001b[K');
    this.#hasStatus = false;
  }

  #write(text: string): void {
    this.#clearStatus();
    if (!this.closed.aborted && this.#stdout.writable) this.#stdout.write(text);
  }
}

/**
 * One object as a line of JSON that a terminal may see: the same value, with what is legal in JSON but could move
 * a cursor or turn text around escaped.
 */
export function jsonLine(object: object): string {
  return JSON.stringify(object).replace(beyondAscii, (character) =>
    displayName(character) === character ? character : escaped(character),
  );
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
