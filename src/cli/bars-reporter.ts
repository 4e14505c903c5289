/** How downloads are reported on a terminal: a bar for each that is under way, a line that stays for each that ended. */
import { barsEveryMs } from '../core/limits.ts';
import type { OutputStream } from './ports.ts';
import { displayName } from '../core/safe-name.ts';
import { progressRows } from '../tui/progress-rows.ts';
import type { ProgressScreen } from '../tui/progress-screen.tsx';
import type { DownloadOutcome, DownloadReporter, Progress } from './downloads.ts';
import { doneLine, failedLine } from './get-reporters.ts';

export class BarsReporter implements DownloadReporter {
  readonly #screen: ProgressScreen;
  readonly #terminal: OutputStream;
  readonly #under = new Map<number, Progress>();
  readonly #timer: NodeJS.Timeout;
  #files = 0;
  #ended = 0;

  constructor(screen: ProgressScreen, terminal: OutputStream) {
    this.#screen = screen;
    this.#terminal = terminal;
    this.#timer = setInterval(() => this.draw(), barsEveryMs);
  }

  begin(files: number): void {
    this.#files = files;
  }

  progress(progress: Progress): void {
    this.#under.set(progress.view.transfer, progress);
  }

  outcome(outcome: DownloadOutcome): void {
    this.#ended += 1;
    for (const [transfer, { file }] of this.#under) if (file === outcome.file) this.#under.delete(transfer);
    this.#screen.print(displayName(outcome.ok ? doneLine(outcome) : failedLine(outcome)));
  }

  /** Redraws the block. Called by its own timer; by tests instead of it. */
  draw(): void {
    const under = [...this.#under.values()];
    const totals = {
      files: this.#files,
      ended: this.#ended,
      bytesPerSecond: under.reduce((sum, { bytesPerSecond }) => sum + bytesPerSecond, 0),
    };
    // Some pseudo-terminals say they have no size.
    const columns = this.#terminal.columns || 80;
    const rows = this.#terminal.rows || 24;
    this.#screen.show(progressRows(under, totals, columns, rows));
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#screen.close();
  }
}
