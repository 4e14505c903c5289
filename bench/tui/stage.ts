/** The real program at one end, drawn into an emulator, and the scripted engine at the other, each a process. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { TerminalProgram } from '../../test/pty/program.ts';
import type { Scene } from '../harness/scene.ts';

export const terminalSize = { columns: 160, rows: 48 } as const;

export class ScriptedEngine {
  readonly home: string;
  readonly #child: ChildProcess;

  private constructor(home: string, child: ChildProcess) {
    this.home = home;
    this.#child = child;
  }

  static async start(scene: Scene, transfers: number, results: number): Promise<ScriptedEngine> {
    const home = scene.path('engine-home');
    const script = path.join(import.meta.dirname, 'scripted-engine.ts');
    const child = scene.keep(fork(script, [home, String(transfers), String(results)]));
    await once(child, 'message');
    return new ScriptedEngine(home, child);
  }

  /** From now on so many downloads move. */
  async move(active: number): Promise<void> {
    const told = once(this.#child, 'message');
    this.#child.send({ active });
    await told;
  }
}

/** The screen on the engine, as `shoal attach` opens it. */
export function attach(scene: Scene, engine: ScriptedEngine): TerminalProgram {
  return new TerminalProgram(['attach', '--home', engine.home], {
    ...terminalSize,
    folder: scene.makeFolder('terminal'),
  });
}

/** The screen of downloads, once it draws them. */
export async function attachToTransfers(scene: Scene, engine: ScriptedEngine): Promise<TerminalProgram> {
  const terminal = attach(scene, engine);
  await terminal.waitFor('2 Transfers 6');
  terminal.press('2');
  await terminal.waitFor('[Downloads');
  await terminal.waitFor('000001');
  return terminal;
}

/** Lets so much time pass while the program is watched, and lets go of what was drawn. */
export async function pass(terminal: TerminalProgram, ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  forget(terminal);
}

/** An emulator keeps all it has seen, which is much in the end. */
export function forget({ emulator }: TerminalProgram): void {
  emulator.forgetFrames();
  emulator.raw = '';
}
