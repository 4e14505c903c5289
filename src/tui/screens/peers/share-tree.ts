/**
 * What a peer shares as a tree of which branches are open or closed. Invariant: the table holds exactly the entries
 * whose folders are all open; what has been listed once is kept until it has been listed anew.
 */
import type { ListEntry, VirtualPath } from '../../../core/catalogue.ts';
import { maxBrowsedEntries } from '../../../core/limits/screen.ts';
import { Table } from '../../model/table.ts';

export interface TreeRow {
  readonly entry: ListEntry;
  readonly depth: number;
  readonly state: 'file' | 'closed' | 'opening' | 'open';
  /** Sorts rows as a tree: folders before files, by name. */
  readonly order: string;
}

type FolderState = 'closed' | 'opening' | 'open';

export class ShareTree {
  readonly table = new Table<TreeRow>();
  readonly #children = new Map<VirtualPath, readonly ListEntry[]>();
  readonly #states = new Map<VirtualPath, FolderState>();
  /** What has come so far of lists that take the place of earlier ones. */
  readonly #renewed = new Map<VirtualPath, ListEntry[]>();
  #entries = 0;

  /** Whether all of its first folder is there. */
  get isListed(): boolean {
    return this.#states.get('/') === 'open';
  }

  /** Whether there is more than is kept. */
  get isFull(): boolean {
    return this.#entries >= maxBrowsedEntries;
  }

  clear(): void {
    this.#children.clear();
    this.#states.clear();
    this.#renewed.clear();
    this.#entries = 0;
    this.table.clear();
  }

  /** Opens a folder. Returns whether its list has to be asked for. */
  open(path: VirtualPath): boolean {
    const known = this.#children.get(path);
    this.#setState(path, known === undefined ? 'opening' : 'open');
    if (known !== undefined) this.#show(known);
    return known === undefined;
  }

  close(path: VirtualPath): void {
    this.#setState(path, 'closed');
    for (const id of [...this.table.ids()]) if (isBelow(String(id), path)) this.table.delete(id);
  }

  /** A page of a folder's list. */
  add(path: VirtualPath, page: readonly ListEntry[], isLast: boolean): void {
    const room = Math.max(0, maxBrowsedEntries - this.#entries);
    const taken = page.slice(0, room);
    this.#entries += taken.length;
    this.#children.set(path, [...(this.#children.get(path) ?? []), ...taken]);
    if (isLast) this.#setState(path, 'open');
    if (this.#isShown(path)) this.#show(taken);
  }

  /** Forgets what is listed and not seen. Returns the folders that are open, each after the one that holds it. */
  forgetClosed(): readonly VirtualPath[] {
    this.#renewed.clear();
    for (const path of [...this.#children.keys()])
      if (!this.isOpen(path)) for (const child of this.#forget(path)) this.#remove(child.path);
    // Of a list that was on its way the rest is no longer awaited.
    for (const path of [...this.#states.keys()]) if (!this.isOpen(path)) this.#setState(path, 'closed');
    return [...this.#children.keys()].toSorted((one, other) => one.length - other.length);
  }

  /** Whether a folder is open and seen. */
  isOpen(path: VirtualPath): boolean {
    return this.#states.get(path) === 'open' && this.#isShown(path);
  }

  /** A page of a list that takes the place of the one there is, once all of it has come. */
  renew(path: VirtualPath, page: readonly ListEntry[], isLast: boolean): void {
    const renewed = this.#renewed.get(path) ?? [];
    this.#renewed.set(path, renewed);
    renewed.push(...page.slice(0, Math.max(0, maxBrowsedEntries - renewed.length)));
    if (!isLast) return;
    this.#renewed.delete(path);
    const isOpen = this.isOpen(path);
    const before = this.#forget(path);
    // Who has closed it meanwhile gets it anew with the next opening.
    if (!isOpen) return;
    const stays = new Set(renewed.map((entry) => entry.path));
    for (const entry of before) if (!stays.has(entry.path)) this.#remove(entry.path);
    this.add(path, renewed, true);
  }

  /** Its list could not be had. */
  fail(path: VirtualPath): void {
    this.#children.delete(path);
    this.#setState(path, 'closed');
  }

  /** An entry that is no longer there, with all that is below it. */
  #remove(path: VirtualPath): void {
    this.table.delete(path);
    for (const child of this.#forget(path)) this.#remove(child.path);
    this.#states.delete(path);
  }

  #forget(path: VirtualPath): readonly ListEntry[] {
    const children = this.#children.get(path) ?? [];
    this.#entries -= children.length;
    this.#children.delete(path);
    return children;
  }

  #show(entries: readonly ListEntry[]): void {
    for (const entry of entries) {
      this.table.set(entry.path, this.#row(entry));
      const children = this.#states.get(entry.path) === 'open' ? this.#children.get(entry.path) : undefined;
      if (children !== undefined) this.#show(children);
    }
  }

  #row(entry: ListEntry): TreeRow {
    const state = entry.kind === 'file' ? 'file' : (this.#states.get(entry.path) ?? 'closed');
    return { entry, depth: componentsOf(entry.path).length - 1, state, order: orderOf(entry.path) };
  }

  #setState(path: VirtualPath, state: FolderState): void {
    this.#states.set(path, state);
    const row = this.table.get(path);
    if (row !== undefined && row.state !== state) this.table.set(path, { ...row, state });
  }

  #isShown(path: VirtualPath): boolean {
    if (path === '/') return true;
    return this.#states.get(path) !== 'closed' && this.table.get(path) !== undefined;
  }
}

const componentsOf = (path: VirtualPath): readonly string[] => path.split('/').filter(Boolean);

const isBelow = (path: string, folder: VirtualPath): boolean => path !== folder && path.startsWith(folder);

/** Each component with a sign before it that puts folders first, and an end that sorts before any letter. */
function orderOf(path: VirtualPath): string {
  const components = componentsOf(path);
  const isFolder = path.endsWith('/');
  return components
    .map((name, at) => `${at < components.length - 1 || isFolder ? '0' : '1'}${name.toLowerCase()}\u0000`)
    .join('');
}
