/**
 * A disk in memory that can lose power: what was not flushed is then lost, all of it, none, or any part. Only what
 * unfinished downloads ask of a disk is there.
 */
import path from 'node:path';
import { realDisk, type Disk } from '../../src/profile/disk.ts';
import {
  flush,
  flushSome,
  newFolder,
  nodesBelow,
  resized,
  settle,
  type File,
  type Folder,
  type Node,
} from './fake-nodes.ts';

const pageBytes = 4096;

/** Thrown by everything from the moment the power is gone. Not a system error: nobody is there to handle it. */
export class PowerCut extends Error {}

export class FakeDisk {
  /** What is called when the next step is taken, by its number. */
  onStep: (step: number) => void = () => undefined;
  steps = 0;
  /** The code with which every flush of a file fails. What was written can be read back all the same. */
  flushFault: string | undefined;
  readonly #root: Folder = newFolder(1n);
  readonly #locks = new Set<string>();
  #lastIno = 1n;
  #clockNs = 1_000n;
  #isOff = false;

  /** The power is gone, and back: `random` gives [0, 1) and decides what has survived. */
  loseAndRegainPower(random: () => number): void {
    settle(this.#root, random);
    this.#locks.clear();
    this.#isOff = false;
  }

  turnOff(): void {
    this.#isOff = true;
  }

  /** Begins to flush all that there is; what is returned has it on the disk, as it was when that began. */
  beginSync(): () => void {
    const begun = [...nodesBelow(this.#root)].map((node) => [node, new Set<unknown>(node.pending)] as const);
    return () => {
      for (const [node, changes] of begun) flushSome(node, changes);
    };
  }

  /** The names of all files below a folder, with the folders that they are in. */
  filesBelow(folder: string): string[] {
    return this.list(folder).flatMap((name) => {
      const below = path.join(folder, name);
      return this.#find(below)?.kind === 'folder' ? this.filesBelow(below) : [below];
    });
  }

  /** Throws when there is no such file. */
  read(file: string): Buffer {
    const node = this.#find(file);
    if (node?.kind !== 'file') throw systemError('ENOENT');
    return node.bytes;
  }

  list(folder: string): string[] {
    const node = this.#find(folder);
    return node?.kind === 'folder' ? [...node.entries.keys()].toSorted() : [];
  }

  /** The part of `node:fs/promises` that is asked for, with its types. */
  readonly disk: Disk = {
    ...realDisk,
    copyFile: () => Promise.reject(systemError('ENOSYS')),
    link: (from, to) => this.#step(() => this.#link(String(from), String(to))),
    unlink: (file) => this.#step(() => this.#unlink(String(file))),
    lstat: ((file: string, options?: unknown) =>
      this.#step(() => this.#stat(file, options))) as Disk['lstat'],
    stat: ((file: string, options?: unknown) => this.#step(() => this.#stat(file, options))) as Disk['stat'],
    mkdir: ((folder: string) => this.#step(() => this.#mkdir(folder))) as Disk['mkdir'],
    open: ((file: string, flags: unknown) =>
      this.#step(() => this.#open(file, flags))) as unknown as Disk['open'],
    readFile: ((file: string) =>
      this.#step(() => Buffer.from(this.read(file)))) as unknown as Disk['readFile'],
    rename: (from, to) => this.#step(() => this.#rename(String(from), String(to))),
    rm: (file) =>
      this.#step(() => {
        if (this.#find(String(file))) this.#unlink(String(file));
      }),
    rmdir: ((folder: string) => this.#step(() => this.#rmdir(folder))) as Disk['rmdir'],
    syncFolder: (folder) =>
      this.#step(() => {
        const node = this.#folder(folder);
        node.stable = new Map(node.entries);
        node.pending = [];
      }),
    tryLock: (file) => {
      if (this.#isOff) throw new PowerCut();
      if (!this.#find(path.dirname(file))) throw systemError('ENOENT');
      if (this.#locks.has(file)) return undefined;
      this.#locks.add(file);
      return { release: () => void this.#locks.delete(file) };
    },
  };

  async #step<T>(act: () => T): Promise<T> {
    this.steps += 1;
    this.onStep(this.steps);
    if (this.#isOff) throw new PowerCut();
    return act();
  }

  #find(name: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const part of name.split('/').filter((each) => each !== '')) {
      if (node?.kind !== 'folder') return undefined;
      node = node.entries.get(part);
    }
    return node;
  }

  #folder(name: string): Folder {
    const node = this.#find(name);
    if (node?.kind !== 'folder') throw systemError('ENOENT');
    return node;
  }

  #change(folder: Folder, ...changes: [string, Node | undefined][]): void {
    for (const [name, node] of changes)
      if (node) folder.entries.set(name, node);
      else folder.entries.delete(name);
    folder.pending.push(changes);
  }

  #link(from: string, to: string): void {
    const node = this.#find(from);
    if (!node) throw systemError('ENOENT');
    if (this.#find(to)) throw systemError('EEXIST');
    this.#change(this.#folder(path.dirname(to)), [path.basename(to), node]);
  }

  #unlink(name: string): void {
    if (!this.#find(name)) throw systemError('ENOENT');
    this.#change(this.#folder(path.dirname(name)), [path.basename(name), undefined]);
  }

  #rename(from: string, to: string): void {
    const node = this.#find(from);
    if (!node) throw systemError('ENOENT');
    const [there, here] = [path.dirname(to), path.dirname(from)];
    const gone: [string, undefined] = [path.basename(from), undefined];
    if (here === there) return this.#change(this.#folder(there), [path.basename(to), node], gone);
    // No disk promises that both come to it at once.
    this.#change(this.#folder(there), [path.basename(to), node]);
    this.#change(this.#folder(here), gone);
  }

  #mkdir(name: string): undefined {
    if (this.#find(name)) throw systemError('EEXIST');
    this.#change(this.#folder(path.dirname(name)), [path.basename(name), newFolder((this.#lastIno += 1n))]);
  }

  #rmdir(name: string): void {
    if (this.#folder(name).entries.size > 0) throw systemError('ENOTEMPTY');
    this.#unlink(name);
  }

  #stat(name: string, options: unknown): unknown {
    const node = this.#find(name);
    if (!node) throw systemError('ENOENT');
    return statsOf(node, options);
  }

  #open(name: string, flags: unknown): unknown {
    const found = this.#find(name);
    const isNew = flags === 'wx' || flags === 'wx+';
    const makes = isNew || flags === 'w' || (typeof flags === 'number' && (flags & 0o100) !== 0);
    if (found && isNew) throw systemError('EEXIST');
    if (!found && !makes) throw systemError('ENOENT');
    if (found?.kind === 'folder') throw systemError('EISDIR');
    const file = found ?? this.#create(name);
    if (flags === 'w') this.#truncate(file, 0);
    return this.#handle(file);
  }

  #create(name: string): File {
    const empty = Buffer.alloc(0);
    const file: File = {
      kind: 'file',
      ino: (this.#lastIno += 1n),
      bytes: empty,
      stable: empty,
      mtimeNs: this.#clockNs,
      stableNs: this.#clockNs,
      pending: [],
    };
    this.#change(this.#folder(path.dirname(name)), [path.basename(name), file]);
    return file;
  }

  #truncate(file: File, size: number): void {
    if (size === file.bytes.length) return;
    file.bytes = resized(file.bytes, size);
    file.mtimeNs = this.#clockNs += 1n;
    file.pending.push(size);
  }

  #write(file: File, bytes: Uint8Array, at: number): void {
    if (at + bytes.length > file.bytes.length) this.#truncate(file, at + bytes.length);
    file.bytes.set(bytes, at);
    file.mtimeNs = this.#clockNs += 1n;
    for (let from = 0; from < bytes.length;) {
      const end = Math.min(bytes.length, from + pageBytes - ((at + from) % pageBytes));
      file.pending.push({ at: at + from, bytes: Buffer.from(bytes.subarray(from, end)) });
      from = end;
    }
  }

  #handle(file: File): unknown {
    return {
      stat: (options?: unknown) => this.#step(() => statsOf(file, options)),
      truncate: (size = 0) => this.#step(() => this.#truncate(file, size)),
      read: (into: Buffer, offset: number, length: number, at: number) =>
        this.#step(() => ({ bytesRead: file.bytes.copy(into, offset, at, at + length) })),
      write: (bytes: Buffer, offset: number, length: number, at: number) =>
        this.#step(() => this.#write(file, bytes.subarray(offset, offset + length), at)),
      writeFile: (bytes: Buffer) => this.#step(() => this.#write(file, bytes, 0)),
      datasync: () =>
        this.#step(() => {
          if (this.flushFault !== undefined) throw systemError(this.flushFault);
          flush(file);
        }),
      close: async () => undefined,
    };
  }
}

function statsOf(node: Node, options: unknown): unknown {
  const isFile = node.kind === 'file';
  const size = isFile ? node.bytes.length : 0;
  const kind = { isFile: () => isFile, isDirectory: () => !isFile };
  const mtimeNs = isFile ? node.mtimeNs : 0n;
  return (options as { bigint?: boolean } | undefined)?.bigint === true
    ? { ...kind, dev: 1n, ino: node.ino, size: BigInt(size), mtimeNs, ctimeNs: mtimeNs }
    : { ...kind, size, blocks: Math.ceil(size / 512) };
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
