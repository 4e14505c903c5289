/**
 * A terminal's stream for whoever draws frames on it: the terminal gets only the cells that have changed. It tells how
 * long each write took: writes to a terminal are synchronous, so that is how long a slow one has held us up.
 */
import { CellOutput, type Size } from '../cells/cell-output.ts';
import type { TuiClock } from './ports.ts';

export interface CellStream {
  /** Like the terminal's own in all but what a write sends. */
  readonly stdout: NodeJS.WriteStream;
  /** Sends all that is drawn once more. */
  redraw(): void;
}

export interface CellStreamOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly size: () => Size;
  /** Each frame that differs is sent whole, for terminals that count the width of some characters in another way. */
  readonly fullRepaint: boolean;
  readonly clock: TuiClock;
  readonly took: (ms: number) => void;
}

export function openCellStream({ stdout, size, fullRepaint, clock, took }: CellStreamOptions): CellStream {
  const cells = new CellOutput(size, fullRepaint);

  function send(text: string, done?: () => void): boolean {
    if (text === '' && done === undefined) return true;
    const startMs = clock.now();
    const accepted = stdout.write(text, done);
    took(clock.now() - startMs);
    return accepted;
  }

  const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const done = rest.find((argument): argument is () => void => typeof argument === 'function');
    return send(cells.take(text), done);
  };
  const proxy = new Proxy(stdout, {
    get(target, property) {
      if (property === 'write') return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { stdout: proxy, redraw: () => void send(cells.redraw()) };
}
