/** A small file system in memory, mounted for a test: for what only a real disk does when it is full or gone. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What it complains of comes with the error that is thrown. */
function run(command: 'mount' | 'umount', ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}

/** With these options and no others: those that it was mounted with by root of a namespace are refused there. */
function remount(path: string, options: string): void {
  run('mount', '--options-source', 'disable', '-o', `remount,${options}`, path);
}

/** Why none can be mounted, in words; empty when one can, undefined before that was tried. */
let refusal: string | undefined;

function tryOut(): string {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-mount-'));
  try {
    using disk = new SmallDisk(folder, 1);
    disk.remount('ro');
    return '';
  } catch {
    // Even root may not in many a container.
    return 'no file system may be mounted';
  } finally {
    rmdirSync(folder);
  }
}

export class SmallDisk implements Disposable {
  readonly path: string;

  /** `path` is an empty folder. */
  constructor(path: string, sizeMb: number) {
    this.path = path;
    this.mount(sizeMb);
  }

  /** Why there can be none here; undefined when there can. */
  static get missing(): string | undefined {
    if (process.platform !== 'linux') return 'file systems in memory are mounted on Linux only';
    refusal ??= tryOut();
    return refusal === '' ? undefined : refusal;
  }

  mount(sizeMb: number): void {
    run('mount', '-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', this.path);
  }

  /** `size=64m`, `ro`, `rw`. */
  remount(options: string): void {
    remount(this.path, options);
  }

  /** As when it is pulled out: what has files open there keeps them. */
  unmount(): void {
    run('umount', '-l', this.path);
  }

  [Symbol.dispose](): void {
    try {
      this.unmount();
    } catch {
      // It was unmounted by the test.
    }
  }
}
