/**
 * The real command on a real terminal device, drawn into an emulator. A shell waits beside it and tells, once it
 * has ended, its exit code and whether the terminal's settings are what they were.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn, type IPty } from '@lydell/node-pty';
import { Emulator } from '../helpers/emulator.ts';
import { keyBytes, pasteBytes } from '../helpers/key-bytes.ts';

/** The launcher, as people start it. */
export const shoal = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'bin', 'shoal');

/**
 * Runs "$@" as a job, below a process that waits for it as npm does, and leaves its process id in $PIDFILE; a job
 * that has been stopped goes on after Enter. Then says how it ended and how the terminal is.
 */
const keeper = [
  'set -m',
  'before=$(stty -g)',
  `sh -c 'sh -c "echo \\$\\$ >\\"\\$PIDFILE\\"; exec \\"\\$@\\"" sh "$@"; exit $?' sh "$@"`,
  'code=$?',
  // The number of SIGTSTP is 20 on Linux, 18 elsewhere.
  'while [ "$code" -eq 148 ] || [ "$code" -eq 146 ]; do read -r line; fg >/dev/null; code=$?; done',
  `if [ "$(stty -g)" = "$before" ]; then settings=kept; else settings=changed; fi`,
  `printf '\\nended %s, settings %s.\\n' "$code" "$settings"`,
].join('\n');

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Told of all that is written to the terminal, as it comes. */
  readonly watch?: (data: string) => void;
  /** A folder of the test's own, for the program's `HOME` and the harness. */
  readonly folder: string;
}

export interface TerminalEnd {
  /** As a shell tells it: 128 and the signal's number for a program that was killed. */
  readonly code: number;
  /** Echo, line mode and all the rest (`stty -g`) as before. */
  readonly settingsKept: boolean;
  readonly alternate: boolean;
  readonly cursorShown: boolean;
  readonly mouse: boolean;
  readonly bracketedPaste: boolean;
}

export class TerminalProgram {
  readonly emulator: Emulator;
  readonly #pty: IPty;
  readonly #pidFile: string;
  #exited = false;

  constructor(
    args: readonly string[],
    { columns = 80, rows = 24, env = {}, watch, folder }: TerminalOptions,
  ) {
    this.emulator = new Emulator(columns, rows);
    this.#pidFile = path.join(folder, 'program.pid');
    this.#pty = spawn('/bin/sh', ['-c', keeper, 'sh', process.execPath, shoal, ...args], {
      name: env['TERM'] ?? 'xterm-256color',
      cols: columns,
      rows,
      cwd: folder,
      env: environment({ HOME: folder, PIDFILE: this.#pidFile, ...env }),
    });
    this.#pty.onData((data) => {
      watch?.(data);
      this.emulator.write(data);
    });
    this.#pty.onExit(() => {
      this.#exited = true;
      this.emulator.end();
    });
    // A terminal answers what it is asked.
    this.emulator.terminal.onData((answer) => {
      if (!this.#exited) this.#pty.write(answer);
    });
  }

  get text(): string {
    return this.emulator.text;
  }

  get lines(): readonly string[] {
    return this.emulator.lines;
  }

  /** The program's own process, not the shell beside it. Only once it has drawn something. */
  get pid(): number {
    return Number(readFileSync(this.#pidFile, 'utf8'));
  }

  waitFor(shown: string | RegExp | (() => boolean), what?: string): Promise<void> {
    return this.emulator.waitFor(shown, what);
  }

  /** One key. Wait for its effect before the next: a terminal may give several to the program at once. */
  press(key: string): void {
    this.#pty.write(keyBytes(key));
  }

  /** All in one write. */
  type(text: string): void {
    this.#pty.write(text);
  }

  paste(text: string): void {
    this.#pty.write(pasteBytes(text));
  }

  resize(columns: number, rows: number): void {
    this.emulator.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  /** The terminal stops to read, until it flows again. */
  stall(): void {
    this.#pty.pause();
  }

  flow(): void {
    this.#pty.resume();
  }

  /** Sends a signal to the program. */
  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** Resolves once it has ended by itself or by what was sent to it. */
  async ended(): Promise<TerminalEnd> {
    const told = /ended (?<code>\d+), settings (?<settings>kept|changed)\./;
    await this.waitFor(() => this.#exited && told.test(this.emulator.text), 'its end');
    const { code, settings } = told.exec(this.emulator.text)?.groups ?? {};
    const { modes } = this.emulator.terminal;
    return {
      code: Number(code),
      settingsKept: settings === 'kept',
      alternate: this.emulator.alternate,
      cursorShown: this.emulator.cursorShown,
      mouse: modes.mouseTrackingMode !== 'none',
      bracketedPaste: modes.bracketedPasteMode,
    };
  }

  /** Takes it away, whatever it does. */
  async clear(): Promise<void> {
    if (!this.#exited) {
      this.flow();
      try {
        this.kill('SIGKILL');
      } catch {
        // It has not started, or has just ended.
      }
      this.#pty.kill('SIGKILL');
      await this.waitFor(() => this.#exited, 'the end of the shell');
    }
    this.emulator.dispose();
  }
}

/** What a user's terminal sets, and nothing of what runs the tests. */
function environment(changes: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const all: Record<string, string | undefined> = {
    PATH: process.env['PATH'],
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    CI: 'false',
    NODE_ENV: 'production',
    SHOAL_SKIP_SETUP: '1',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    ...changes,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
