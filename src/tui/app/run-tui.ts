/**
 * Starts the TUI on a terminal and waits for its end. The first frame is on the screen before Ink is loaded. Whatever
 * happens, the terminal is given back as it was, and the engine is left as it is: what becomes of it is the caller's,
 * who is told how the user left.
 * `NODE_ENV` must be `production` before this is called: React's development build records every render.
 */
import type { Instance, useApp } from 'ink';
import { toast } from '../model/effects.ts';
import { screenMakers } from '../screens/screen-makers.ts';
import { openCellStream } from './cell-stream.ts';
import { Controller } from './controller.ts';
import { showFirstFrames } from './first-frames.ts';
import { loadInk } from './load-ink.ts';
import { readMouse } from './mouse.ts';
import { catchStrayOutput } from './stray-output.ts';
import type { RunTui, TuiEnd } from './ports.ts';
import { keepHeapSmall, tidyAfterLargeAnswers } from './small-heap.ts';
import { lendTerminal, suspendProcess } from './suspension.ts';
import { systemClock } from './system-clock.ts';
import { Terminal } from './terminal.ts';
import type { TerminalHand } from './terminal-hand.ts';
import { Watch } from './watch.ts';

/** It has ended before Ink was there. */
const nothingMore = { drawWithInk: undefined };

export const runTui: RunTui = async (options) => {
  const { client, stdin, stdout, config, clock = systemClock } = options;
  if (config.isAttached) keepHeapSmall();
  const ended = Promise.withResolvers<TuiEnd>();
  const terminal = new Terminal(stdout);
  let app: ReturnType<typeof useApp> | undefined;
  let ink: Instance | undefined;
  const failed = (error: unknown): void => ended.resolve({ kind: 'crashed', error });

  const hand: TerminalHand = {
    copy: (text) => terminal.copy(text),
    setMouse: (on) => terminal.setMouse(on),
    redraw() {
      cells.redraw();
    },
    suspend() {
      if (app !== undefined) suspendProcess(app, controller, terminal).catch(failed);
    },
    async lend(task) {
      await (app === undefined ? task() : lendTerminal(app, controller, terminal, task));
    },
  };
  const size = (): { columns: number; rows: number } => ({
    columns: stdout.columns || 80,
    // A Windows console scrolls when its last cell is written.
    rows: Math.max(1, (stdout.rows || 24) - (process.platform === 'win32' ? 1 : 0)),
  });
  const controller = new Controller({
    ...options,
    clock,
    terminal: hand,
    makers: screenMakers,
    size: size(),
    end: (end) => ended.resolve(end),
  });
  const endTidying = config.isAttached ? tidyAfterLargeAnswers(client, clock) : undefined;
  const cells = openCellStream({
    stdout,
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    fullRepaint: config.settings.fullRepaint,
    clock,
    took: (ms) => controller.pace.written(ms, clock.now()),
  });
  const resized = (): void => controller.resize(size().columns, size().rows);
  const clicked = (bytes: string | Buffer): void => controller.mouse(readMouse(String(bytes)));
  // Before Ink's own listener, so that it draws the frame of the new size.
  stdout.on('resize', resized);
  // A terminal may have lost what was on it though its size is the same again, or drawn a frame of the size before.
  const reshaped = (): void => hand.redraw();
  process.on('SIGWINCH', reshaped);
  const watch = new Watch(controller, terminal, config.name);
  const release = catchStrayOutput(process.stderr, (text) =>
    controller.perform([toast(text.split('\n', 1)[0] ?? '', 'warning')]),
  );
  // What is thrown where nobody waits for it ends the screen, not the process that the engine lives in.
  process.on('uncaughtException', failed);
  void client.ended.then(() => ended.resolve({ kind: 'engine-ended' }));
  const first = showFirstFrames(controller, stdin, cells.stdout);
  try {
    const { drawWithInk } = await Promise.race([loadInk(), ended.promise.then(() => nothingMore)]);
    if (drawWithInk === undefined) return await ended.promise;
    ink = first.handOver(() =>
      drawWithInk({
        controller,
        stdin,
        stdout: cells.stdout,
        onReady(ready) {
          app = ready;
        },
        onRender: (ms) => controller.pace.painted(ms, clock.now()),
      }),
    );
    stdin.on('data', clicked);
    terminal.setMouse(config.settings.mouse);
    ink.waitUntilExit().then(() => ended.resolve({ kind: 'stop' }), failed);
    return await ended.promise;
  } catch (error) {
    return { kind: 'crashed', error };
  } finally {
    stdout.off('resize', resized);
    process.off('SIGWINCH', reshaped);
    stdin.off('data', clicked);
    watch.close();
    endTidying?.();
    controller.close();
    terminal.close();
    ink?.unmount();
    await ink?.waitUntilExit().catch(() => undefined);
    first.end();
    release();
    process.off('uncaughtException', failed);
  }
};
