/** How downloads are reported on a terminal: a bar for each that is under way, a line that stays for each that ended. */
import { barsEveryMs } from '../core/limits/cli.ts';
import type { OutputStream } from './ports.ts';
import { displayName } from '../core/safe-name.ts';
import { progressRows } from '../tui/progress-rows.ts';
import type { ProgressScreen } from '../tui/progress-screen.tsx';
import type { DownloadOutcome, DownloadReporter, Progress } from './downloads.ts';
import { FolderFailures } from './folder-failures.ts';
import { doneLine } from './outcome-lines.ts';
import type { WantedFile } from './get-target.ts';

export class BarsReporter implements DownloadReporter {
  readonly #base: string;
  readonly #open: () => ProgressScreen;
  readonly #terminal: OutputStream;
  /** By the file's key, folders by their transfer. */
  readonly #under = new Map<string | number, Progress>();
  /** How many files the folders have, as far as they have been listed. */
  readonly #filesOf = new Map<number, number>();
  readonly #failures: FolderFailures;
  readonly #timer: NodeJS.Timeout;
  #screen: ProgressScreen | undefined;
  #closed: Promise<void> | undefined;
  #files = 0;
  #ended = 0;

  /** `open` is called when there is something to show, and not before. */
  constructor(open: () => ProgressScreen, terminal: OutputStream, base: string) {
    this.#base = base;
    this.#failures = new FolderFailures(base);
    this.#open = open;
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.draw(), barsEveryMs);
  }

  begin(files: number): void {
    this.#files = files;
  }

  progress(progress: Progress): void {
    const { view, file } = progress;
    if (view.files) this.#filesOf.set(view.transfer, view.files.total);
    this.#under.set(file ? keyOf(file) : view.transfer, progress);
  }

  outcome(...outcomes: readonly DownloadOutcome[]): void {
    for (const outcome of outcomes) {
      this.#ended += 1;
      this.#under.delete(keyOf(outcome.file));
      this.#print(...(outcome.ok ? [doneLine(outcome, this.#base)] : this.#failures.take([outcome])));
    }
  }

  folderOver(transfer: number): void {
    this.#under.delete(transfer);
    this.#print(...this.#failures.lines());
  }

  /** Redraws the block. Called by its own timer; by tests instead of it. */
  draw(): void {
    const under = [...this.#under.values()];
    if (under.length === 0 && this.#screen === undefined) return;
    const totals = {
      files: [...this.#filesOf.values()].reduce((sum, files) => sum + files, this.#files),
      ended: this.#ended,
      bytesPerSecond: under.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0),
    };
    // Some pseudo-terminals say they have no size.
    const columns = this.#terminal.columns || 80;
    const rows = this.#terminal.rows || 24;
    this.#opened()?.show(progressRows(under, totals, columns, rows));
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    this.#print(...this.#failures.lines());
    this.#closed ??= this.#screen?.close() ?? Promise.resolve();
    return this.#closed;
  }

  #print(...lines: readonly string[]): void {
    for (const line of lines) this.#opened()?.print(displayName(line));
  }

  /** Undefined once closed: what comes late has nowhere to go. */
  #opened(): ProgressScreen | undefined {
    if (this.#closed === undefined) this.#screen ??= this.#open();
    return this.#closed === undefined ? this.#screen : undefined;
  }
}

/** One file has one place. */
const keyOf = ({ target: { id, folders, name } }: WantedFile): string => [id, ...folders, name].join('/');
