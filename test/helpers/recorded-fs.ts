/**
 * The real `node:fs` of one folder, with all that changes it written down, to be done again on a disk that loses its
 * power. Only what the writer of trees asks for is there.
 */
import type { FileHandle } from 'node:fs/promises';
import * as realFs from 'node:fs';
import * as realPromises from 'node:fs/promises';
import type { FakeDisk } from './fake-disk.ts';

/** One change, as it is done on the other disk. */
export type Step = (fake: FakeDisk, state: Replay) => Promise<unknown> | void;

/** What lasts from step to step. */
export interface Replay {
  readonly open: Map<number, FileHandle>;
  readonly syncs: Map<number, () => void>;
  /** A disk without flushes says that it has flushed, and has not. */
  readonly flushes: boolean;
}

export class RecordedFs {
  readonly steps: Step[] = [];
  #lastOpened = 0;
  #lastSync = 0;
  readonly #opened = new Map<number, number>();

  /** For `node:fs`. */
  get fs(): Record<string, unknown> {
    const { steps } = this;
    const noted =
      (name: 'mkdir' | 'unlink') =>
      (file: string): void => {
        realFs[`${name}Sync`](file);
        steps.push((fake) => fake.disk[name](file));
      };
    const twoNames =
      (name: 'link' | 'rename') =>
      (from: string, to: string): void => {
        realFs[`${name}Sync`](from, to);
        steps.push((fake) => fake.disk[name](from, to));
      };
    return {
      ...realFs,
      mkdirSync: noted('mkdir'),
      unlinkSync: noted('unlink'),
      linkSync: twoNames('link'),
      renameSync: twoNames('rename'),
      rmSync: () => {
        throw new Error('Nothing is to be removed here');
      },
      openSync: (file: string, flags: string | number, mode?: number): number => {
        const fd = realFs.openSync(file, flags, mode);
        if (flags !== 'wx') return fd;
        const opened = ++this.#lastOpened;
        this.#opened.set(fd, opened);
        steps.push(async (fake, { open }) => open.set(opened, await fake.disk.open(file, 'wx')));
        return fd;
      },
      writeSync: (fd: number, bytes: Uint8Array, at: number, length: number, position: number): number => {
        const written = realFs.writeSync(fd, bytes, at, length, position);
        const [opened, copy] = [this.#opened.get(fd) ?? 0, Buffer.from(bytes.subarray(at, at + written))];
        steps.push((_fake, { open }) => open.get(opened)?.write(copy, 0, copy.length, position));
        return written;
      },
      closeSync: (fd: number): void => {
        this.#opened.delete(fd);
        realFs.closeSync(fd);
      },
    };
  }

  /** For `node:fs/promises`: single files are flushed. */
  get promises(): Record<string, unknown> {
    return {
      ...realPromises,
      open: async (file: string, flags: string) => {
        const handle = await realPromises.open(file, flags);
        return {
          datasync: async () => {
            await handle.datasync();
            this.steps.push(async (fake, { flushes }) => {
              if (flushes) await (await fake.disk.open(file, 'r+')).datasync();
            });
          },
          close: () => handle.close(),
        };
      },
    };
  }

  /** For `node:child_process`: `sync -f`. What is written meanwhile is not on the disk when it ends. */
  execFile(done: (error: null) => void): void {
    const sync = ++this.#lastSync;
    this.steps.push((fake, { syncs }) => void syncs.set(sync, fake.beginSync()));
    setImmediate(() => {
      this.steps.push((_fake, { syncs, flushes }) => {
        if (flushes) syncs.get(sync)?.();
      });
      done(null);
    });
  }

  /** The first so many steps once more. */
  async replay(fake: FakeDisk, count: number, flushes: boolean): Promise<void> {
    const state: Replay = { open: new Map(), syncs: new Map(), flushes };
    for (const step of this.steps.slice(0, count)) await step(fake, state);
  }
}
