/** Brings back what is due: everything ended last to first, then a wait if there is one, then first to last. */
import type { StopReason } from './actor.ts';
import type { Cell } from './cell.ts';
import type { Clock } from './clock.ts';
import { toError } from './errors.ts';

interface Due {
  readonly reason: StopReason;
  readonly notBefore: number;
}

export class Repair {
  readonly #clock: Clock;
  readonly #order: () => Iterable<Cell>;
  readonly #failed: (cell: Cell, error: Error) => void;
  readonly #due = new Map<Cell, Due>();
  #open = true;
  #busy = false;
  #wake: (() => void) | undefined;

  /** `order` gives the siblings first to last; `failed` is told of a start that failed. */
  constructor(clock: Clock, order: () => Iterable<Cell>, failed: (cell: Cell, error: Error) => void) {
    this.#clock = clock;
    this.#order = order;
    this.#failed = failed;
  }

  /** Halts these cells at once and restarts them, not before the time given. */
  add(cells: ReadonlyMap<Cell, StopReason>, notBefore: number): void {
    if (!this.#open) return;
    for (const [cell, reason] of cells) {
      if (cell.status === 'stopping' || cell.status === 'stopped') continue;
      cell.halt('restarting');
      const known = this.#due.get(cell);
      this.#due.set(cell, {
        reason: known?.reason ?? reason,
        notBefore: Math.max(notBefore, known?.notBefore ?? notBefore),
      });
    }
    this.#wake?.();
    if (!this.#busy) void this.#run();
  }

  drop(cell: Cell): void {
    this.#due.delete(cell);
    this.#wake?.();
  }

  /** Does nothing more; whoever closes it ends the cells. */
  close(): void {
    this.#open = false;
    this.#due.clear();
    this.#wake?.();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#open && this.#due.size > 0) await this.#step();
    this.#busy = false;
  }

  async #step(): Promise<void> {
    const due = [...this.#order()].filter((cell) => this.#due.has(cell));
    const [first] = due;
    if (first === undefined) return this.#due.clear();
    const embodied = due.findLast((cell) => cell.embodied);
    if (embodied !== undefined) return this.#end(embodied);
    const waitMs = Math.max(...due.map((cell) => this.#due.get(cell)?.notBefore ?? 0)) - this.#clock.now();
    if (waitMs > 0) return this.#sleep(waitMs);
    this.#due.delete(first);
    first.restarts += 1;
    try {
      await first.start();
    } catch (thrown) {
      const error = toError(thrown);
      first.noteFailure(error);
      this.#failed(first, error);
    }
  }

  async #end(cell: Cell): Promise<void> {
    const reason = this.#due.get(cell)?.reason ?? { kind: 'shutdown' };
    if (cell.spec.options.restart === 'temporary') await cell.stop(reason);
    else await cell.end(reason);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#clock.after(ms, done);
      this.#wake = done;
    });
  }
}
