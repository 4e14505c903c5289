/**
 * The children of one incarnation, in the order they were spawned, and what becomes of them when one fails.
 * A failed child and those its failure takes along are `due`: halted at once, ended last to first, started
 * first to last. One loop per group does that; failures that come meanwhile only add to what is due.
 */
import type { ActorDefinition, AnyRef, ChildOptions, StopReason, Supervision } from './actor.ts';
import { Cell, type Keeper } from './cell.ts';
import { toError } from './errors.ts';
import { defaultMaxRestarts, defaultRestartWindowMs } from './limits.ts';
import { ChildNames } from './child-names.ts';
import { LocalRef } from './local-ref.ts';
import { Repair } from './repair.ts';
import { BackoffDelay, RestartBudget } from './restarts.ts';

const defaultSupervision: Supervision = {
  strategy: 'one-for-one',
  maxRestarts: defaultMaxRestarts,
  withinMs: defaultRestartWindowMs,
};

interface Child {
  readonly cell: Cell;
  readonly repair: Repair;
  readonly backoff: BackoffDelay | undefined;
}

export class Children implements Keeper {
  readonly #owner: Cell;
  readonly #strategy: Supervision['strategy'];
  readonly #budget: RestartBudget;
  readonly #shared: Repair | undefined;
  readonly #names: ChildNames;
  readonly #children = new Map<Cell, Child>();
  #starting: Promise<void> | undefined = Promise.resolve();
  #open = true;

  constructor(owner: Cell) {
    const { strategy, maxRestarts, withinMs } =
      owner.spec.definition.options.supervision ?? defaultSupervision;
    this.#owner = owner;
    this.#strategy = strategy;
    this.#names = new ChildNames(owner.path, owner.kernel.cells);
    this.#budget = new RestartBudget(maxRestarts, withinMs);
    this.#shared = strategy === 'one-for-one' ? undefined : this.#newRepair();
  }

  spawn(definition: ActorDefinition<unknown, unknown>, args: unknown, options: ChildOptions): LocalRef {
    const { kernel } = this.#owner;
    const path = this.#names.pathFor(definition.name, options.name);
    const cell = new Cell(kernel, this, { path, definition, args, options });
    this.#children.set(cell, {
      cell,
      repair: this.#shared ?? this.#newRepair(),
      backoff: options.backoff === undefined ? undefined : new BackoffDelay(options.backoff, kernel.random),
    });
    if (this.#starting === undefined) this.#startLate(cell);
    else {
      this.#starting = this.#startNext(this.#starting, cell);
      this.#starting.catch(() => {});
    }
    return cell.ref;
  }

  /** Resolves when those spawned so far are up, one after the other; what is spawned later starts at once. */
  async up(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#starting;) {
      last = this.#starting;
      await last;
    }
    this.#starting = undefined;
  }

  stopChild(child: AnyRef): void {
    const cell = LocalRef.cellOf(child);
    if (cell === undefined) throw new Error(`${child.path} is not a child of ${this.#owner.path}`);
    if (this.#children.has(cell)) void cell.stop({ kind: 'shutdown' });
    else if (cell.status !== 'stopped')
      throw new Error(`${child.path} is not a child of ${this.#owner.path}`);
  }

  failed(cell: Cell, error: Error): void {
    if (!this.#open) return;
    if (cell.spec.options.restart === 'temporary') void cell.stop({ kind: 'failed', error });
    else this.#restart(cell, error);
  }

  finished(cell: Cell): void {
    if (!this.#open) return;
    if ((cell.spec.options.restart ?? 'permanent') === 'permanent') this.#restart(cell, undefined);
    else void cell.stop({ kind: 'normal' });
  }

  ended(cell: Cell): void {
    this.#children.get(cell)?.repair.drop(cell);
    this.#children.delete(cell);
  }

  /** Ends them all, last to first. */
  async stop(): Promise<void> {
    this.#open = false;
    this.#shared?.close();
    for (const { repair } of this.#children.values()) repair.close();
    for (const { cell } of [...this.#children.values()].toReversed()) await cell.stop({ kind: 'shutdown' });
  }

  #restart(cell: Cell, error: Error | undefined): void {
    const child = this.#children.get(cell);
    if (child === undefined) return;
    const now = this.#owner.kernel.clock.now();
    if (!this.#budget.spend(now)) {
      const cause = error ?? new Error(`${cell.path} ended`);
      this.#owner.fail(new Error(`${cell.path} ended too often: ${cause.message}`, { cause }));
      return;
    }
    const notBefore = now + (child.backoff?.next(now - cell.upSince) ?? 0);
    const affected = new Map<Cell, StopReason>([
      [cell, error === undefined ? { kind: 'normal' } : { kind: 'failed', error }],
    ]);
    for (const other of this.#takenAlong(cell)) affected.set(other, { kind: 'shutdown' });
    child.repair.add(affected, notBefore);
  }

  #takenAlong(failed: Cell): Cell[] {
    // A sibling that has not begun to start yet will find things mended, or wait with the rest.
    const cells = [...this.#children.keys()].filter((cell) => cell === failed || cell.embodied);
    switch (this.#strategy) {
      case 'one-for-one':
        return [];
      case 'rest-for-one':
        return cells.slice(cells.indexOf(failed) + 1);
      case 'one-for-all':
        return cells.filter((cell) => cell !== failed);
    }
  }

  #newRepair(): Repair {
    return new Repair(
      this.#owner.kernel.clock,
      () => this.#children.keys(),
      (cell, error) => this.failed(cell, error),
    );
  }

  async #startNext(previous: Promise<void>, cell: Cell): Promise<void> {
    await previous;
    if (!this.#open) return;
    try {
      await cell.start();
    } catch (error) {
      cell.noteFailure(toError(error));
      throw error;
    }
  }

  #startLate(cell: Cell): void {
    cell.start().catch((thrown: unknown) => {
      const error = toError(thrown);
      cell.noteFailure(error);
      this.failed(cell, error);
    });
  }
}
