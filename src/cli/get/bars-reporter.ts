/**
 * How downloads are reported on a terminal: a bar for each that is under way, a line that stays for each that ended. Of
 * more files than it has lines all share one bar, and only what failed leaves a line.
 */
import { barsEveryMs } from '../../core/limits/cli.ts';
import type { OutputStream } from '../peer/ports.ts';
import { displayName } from '../../core/safe-name.ts';
import { manyRow, progressRows } from '../../tui/progress-rows.ts';
import type { ProgressScreen } from '../../tui/progress-screen.tsx';
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
  /** What the folders have, as far as they have been listed. */
  readonly #folders = new Map<number, { readonly files: number; readonly sizeBytes: number }>();
  readonly #failures: FolderFailures;
  readonly #timer: NodeJS.Timeout;
  #screen: ProgressScreen | undefined;
  #closed: Promise<void> | undefined;
  #files = 0;
  #sizeBytes = 0;
  #ended = 0;
  #failed = 0;
  #endedBytes = 0;

  /** `open` is called when there is something to show, and not before. */
  constructor(open: () => ProgressScreen, terminal: OutputStream, base: string) {
    this.#base = base;
    this.#failures = new FolderFailures(base);
    this.#open = open;
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.draw(), barsEveryMs);
  }

  begin(files: number, sizeBytes: number): void {
    this.#files = files;
    this.#sizeBytes = sizeBytes;
  }

  progress(progress: Progress): void {
    const { view, file } = progress;
    if (!file && view.files)
      this.#folders.set(view.transfer, { files: view.files.total, sizeBytes: view.sizeBytes ?? 0 });
    this.#under.set(file ? keyOf(file) : view.transfer, progress);
  }

  outcome(...outcomes: readonly DownloadOutcome[]): void {
    for (const outcome of outcomes) {
      this.#ended += 1;
      this.#under.delete(keyOf(outcome.file));
      this.#endedBytes += (outcome.ok ? outcome.sizeBytes : outcome.file.sizeBytes) ?? 0;
      if (!outcome.ok) {
        this.#failed += 1;
        this.#print(...this.#failures.take([outcome]));
      } else if (!this.#areMany) this.#print(doneLine(outcome, this.#base));
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
    // What comes of a file of a folder comes of the folder.
    const whole = under.filter(({ file, view }) => !file || !this.#folders.has(view.transfer));
    const totals = {
      files: this.#allFiles,
      ended: this.#ended,
      bytesPerSecond: whole.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0),
    };
    const { columns, rows } = this.#size;
    this.#opened()?.show(
      this.#areMany
        ? [manyRow({ ...totals, ...this.#sums(under, whole) }, columns)]
        : progressRows(under, totals, columns, rows),
    );
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    this.#print(...this.#failures.lines());
    this.#closed ??= this.#screen?.close() ?? Promise.resolve();
    return this.#closed;
  }

  get #size(): { readonly columns: number; readonly rows: number } {
    // Some pseudo-terminals say they have no size.
    return { columns: this.#terminal.columns || 80, rows: this.#terminal.rows || 24 };
  }

  get #allFiles(): number {
    return [...this.#folders.values()].reduce((sum, { files }) => sum + files, this.#files);
  }

  /** Whether they are more than the terminal has lines, as far as is known. */
  get #areMany(): boolean {
    return Math.max(this.#allFiles, this.#ended) > this.#size.rows;
  }

  #sums(under: readonly Progress[], whole: readonly Progress[]) {
    const files = under.filter(({ file }) => file !== undefined);
    return {
      failed: this.#failed,
      doneBytes: files.reduce((sum, { view }) => sum + view.doneBytes, this.#endedBytes),
      sizeBytes: [...this.#folders.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, this.#sizeBytes),
      sample: whole[0]?.view,
    };
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
