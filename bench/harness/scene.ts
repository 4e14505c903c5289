/**
 * What a bench works with: a folder of its own that is removed, programs that are ended, files with random bytes.
 */
import type { ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';

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
 * Before each run: a virtual machine gives free memory back to its host after a few seconds, and getting it again
 * costs several times what writing a file costs. A copy made and deleted leaves everybody the same warm pages.
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
