/** Files and folders of a disk in memory: as they look, and what of that has come to the disk. */

export interface File {
  readonly kind: 'file';
  readonly ino: bigint;
  bytes: Buffer;
  mtimeNs: bigint;
  /** As it is on the disk. */
  stable: Buffer;
  stableNs: bigint;
  /** Written since the last flush, in order; a number is a new size. */
  pending: ({ readonly at: number; readonly bytes: Buffer } | number)[];
}

export interface Folder {
  readonly kind: 'folder';
  readonly ino: bigint;
  entries: Map<string, Node>;
  stable: Map<string, Node>;
  /** Each: names that change together. */
  pending: (readonly (readonly [string, Node | undefined])[])[];
}

export type Node = File | Folder;

export function newFolder(ino: bigint): Folder {
  return { kind: 'folder', ino, entries: new Map(), stable: new Map(), pending: [] };
}

export function flush(file: File): void {
  for (const change of file.pending) apply(file, change);
  file.pending = [];
  file.stableNs = file.mtimeNs;
}

function apply(file: File, change: File['pending'][number]): void {
  if (typeof change === 'number') file.stable = resized(file.stable, change);
  else {
    if (change.at + change.bytes.length > file.stable.length)
      file.stable = resized(file.stable, change.at + change.bytes.length);
    change.bytes.copy(file.stable, change.at);
  }
}

export function* nodesBelow(folder: Folder): Generator<Node> {
  yield folder;
  for (const entry of new Set(folder.entries.values()))
    if (entry.kind === 'folder') yield* nodesBelow(entry);
    else yield entry;
}

/** Of what is not on the disk only these changes come to it. */
export function flushSome(node: Node, changes: ReadonlySet<unknown>): void {
  if (node.kind === 'file') {
    for (const change of node.pending) if (changes.has(change)) apply(node, change);
    node.pending = node.pending.filter((change) => !changes.has(change));
    return;
  }
  for (const names of node.pending) if (changes.has(names)) rename(node, names);
  node.pending = node.pending.filter((names) => !changes.has(names));
}

function rename(folder: Folder, names: Folder['pending'][number]): void {
  for (const [name, entry] of names)
    if (entry) folder.stable.set(name, entry);
    else folder.stable.delete(name);
}

/** Of what was not flushed all, nothing or any part has come to the disk. */
export function settle(node: Node, random: () => number): void {
  const mood = random();
  const survives = (): boolean => (mood < 0.2 ? false : mood < 0.4 ? true : random() < 0.5);
  if (node.kind === 'file') {
    for (const change of node.pending) if (survives()) apply(node, change);
    if (node.pending.length > 0 && random() < 0.5) node.stableNs = node.mtimeNs;
    node.pending = [];
    node.bytes = Buffer.from(node.stable);
    node.mtimeNs = node.stableNs;
    return;
  }
  for (const changes of node.pending) if (survives()) rename(node, changes);
  node.pending = [];
  node.entries = new Map(node.stable);
  for (const entry of new Set(node.entries.values())) settle(entry, random);
}

export function resized(bytes: Buffer, size: number): Buffer {
  const other = Buffer.alloc(size);
  bytes.copy(other);
  return other;
}
