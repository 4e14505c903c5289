/** A set of actor trees on one thread (and the threads it places actors on): starts roots, asks, looks in. */
import type {
  ActorDefinition,
  ActorPath,
  ActorRef,
  ActorSnapshot,
  Answer,
  AskFailure,
  Outcome,
  Question,
  SnapshotOf,
  StopReason,
} from './actor.ts';
import { Cell, type Keeper } from './cell.ts';
import { ChildNames } from './child-names.ts';
import type { DeadLetterCounts } from './dead-letters.ts';
import { toError } from './errors.ts';
import { ask } from './handle.ts';
import type { Kernel } from './kernel.ts';
import { newKernel, type SystemOptions } from './new-kernel.ts';
import { crash, fullSnapshot, kill } from './tree.ts';

/** A root actor and the tree under it. */
export interface Root<M> {
  readonly ref: ActorRef<M>;
  /** Resolves when the whole tree is up; rejects with the error when it failed to start. */
  readonly ready: Promise<void>;
  /** How it ended. `failed` when it could not start, failed itself or its restart budget was spent. */
  readonly done: Promise<StopReason>;
  /** Ends it gracefully, children last to first. */
  readonly stop: () => Promise<StopReason>;
}

export class ActorSystem implements Keeper {
  readonly #kernel: Kernel;
  readonly #names: ChildNames;
  readonly #roots = new Set<Cell>();

  constructor(options: SystemOptions = {}) {
    this.#kernel = newKernel(options);
    this.#names = new ChildNames('', this.#kernel.cells);
  }

  /** Starts a root. It is not restarted: when it fails, `done` says so and the process is to end. */
  start<M, A>(definition: ActorDefinition<M, A>, args: A): Root<M> {
    const path = this.#names.pathFor(definition.name, undefined);
    const erased = definition as ActorDefinition<unknown, unknown>;
    const cell = new Cell(this.#kernel, this, { path, definition: erased, args, options: {} });
    this.#roots.add(cell);
    const ready = this.#boot(cell);
    ready.catch(() => {});
    const done = new Promise<StopReason>((resolve) => cell.whenEnded(resolve));
    return { ref: cell.ref, ready, done, stop: () => cell.stop({ kind: 'shutdown' }) };
  }

  /** Asks an actor from outside the trees. */
  ask<M, const Q extends Question<M>>(
    ref: ActorRef<M>,
    question: Q,
    timeoutMs: number,
  ): Promise<Outcome<Answer<M, Q>, AskFailure>> {
    return new Promise((resolve) => {
      ask<Answer<M, Q>>(this.#kernel, '(outside)', ref, question, timeoutMs, resolve);
    });
  }

  /** The actors of this thread, parents before children. A placed actor is among them, its children are not. */
  snapshot(): ActorSnapshot[] {
    return Array.from(this.#kernel.cells.values(), (cell) => cell.snapshot());
  }

  /** The actors of this thread and of all under it; threads that do not answer in time are left out. */
  fullSnapshot(only: SnapshotOf = 'all'): Promise<ActorSnapshot[]> {
    return fullSnapshot(this.#kernel, only);
  }

  /** How many dead letters there were, by reason. */
  get deadLetters(): DeadLetterCounts {
    return this.#kernel.deadLetters.counts;
  }

  /** Whether no actor of this thread has anything to handle. */
  get idle(): boolean {
    return this.#kernel.scheduler.idle;
  }

  /** Makes the actor at `path` fail as though its handler had thrown. False when there is none. On whatever thread. For tests. */
  crash(path: ActorPath, error = new Error(`${path} was made to crash`)): boolean {
    return crash(this.#kernel, path, error);
  }

  /** Terminates the thread of the placed actor at `path` without a word. False when there is none. For tests. */
  kill(path: ActorPath): boolean {
    return kill(this.#kernel, path);
  }

  /** Ends all roots, the last started first. */
  async stop(): Promise<void> {
    for (const cell of [...this.#roots].toReversed()) await cell.stop({ kind: 'shutdown' });
  }

  failed(cell: Cell, error: Error): void {
    void cell.stop({ kind: 'failed', error });
  }

  finished(cell: Cell): void {
    void cell.stop({ kind: 'normal' });
  }

  ended(cell: Cell): void {
    this.#roots.delete(cell);
  }

  async #boot(cell: Cell): Promise<void> {
    try {
      await cell.start();
    } catch (thrown) {
      const error = toError(thrown);
      cell.noteFailure(error);
      void cell.stop({ kind: 'failed', error });
      throw error;
    }
    if (cell.status !== 'running') throw new Error(`${cell.path} was stopped while starting`);
  }
}
