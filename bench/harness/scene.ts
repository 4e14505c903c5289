/**
 * What a bench works with: a folder of its own that is removed, programs that are ended, files with random bytes.
 */
import type { ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, freemem, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { installed } from './installed.ts';
import { started } from './processes.ts';

export class Scene {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'shoal-bench-'));
  readonly #children: ChildProcess[] = [];

  /** It is ended with the scene. */
  keep<Child extends ChildProcess>(child: Child): Child {
    this.#children.push(child);
    return child;
  }

  path(...names: readonly string[]): string {
    return path.join(this.folder, ...names);
  }

  makeFolder(...names: readonly string[]): string {
    const folder = this.path(...names);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  close(): void {
    for (const child of this.#children) child.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs a bench in a scene of its own. */
export async function withScene<T>(work: (scene: Scene) => Promise<T>): Promise<T> {
  const scene = new Scene();
  try {
    return await work(scene);
  } finally {
    scene.close();
  }
}

export function writeRandomFile(filePath: string, sizeBytes: number): void {
  const block = Buffer.alloc(Math.min(sizeBytes, 16 * 1024 * 1024));
  const file = openSync(filePath, 'w');
  for (let left = sizeBytes; left > 0;)
    left -= writeSync(file, randomFillSync(block), 0, Math.min(left, block.length));
  closeSync(file);
}

/**
 * For as long as the scene lasts: memory that is there at once. A virtual machine gives free memory back to its host
 * after two seconds, and getting it again costs several times what writing a file costs, which says nothing about
 * who is measured. Needs Python; without it nothing is done.
 */
export async function keepMemoryWarm(scene: Scene, bytes: number): Promise<void> {
  const wanted = Math.min(bytes, freemem() / 2);
  if (!installed('python3')) return;
  const script = path.join(import.meta.dirname, 'warm.py');
  const { child } = await started(
    'python3',
    [script, String(Math.floor(wanted))],
    ({ event }) => event === 'ready',
  );
  scene.keep(child);
}

/**
 * The same for the next moment only, and without Python: a copy made and deleted leaves whoever comes next warm pages.
 */
export function warmMemory(scene: Scene, source: string): void {
  const copy = scene.path('warm');
  copyFileSync(source, copy);
  rmSync(copy);
}

export function machine(): Readonly<Record<string, string | number>> {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? '',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
  };
}
