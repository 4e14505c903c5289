/**
 * The real command run as a process of its own, with its JSON lines as they come. Every wait has a deadline
 * and fails with what the program has said so far.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const shoal = path.join(root, 'bin', 'shoal');
const deadlineMs = 60_000;

export type Line = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly Line[];
  readonly stderr: string;
}

export class Program {
  readonly lines: Line[] = [];
  readonly ended: Promise<Ended>;
  readonly process: ChildProcess;
  #stderr = '';
  /** All that it has said is here: it has ended, and its pipes are empty. */
  #isOver = false;
  #changed: (() => void)[] = [];

  constructor(args: readonly string[], options: { readonly env?: Readonly<Record<string, string>> } = {}) {
    this.process = spawn(process.execPath, [shoal, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NODE_ENV: 'production',
        SHOAL_SKIP_SETUP: '1',
        ...options.env,
      },
    });
    const { stdout, stderr } = this.process;
    if (!stdout || !stderr) throw new Error('The program has no pipes');
    createInterface({ input: stdout }).on('line', (text) => {
      this.lines.push(parse(text));
      this.#wake();
    });
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.process.once('close', (code, signal) => {
        this.#isOver = true;
        resolve({ code, signal, lines: this.lines, stderr: this.#stderr });
        this.#wake();
      });
    });
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** The first line, past or to come, that `wanted` accepts. */
  async line(wanted: (line: Line) => boolean, what = 'a line'): Promise<Line> {
    const timeout = AbortSignal.timeout(deadlineMs);
    for (;;) {
      const found = this.lines.find(wanted);
      if (found) return found;
      if (timeout.aborted || this.#isOver) throw new Error(`${what} never came; it said:\n${this.#said()}`);
      await new Promise<void>((resolve) => {
        this.#changed.push(resolve);
        timeout.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  event(name: string): Promise<Line> {
    return this.line((line) => line['event'] === name, `the event '${name}'`);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.process.kill(signal);
    return this.ended;
  }

  #wake(): void {
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }

  #said(): string {
    return `${this.lines.map((line) => JSON.stringify(line)).join('\n')}\n${this.#stderr}`;
  }
}

function parse(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return { notJson: text };
  }
}

/** Programs and folders that are gone when the test is, however it went. */
export class Stage {
  readonly #programs: Program[] = [];
  readonly #folders: string[] = [];

  start(args: readonly string[], env?: Readonly<Record<string, string>>): Program {
    const program = new Program(args, env ? { env } : {});
    this.#programs.push(program);
    return program;
  }

  /** Runs a command to its end. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended> {
    return this.start(args, env).ended;
  }

  async folder(name: string): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), `shoal-${name}-`));
    this.#folders.push(folder);
    return folder;
  }

  async clear(): Promise<void> {
    for (const { process } of this.#programs) process.kill('SIGKILL');
    await Promise.all(this.#programs.map(({ ended }) => ended));
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}
