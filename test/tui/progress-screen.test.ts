import { describe, expect, test } from '@jest/globals';
import xterm from '@xterm/headless';
import { openProgressScreen } from '../../src/tui/progress-screen.tsx';
import { FakeStream, until } from '../cli/fakes.ts';

/** What a terminal of 80 by 24 shows above its cursor after it got `text`. */
async function shown(text: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, convertEol: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: active.cursorY }, (_, at) => active.getLine(at)?.translateToString(true) ?? '');
}

describe('the progress block', () => {
  test('is redrawn in place, below lines that stay, and leaves nothing behind', async () => {
    const stdout = new FakeStream();
    stdout.isTTY = true;
    stdout.write('$ shoal get a b\n');
    const screen = openProgressScreen(stdout);
    screen.show(['a 10%', 'b 20%']);
    await until(() => stdout.text.includes('b 20%'));
    screen.print('Verified a');
    screen.show(['b 90%']);
    await until(() => stdout.text.includes('b 90%'));
    expect(await shown(stdout.text)).toEqual(['$ shoal get a b', 'Verified a', 'b 90%']);
    screen.print('Verified b');
    await screen.close();
    expect(await shown(stdout.text)).toEqual(['$ shoal get a b', 'Verified a', 'Verified b']);
  });
});
