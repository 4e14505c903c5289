/**
 * Giving the terminal away for a while: to the shell (Ctrl-Z) or to another program. Invariant: nothing is drawn
 * meanwhile, and all is drawn anew afterwards.
 */
import type { useApp } from 'ink';
import type { Controller } from './controller.ts';
import type { Terminal } from './terminal.ts';

type App = ReturnType<typeof useApp>;

/** Stops this process until it is continued. On Windows there is no such thing. */
export async function suspendProcess(app: App, controller: Controller, terminal: Terminal): Promise<void> {
  if (process.platform === 'win32') return;
  await lendTerminal(app, controller, terminal, async () => {
    const continued = Promise.withResolvers<void>();
    // A stopped process needs something that keeps it alive when it goes on.
    const alive = setInterval(() => undefined, 60_000);
    process.once('SIGCONT', () => continued.resolve());
    process.kill(process.pid, 'SIGSTOP');
    await continued.promise;
    clearInterval(alive);
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
