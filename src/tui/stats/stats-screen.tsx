/**
 * The view of a running tracker on a terminal: asks once a second and draws what has changed. Invariant: one question
 * is under way at a time, and the terminal is given back as it was however the view ends.
 */
import { Box, render, Transform, useInput } from 'ink';
import { memo } from 'react';
import { trackerViewMs } from '../../core/limits/operations.ts';
import type { TrackerStats } from '../../core/tracker/tracker-stats.ts';
import { paint } from '../app/paint.ts';
import type { Line } from '../text/segments.ts';
import { chooseTheme, type ThemeName } from '../text/theme.ts';
import type { StatsScreenOptions } from './ports.ts';
import { statsScreen, type Size, type StatsView } from './stats-lines.ts';
import { ratesBetween } from './stats-rates.ts';

interface ScreenProps {
  readonly lines: readonly Line[];
  readonly theme: ThemeName;
  readonly onQuit: () => void;
}

/** Lines are harmless and exactly as wide as the terminal already: Ink need not look at them. */
const Row = memo(function Row({ line, theme }: { readonly line: Line; readonly theme: ThemeName }) {
  return <Transform transform={() => paint(line, theme)}> </Transform>;
});

function Screen({ lines, theme, onQuit }: ScreenProps) {
  useInput((input, key) => {
    if (input === 'q' || key.escape || (key.ctrl && input === 'c')) onQuit();
  });
  return (
    <Box flexDirection="column" height={lines.length}>
      {lines.map((line, at) => (
        // A row is a place on the screen.
        <Row key={at} line={line} theme={theme} />
      ))}
    </Box>
  );
}

/** Draws until it is left by `q`, Escape or Ctrl-C, or the signal is aborted. */
export async function showTrackerStats(options: StatsScreenOptions): Promise<void> {
  const { stdin, stdout, env, ask, signal } = options;
  const left = Promise.withResolvers<void>();
  const theme = chooseTheme(env, undefined);
  let view: StatsView = { stats: undefined, rates: undefined, problem: undefined };
  let isAsking = false;
  const size = (): Size => ({
    columns: stdout.columns || 80,
    // A Windows console scrolls when its last cell is written.
    rows: Math.max(1, (stdout.rows || 24) - (process.platform === 'win32' ? 1 : 0)),
  });
  const element = () => (
    <Screen lines={statsScreen(view, size())} theme={theme} onQuit={() => left.resolve()} />
  );
  const ink = render(element(), {
    stdin,
    stdout,
    alternateScreen: true,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    maxFps: 10,
  });
  const draw = (): void => ink.rerender(element());

  async function look(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    const before: TrackerStats | undefined = view.stats;
    const answer = await ask();
    isAsking = false;
    if (answer.ok)
      view = { stats: answer.value, rates: ratesBetween(before, answer.value), problem: undefined };
    else view = { ...view, problem: answer.problem.message };
    draw();
  }

  stdout.on('resize', draw);
  const timer = setInterval(() => void look(), trackerViewMs);
  signal.addEventListener('abort', () => left.resolve(), { once: true });
  if (signal.aborted) left.resolve();
  try {
    await Promise.race([look(), left.promise]);
    await left.promise;
  } finally {
    clearInterval(timer);
    stdout.off('resize', draw);
    ink.unmount();
    await ink.waitUntilExit().catch(() => undefined);
  }
}
