/** The figures of the screen, each taken from the outside: processor time, memory, frames and bytes of the process. */
import { residentMiB, usageOf } from '../harness/processes.ts';
import { median } from '../harness/race.ts';
import type { Scene } from '../harness/scene.ts';
import type { TerminalProgram } from '../../test/pty/program.ts';
import { attach, forget, pass, type ScriptedEngine } from './stage.ts';

/** A program that has just started compiles what it runs; that is not what it costs for the rest of the day. */
const settleMs = 10_000;

export interface Drawing {
  /** Of one processor. */
  readonly cpuPercent: number;
  readonly framesPerSecond: number;
  readonly medianFrameBytes: number;
  readonly mostFrameBytes: number;
}

/** How the program draws while so many downloads move, none of its keys pressed. */
export async function drawing(
  terminal: TerminalProgram,
  engine: ScriptedEngine,
  active: number,
  seconds: number,
): Promise<Drawing> {
  await engine.move(active);
  await pass(terminal, settleMs);
  const before = usageOf(terminal.pid).cpuSeconds;
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const cpuSeconds = usageOf(terminal.pid).cpuSeconds - before;
  const elapsedSeconds = (performance.now() - startMs) / 1000;
  const bytes = terminal.emulator.frames.map((frame) => frame.bytes);
  forget(terminal);
  return {
    cpuPercent: (100 * cpuSeconds) / elapsedSeconds,
    framesPerSecond: bytes.length / elapsedSeconds,
    medianFrameBytes: bytes.length === 0 ? 0 : median(bytes),
    mostFrameBytes: Math.max(0, ...bytes),
  };
}

/** Milliseconds from a key to its row under the cursor, each key at another moment of the program's beat. */
export async function keyToPaint(terminal: TerminalProgram, presses: number): Promise<readonly number[]> {
  const cursorRow = (): number => terminal.lines.findIndex((line) => line.startsWith('>'));
  const took: number[] = [];
  for (let press = 0; press < presses; press++) {
    await new Promise((resolve) => setTimeout(resolve, 40 + ((press * 37) % 97)));
    const down = Math.floor(press / 10) % 2 === 0;
    const wanted = cursorRow() + (down ? 1 : -1);
    const startMs = performance.now();
    terminal.press(down ? 'j' : 'k');
    await terminal.waitFor(() => cursorRow() === wanted, 'the cursor to move');
    took.push(performance.now() - startMs);
    forget(terminal);
  }
  return took;
}

/** Milliseconds from a key in the filter to a page of nothing but rows that match it. */
export async function filterToPage(
  terminal: TerminalProgram,
  texts: readonly string[],
): Promise<readonly number[]> {
  const took: number[] = [];
  for (const text of texts) {
    terminal.press('f');
    await terminal.waitFor('filter:');
    for (let length = 1; length <= text.length; length++) {
      await new Promise((resolve) => setTimeout(resolve, 150));
      const typed = text.slice(0, length);
      const startMs = performance.now();
      terminal.press(typed.slice(-1));
      await terminal.waitFor(() => pageMatches(terminal.lines, typed), `the rows with ${typed}`);
      took.push(performance.now() - startMs);
    }
    terminal.press('ctrl-u');
    terminal.press('enter');
    await terminal.waitFor(() => !terminal.text.includes('filter:'), 'the filter to be taken away');
    forget(terminal);
  }
  return took;
}

const resultRow = /\d{6}\.(?:mkv|flac|pdf|tar\.zst|mp4)/;

function pageMatches(lines: readonly string[], typed: string): boolean {
  const rows = lines.filter((line) => resultRow.test(line));
  return rows.length > 10 && rows.every((line) => line.toLowerCase().includes(typed));
}

export interface Start {
  /** From the start of the command to its first frame with what the engine knows. */
  readonly ms: number;
  readonly cpuSeconds: number;
}

export async function firstFrames(
  scene: Scene,
  engine: ScriptedEngine,
  rounds: number,
): Promise<readonly Start[]> {
  const starts: Start[] = [];
  for (let round = 0; round <= rounds; round++) {
    const startMs = performance.now();
    const terminal = attach(scene, engine);
    await terminal.waitFor('1 Search');
    const ms = performance.now() - startMs;
    const { cpuSeconds } = usageOf(terminal.pid);
    // The first one fills the cache of compiled code.
    if (round > 0) starts.push({ ms, cpuSeconds });
    await terminal.clear();
  }
  return starts;
}

export interface Memory {
  readonly afterMiB: number;
  readonly peakMiB: number;
  /** From the second half of the frames. */
  readonly growthMiBPerThousandFrames: number;
  readonly frames: number;
}

/** Keys as fast as they are drawn, while downloads move, until so many frames have been drawn. */
export async function memoryOver(terminal: TerminalProgram, frames: number): Promise<Memory> {
  const samples: { readonly frame: number; readonly mib: number }[] = [];
  let drawn = 0;
  let press = 0;
  while (drawn < frames) {
    terminal.press(Math.floor(press / 15) % 2 === 0 ? 'j' : 'k');
    press += 1;
    await terminal.waitFor(() => terminal.emulator.frames.length > 0, 'a frame');
    drawn += terminal.emulator.frames.length;
    forget(terminal);
    if (drawn >= samples.length * 100) samples.push({ frame: drawn, mib: residentMiB(terminal.pid) });
  }
  const second = samples.filter(({ frame }) => frame > frames / 2);
  return {
    afterMiB: samples.at(-1)?.mib ?? 0,
    peakMiB: usageOf(terminal.pid).peakMiB,
    growthMiBPerThousandFrames: 1000 * slope(second.map(({ frame, mib }) => [frame, mib])),
    frames: drawn,
  };
}

/** Of the line of least squares through points. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean(([x, y]) => (x - meanX) * (y - meanY)) / mean(([x]) => (x - meanX) ** 2);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
