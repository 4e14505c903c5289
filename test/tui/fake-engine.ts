/** An engine that says what it is told to, and keeps what it was asked. */
import type {
  EngineClient,
  EngineCommand,
  EngineEvent,
  EngineSnapshot,
} from '../../src/core/engine/engine-api.ts';
import { engineSnapshot } from '../helpers/views.ts';

type Answers = {
  readonly [Type in EngineCommand['type']]?: (
    command: Extract<EngineCommand, { readonly type: Type }>,
  ) => readonly EngineEvent[];
};

export interface FakeEngineOptions {
  /** What it answers to a `snapshot`. */
  readonly snapshot?: Partial<EngineSnapshot>;
  /** Answers to other commands, given at once. */
  readonly answers?: Answers;
}

export class FakeEngine implements EngineClient {
  readonly commands: EngineCommand[] = [];
  readonly ended: Promise<number>;
  readonly #end: (code: number) => void;
  readonly #options: FakeEngineOptions;
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  constructor(options: FakeEngineOptions = {}) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<number>();
    this.ended = promise;
    this.#end = resolve;
  }

  send(command: EngineCommand): void {
    this.commands.push(command);
    if (command.type === 'snapshot') {
      const value = engineSnapshot(this.#options.snapshot);
      this.emit({ type: 'answer-snapshot', requestId: command.requestId, answer: { ok: true, value } });
    }
    const answer = this.#options.answers?.[command.type] as
      ((asked: EngineCommand) => readonly EngineEvent[]) | undefined;
    for (const event of answer?.(command) ?? []) this.emit(event);
  }

  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The engine says something. */
  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  end(code: number): void {
    this.#end(code);
  }

  /** What was asked, one kind of it. */
  asked<Type extends EngineCommand['type']>(
    type: Type,
  ): readonly Extract<EngineCommand, { readonly type: Type }>[] {
    return this.commands.filter(
      (command): command is Extract<EngineCommand, { readonly type: Type }> => command.type === type,
    );
  }
}
