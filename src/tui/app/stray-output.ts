/**
 * Keeps off the screen what anything else in this process prints while it is drawn: the console, warnings of the
 * runtime, what threads write to standard error. Invariant: everything is told once, printed at the end as
 * far as there is room for it, without what would move a cursor, and all is as it was when it is given back.
 */
import { format } from 'node:util';
import { maxStrayOutput } from '../../core/limits/cli.ts';
import { displayName } from '../../core/safe-name.ts';

const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'] as const;

/** Starts catching; `told` hears of each piece. The function that is returned ends it. */
export function catchStrayOutput(
  stderr: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>,
  told: (text: string) => void,
): () => void {
  let kept = '';
  const take = (text: string): void => {
    const line = text.trim().split(/\r?\n/).map(displayName).join('\n');
    if (line === '') return;
    const isNews = !kept.includes(line);
    kept = `${kept}${line}\n`.slice(-maxStrayOutput);
    // Drawing must not bring about what it is drawn for.
    if (isNews) told(line);
  };
  const { console } = globalThis;
  const own = methods.map((method) => [method, console[method]] as const);
  for (const method of methods) console[method] = (...args: readonly unknown[]) => take(format(...args));
  const warned = process.listeners('warning');
  const warn = (warning: Error): void => take(`${warning.name}: ${warning.message}`);
  process.removeAllListeners('warning');
  process.on('warning', warn);
  // Redirected to a file it does no harm.
  const write = stderr.isTTY ? catchWrites(stderr, take) : () => undefined;
  return () => {
    write();
    process.off('warning', warn);
    for (const listener of warned) process.on('warning', listener);
    for (const [method, original] of own) console[method] = original;
    if (kept !== '') stderr.write(kept);
  };
}

function catchWrites(stderr: Pick<NodeJS.WriteStream, 'write'>, take: (text: string) => void): () => void {
  const { write } = stderr;
  const caught = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    take(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const done = rest.find((argument) => typeof argument === 'function');
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stderr.write = caught as typeof write;
  return () => {
    stderr.write = write;
  };
}
