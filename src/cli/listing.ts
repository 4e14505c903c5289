/**
 * Files and folders as `browse` and `list` print them: in the order in which people expect them as long as they are not
 * too many to wait for, the same for scripts. Invariant: every entry is printed once.
 */
import type { ListEntry } from '../core/catalogue.ts';
import { maxOrderedEntries, progressEveryMs } from '../core/limits/cli.ts';
import { inNaturalOrder } from '../core/search/natural-order.ts';
import { formatSize } from '../core/quantity.ts';
import type { CommandContext } from './command.ts';
import { counted } from './words.ts';

/** Entries that come page by page, in any mixture; on a terminal it says how many have come. */
export class Listing {
  count = 0;
  readonly #context: CommandContext;
  #held: ListEntry[] | undefined = [];
  #toldMs: number;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#toldMs = context.ports.now();
  }

  add(entries: readonly ListEntry[]): void {
    this.count += entries.length;
    if (!this.#held) return printEntries(this.#context, entries);
    for (const entry of entries) this.#held.push(entry);
    if (this.count > maxOrderedEntries) {
      this.#context.output.note(
        `More than ${maxOrderedEntries} files and folders: they are in the order of their bytes, folder by folder.`,
      );
      this.#print((held) => held);
    } else this.#tell();
  }

  end(): void {
    this.#print(inNaturalOrder);
  }

  #print(order: (held: readonly ListEntry[]) => readonly ListEntry[]): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    printEntries(this.#context, order(held));
  }

  #tell(): void {
    const { ports, output } = this.#context;
    const nowMs = ports.now();
    if (nowMs - this.#toldMs < progressEveryMs || ports.env['TERM'] === 'dumb') return;
    this.#toldMs = nowMs;
    output.status(`Listing: ${counted(this.count, 'entry', 'entries')} so far`);
  }
}

function printEntries({ output }: CommandContext, entries: readonly ListEntry[]): void {
  output.events(objectsOf(entries));
  for (let at = 0; at < entries.length; at += linesAtOnce)
    output.line(...entries.slice(at, at + linesAtOnce).map(lineOf));
}

/** So many fit a call. */
const linesAtOnce = 10_000;

function* objectsOf(entries: readonly ListEntry[]): Generator<object> {
  for (const entry of entries)
    yield entry.kind === 'folder'
      ? { path: entry.path, files: entry.files, size: entry.sizeBytes }
      : { path: entry.path, size: entry.sizeBytes, id: entry.id };
}

function lineOf(entry: ListEntry): string {
  const size = formatSize(entry.sizeBytes).padStart(9);
  return entry.kind === 'folder'
    ? `${size}  ${entry.path}  ${counted(entry.files, 'file')}`
    : `${size}  ${entry.path}  ${entry.id}`;
}
