/**
 * When to stop: the first signal, or a stdout that nobody reads any more, asks for a graceful end; a second
 * signal ends at once. Invariant: `signal` is aborted once, and `cause` says why from then on.
 */
import { exitCode } from '../exit-codes.ts';
import type { CliPorts, StopSignal } from './ports.ts';

export type StopCause = StopSignal | 'closed-output';

export class Stop {
  readonly signal: AbortSignal;
  /** Settles at the first reason to stop. */
  readonly requested: Promise<StopCause>;
  /** Settles at the second signal, after the clean-ups that cannot wait. */
  readonly forced: Promise<number>;
  /** Gives signals back their default action. */
  readonly release: () => void;
  readonly #abort = new AbortController();
  readonly #lastResorts = new Set<() => void>();
  #cause: StopCause | undefined;

  #hangUp: (() => void) | undefined;

  constructor(onSignal: CliPorts['onSignal'], closedOutput: AbortSignal) {
    this.signal = this.#abort.signal;
    const requested = Promise.withResolvers<StopCause>();
    const forced = Promise.withResolvers<number>();
    this.requested = requested.promise;
    this.forced = forced.promise;
    const ask = (cause: StopCause): void => {
      if (this.#cause !== undefined) return;
      this.#cause = cause;
      this.#abort.abort();
      requested.resolve(cause);
    };
    closedOutput.addEventListener('abort', () => ask('closed-output'));
    this.release = onSignal((signal) => {
      if (signal === 'SIGHUP' && this.#hangUp !== undefined) return this.#hangUp();
      if (this.#cause === undefined || this.#cause === 'closed-output') return ask(signal);
      for (const cleanUp of this.#lastResorts) cleanUp();
      forced.resolve(exitCode.stopped);
    });
  }

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  /** From now on SIGHUP means this, as to services it does. */
  onHangUp(listener: () => void): void {
    this.#hangUp = listener;
  }

  /** Registers what must be done, synchronously, even when the end comes at once. Returns its removal. */
  lastResort(cleanUp: () => void): () => void {
    this.#lastResorts.add(cleanUp);
    return () => void this.#lastResorts.delete(cleanUp);
  }

  /**
   * The exit code of a stopped service (`peer`, `tracker`) or of a task that was not finished. Being told to
   * stop is a service's ordinary end, except by Ctrl-C, which always shows.
   */
  exitCode(of: 'service' | 'task'): number {
    if (this.#cause === 'SIGINT') return exitCode.stopped;
    if (of === 'service') return exitCode.done;
    return this.#cause === 'closed-output' ? exitCode.done : exitCode.stopped;
  }
}
