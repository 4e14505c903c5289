/** How downloads are reported on a terminal: a bar for each that is under way, a line that stays for each that ended. */
import { barsEveryMs } from '../core/limits.ts';
import type { OutputStream } from './ports.ts';
import { displayName } from '../core/safe-name.ts';
import { progressRows } from '../tui/progress-rows.ts';
import type { ProgressScreen } from '../tui/progress-screen.tsx';
import type { DownloadOutcome, DownloadReporter, Progress } from './downloads.ts';
import { doneLine, failedLine } from './get-reporters.ts';
import type { WantedFile } from './get-target.ts';

export class BarsReporter implements DownloadReporter {
  readonly #base: string;
  readonly #open: () => ProgressScreen;
  readonly #terminal: OutputStream;
  /** By the file's key, folders by their transfer. */
  readonly #under = new Map<string | number, Progress>();
  /** How many files the folders have, as far as they have been listed. */
  readonly #filesOf = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #screen: ProgressScreen | undefined;
  #closed: Promise<void> | undefined;
  #files = 0;
  #ended = 0;

  /** `open` is called when there is something to show, and not before. */
  constructor(open: () => ProgressScreen, terminal: OutputStream, base: string) {
    this.#base = base;
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
      this.#opened()?.print(displayName(outcome.ok ? doneLine(outcome, this.#base) : failedLine(outcome)));
    }
  }

  folderOver(transfer: number): void {
    this.#under.delete(transfer);
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
    this.#closed ??= this.#screen?.close() ?? Promise.resolve();
    return this.#closed;
  }

  /** Undefined once closed: what comes late has nowhere to go. */
  #opened(): ProgressScreen | undefined {
    if (this.#closed === undefined) this.#screen ??= this.#open();
    return this.#closed === undefined ? this.#screen : undefined;
  }
}

/** One file has one place. */
const keyOf = ({ target: { id, folders, name } }: WantedFile): string => [id, ...folders, name].join('/');
