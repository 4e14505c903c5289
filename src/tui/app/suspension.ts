/**
 * Giving the terminal away for a while: to the shell (Ctrl-Z) or to another program. Invariant: nothing is drawn
 * meanwhile, and all is drawn anew afterwards.
 */
import type { useApp } from 'ink';
import { suspendTimeoutMs } from '../../core/limits/cli.ts';
import type { Controller } from './controller.ts';
import type { Terminal } from './terminal.ts';

type App = ReturnType<typeof useApp>;

/**
 * Stops this process until it is continued, and all that the shell has started with it, as a terminal does: a shell
 * that still waits for one of them, such as npm, would not take the terminal back. Where no shell is there to
 * continue it, the system does not stop it, and it goes on. On Windows there is no such thing.
 */
export async function suspendProcess(app: App, controller: Controller, terminal: Terminal): Promise<void> {
  if (process.platform === 'win32') return;
  await lendTerminal(app, controller, terminal, async () => {
    const continued = Promise.withResolvers<void>();
    // It is also what keeps a process alive that goes on, or that was not stopped.
    const unstopped = setTimeout(() => continued.resolve(), suspendTimeoutMs);
    process.once('SIGCONT', () => continued.resolve());
    process.kill(0, 'SIGTSTP');
    await continued.promise;
    clearTimeout(unstopped);
  });
}

export async function lendTerminal(
  app: App,
  controller: Controller,
  terminal: Terminal,
  task: () => Promise<void>,
): Promise<void> {
  controller.pause();
  const takeBack = terminal.yield();
  try {
    await app.suspendTerminal(task);
  } finally {
    takeBack();
    controller.resume();
  }
}
