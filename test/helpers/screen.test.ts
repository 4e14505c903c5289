import { afterEach, describe, expect, test } from '@jest/globals';
import { Screen } from './screen.ts';
import { Box, Text, useCursor, useInput, usePaste, useWindowSize } from 'ink';
import { createElement as h, useState, type ReactNode } from 'react';

let screen: Screen;

afterEach(() => screen.close());

function open(columns = 30, rows = 5): Screen {
  screen = new Screen(columns, rows);
  return screen;
}

/** Fills the screen, or as many rows more or less as told, with what was typed last. */
function Program({
  excess = 0,
  atCursor = false,
}: {
  readonly excess?: number;
  readonly atCursor?: boolean;
}): ReactNode {
  const { columns, rows } = useWindowSize();
  const [events, setEvents] = useState<readonly string[]>([]);
  const add = (event: string): void => setEvents((before) => [...before, event]);
  useInput((input, key) => add(key.return ? 'return' : key.ctrl ? `^${input}` : key.escape ? 'esc' : input));
  usePaste((text) => add(`pasted:${text}`));
  const { setCursorPosition } = useCursor();
  if (atCursor) setCursorPosition({ x: 2, y: 1 });
  const body = Array.from({ length: rows + excess - 1 }, (_, row) =>
    h(Text, { key: row, color: row === 0 ? 'red' : 'green', inverse: row === 1 }, `row ${row} 鯨`),
  );
  return h(
    Box,
    { flexDirection: 'column', width: columns },
    h(Text, null, `${columns}x${rows} ${events.join(' ')}`),
    body,
  );
}

describe('a screen in this process', () => {
  test('shows text, style and the cursor as a terminal does', async () => {
    const { emulator } = open();
    screen.show(h(Program, { atCursor: true }));
    await screen.waitFor('row 3 鯨');
    expect(screen.lines[0]).toBe('30x5');
    expect(emulator.alternate).toBe(true);
    expect(emulator.styled(1)[0]).toEqual({ text: 'row 0 鯨', style: { color: '1' } });
    expect(emulator.styled(2)[0]).toEqual({ text: 'row 1 鯨', style: { color: '2', inverse: true } });
    expect([emulator.cursor, emulator.cursorShown]).toEqual([{ column: 2, row: 1 }, true]);
    await screen.close();
    expect([emulator.alternate, screen.xtermStdin.raw]).toEqual([false, false]);
  });

  test('sends each key by itself, typed text at once, and pastes as pastes', async () => {
    open(60);
    screen.show(h(Program));
    await screen.waitFor('60x5');
    screen.press('j', 'j', 'enter', 'ctrl-d');
    await screen.waitFor('j j return ^d');
    screen.type('kk');
    await screen.waitFor('^d kk');
    screen.paste('a b');
    await screen.waitFor('kk pasted:a b');
    screen.press('escape');
    await screen.waitFor('a b esc');
  });

  test('takes another size at any moment', async () => {
    const { emulator } = open();
    screen.show(h(Program));
    await screen.waitFor('30x5');
    screen.resize(44, 9);
    await screen.waitFor('44x9');
    await screen.waitFor('row 7 鯨');
    screen.resize(20, 3);
    await screen.waitFor('20x3');
    expect(emulator.lines).toHaveLength(3);
  });

  test.each([
    [0, []],
    [1, [/scrolled out/]],
    [-1, [/a frame had nothing in row 5/]],
    [-2, [/a frame had nothing in row 5/]],
  ])('sees frames that are %d rows off', async (excess, faults) => {
    const { emulator } = open();
    screen.show(h(Program, { excess }));
    await screen.waitFor('row 1 鯨');
    screen.press('x');
    await screen.waitFor(() => emulator.frames.length > 1 || excess > 0, 'a second frame');
    const found = emulator.frameFaults();
    expect(faults.every((fault) => found.some((text) => fault.test(text)))).toBe(true);
    expect(found.length > 0).toBe(faults.length > 0);
  });

  test('that is stalled shows what was held back once it flows', async () => {
    open();
    screen.show(h(Program));
    await screen.waitFor('30x5');
    screen.xtermStdout.stall();
    screen.press('x');
    await screen.waitFor(() => screen.xtermStdout.held > 0, 'something held back');
    expect(screen.text).not.toContain('30x5 x');
    screen.xtermStdout.flow();
    await screen.waitFor('30x5 x');
  });
});
