/** Ink on a terminal, drawing what a controller makes. Loaded last: what comes with it takes longer than all else. */
import { render, type Instance, type useApp } from 'ink';
import type { Controller } from './controller.ts';
import { Root } from './root.tsx';

/** Frames come at most ten times a second and with keys, which wait for nothing: Ink itself is to hold none back. */
const maxFps = 1_000;

export interface InkScreenOptions {
  readonly controller: Controller;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly onReady: (app: ReturnType<typeof useApp>) => void;
  /** How long Ink took to make a frame. */
  readonly onRender: (ms: number) => void;
}

export function drawWithInk({ controller, stdin, stdout, ...options }: InkScreenOptions): Instance {
  return render(<Root controller={controller} onReady={options.onReady} />, {
    stdin,
    stdout,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps,
    exitOnCtrlC: false,
    // Ours tells of more than the console, and never draws above the frame.
    patchConsole: false,
    interactive: true,
    onRender: ({ renderTime }) => options.onRender(renderTime),
  });
}
