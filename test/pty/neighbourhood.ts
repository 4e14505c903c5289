/** A tracker, peers that share, and terminals in which the program runs beside them: gone when the test is. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Stage, type Program } from '../system/program.ts';
import { TerminalProgram, type TerminalOptions } from './program.ts';

export interface Neighbour {
  readonly program: Program;
  /** What it shares. */
  readonly folder: string;
}

export class Neighbourhood {
  readonly #stage = new Stage();
  readonly #terminals: TerminalProgram[] = [];
  #address = '';

  /** With its tracker running. */
  static async open(): Promise<Neighbourhood> {
    const neighbourhood = new Neighbourhood();
    const stage = neighbourhood.#stage;
    const data = await stage.folder('tracker');
    const tracker = stage.start(['tracker', '--json', '--port', '0', '--data', data]);
    try {
      const { port } = await tracker.event('listening');
      neighbourhood.#address = `127.0.0.1:${String(port)}`;
      return neighbourhood;
    } catch (error) {
      await neighbourhood.clear();
      throw error;
    }
  }

  /** Of the tracker, as `--tracker` takes it. */
  get address(): string {
    return this.#address;
  }

  folder(name: string): Promise<string> {
    return this.#stage.folder(name);
  }

  /** A peer with these files, by path; resolves when the tracker knows all of them. */
  async sharing(
    name: string,
    files: Readonly<Record<string, Uint8Array>>,
    ...flags: readonly string[]
  ): Promise<Neighbour> {
    // Shared under a name that is the same in each run.
    const folder = path.join(await this.#stage.folder(name), name);
    await mkdir(folder);
    for (const [file, bytes] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), bytes);
    }
    const program = this.#stage.start([
      'peer',
      '--json',
      '--no-tui',
      ...['--name', name, '--home', await this.#stage.folder(`${name}-home`), '--tracker', this.#address],
      ...['--share', folder, '--downloads', folder, '--embedded-tracker', 'off'],
      ...flags,
    ]);
    const count = Object.keys(files).length;
    await program.line(
      (line) => line['event'] === 'registered' && line['files'] === count,
      `'registered' with ${count} files`,
    );
    return { program, folder };
  }

  /** The program in a terminal of its own, with a home of its own unless told. */
  async terminal(args: readonly string[], options: Partial<TerminalOptions> = {}): Promise<TerminalProgram> {
    const folder = options.folder ?? (await this.#stage.folder('terminal'));
    const terminal = new TerminalProgram(args, { ...options, folder });
    this.#terminals.push(terminal);
    return terminal;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#terminals.map((terminal) => terminal.clear()));
    await this.#stage.clear();
  }
}
