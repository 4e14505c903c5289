/**
 * A block of rows at the end of a terminal's output that is redrawn in place, with lines that stay above it.
 * Drawn by Ink, inline: what was on the terminal before stays. The keyboard is left alone, so Ctrl-C is a signal.
 */
import { Box, render, Text, useStdout } from 'ink';
import { useEffect } from 'react';

export interface ProgressScreen {
  /** Replaces the block. Rows must fit the terminal. */
  show(rows: readonly string[]): void;
  /** Writes a line above the block that stays. */
  print(line: string): void;
  /** Removes the block and gives the terminal back. */
  close(): Promise<void>;
}

interface BlockProps {
  readonly rows: readonly string[];
  readonly onReady: (write: (text: string) => void) => void;
}

function Block({ rows, onReady }: BlockProps) {
  const { write } = useStdout();
  useEffect(() => onReady(write), [onReady, write]);
  return (
    <Box flexDirection="column">
      {rows.map((row, at) => (
        // A row is a place on the screen, not a file: its key is its place.
        <Text key={at} wrap="truncate-end">
          {row}
        </Text>
      ))}
    </Box>
  );
}

export function openProgressScreen(stdout: NodeJS.WritableStream): ProgressScreen {
  let write: ((text: string) => void) | undefined;
  const early: string[] = [];
  const onReady = (ready: (text: string) => void): void => {
    write = ready;
    for (const text of early.splice(0)) ready(text);
  };
  const block = (rows: readonly string[]) => <Block rows={rows} onReady={onReady} />;
  const ink = render(block([]), {
    stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    maxFps: 10,
  });
  return {
    show: (rows) => ink.rerender(block(rows)),
    print(line) {
      if (write) write(`${line}\n`);
      else early.push(`${line}\n`);
    },
    async close() {
      ink.clear();
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}
