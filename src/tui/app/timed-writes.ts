/**
 * A terminal's stream that tells how long each write took: writes to a terminal are synchronous, so that is how
 * long a slow one has held us up.
 */
import type { TuiClock } from './ports.ts';

export function timedWrites(
  stdout: NodeJS.WriteStream,
  clock: TuiClock,
  took: (ms: number) => void,
): NodeJS.WriteStream {
  const write = (...args: Parameters<NodeJS.WriteStream['write']>): boolean => {
    const startMs = clock.now();
    const accepted = stdout.write(...args);
    took(clock.now() - startMs);
    return accepted;
  };
  return new Proxy(stdout, {
    get(target, property) {
      if (property === 'write') return write;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
