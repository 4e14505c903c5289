import { afterEach, describe, expect, test } from '@jest/globals';
import type { EngineSnapshot } from '../../src/core/engine/engine-api.ts';
import { downloadView } from '../helpers/views.ts';
import { closeTuis, openTui } from './open-tui.ts';

const downloads = [
  downloadView({ name: 'debian.iso' }),
  downloadView({ transfer: 2, name: 'film.mkv', queueIndex: 2 }),
];
const snapshot: Partial<EngineSnapshot> = { downloads };

const printer = globalThis.console;

afterEach(closeTuis);

describe('the TUI on a terminal', () => {
  test('draws what the engine has and ends as its user says', async () => {
    const { screen, ended } = openTui({ snapshot });
    await screen.waitFor('Search');
    screen.press('alt-2');
    await screen.waitFor('film.mkv');
    screen.press('q');
    await screen.waitFor('Quit?');
    screen.press('b');
    expect(await ended).toEqual({ kind: 'background' });
  });

  test('shows the first frame at once, before anything that draws the next ones is loaded', async () => {
    const { screen, ended, engine } = openTui({ snapshot });
    // Nothing has been waited for: what is written is written.
    expect(screen.emulator.raw).toContain('1 Search');
    engine.end(0);
    expect(await ended).toEqual({ kind: 'engine-ended' });
    await screen.waitFor(
      () => !screen.emulator.alternate && screen.emulator.cursorShown,
      'the terminal as it was',
    );
  });

  test('ends when the engine has ended', async () => {
    const { screen, engine, ended } = openTui({ snapshot });
    await screen.waitFor('Search');
    engine.end(70);
    expect(await ended).toEqual({ kind: 'engine-ended' });
  });

  test('takes keys that come in one chunk one by one', async () => {
    const { screen } = openTui({ snapshot });
    await screen.waitFor('Search');
    screen.press('alt-2');
    await screen.waitFor('film.mkv');
    screen.type('jjkj');
    await screen.waitFor(/> {1,2}film\.mkv/);
    screen.type('fdeb\r');
    await screen.waitFor('filter: deb (1 of 2)');
    expect(screen.text).not.toContain('film.mkv');
  });

  test('gives the terminal back and tells of the error when it fails', async () => {
    const { screen, engine, ended } = openTui({ snapshot });
    await screen.waitFor('Search');
    // A snapshot without its parts is no snapshot: a fault of ours, not of a remote.
    engine.emit({ type: 'shares', shares: undefined as never });
    screen.press('alt-3');
    engine.emit({ type: 'resync', snapshot: {} as never });
    expect(await ended).toMatchObject({ kind: 'crashed', error: expect.any(TypeError) });
    await screen.waitFor(() => !screen.text.includes('Transfers'), 'the terminal without it');
  });

  test('shows as a message what anything else prints, and gives it out at the end', async () => {
    const { log } = printer;
    const warned = process.listeners('warning');
    const { screen, ended } = openTui({ snapshot });
    await screen.waitFor('Search');
    printer.log('oh %s', 'dear', '\u001b[2J');
    await screen.waitFor('oh dear \ufffd[2J');
    process.emit('warning', new Error('too many listeners'));
    await screen.waitFor('too many listeners');
    screen.press('ctrl-c', 'ctrl-c');
    await ended;
    expect(printer.log).toBe(log);
    expect(process.listeners('warning')).toEqual(warned);
  });

  test('draws everything anew on Ctrl-L, and follows the size of the window', async () => {
    const { screen } = openTui({ snapshot });
    await screen.waitFor('Search');
    screen.press('alt-2');
    await screen.waitFor('film.mkv');
    const before = screen.text;
    screen.emulator.write('\u001b[H\u001b[2J');
    await screen.waitFor(() => !screen.text.includes('film'));
    screen.press('ctrl-l');
    await screen.waitFor(() => screen.text === before, 'the same screen');
    screen.resize(40, 10);
    await screen.waitFor(() => screen.lines.length === 10 && screen.text.includes('film.mkv'));
    screen.resize(12, 3);
    await screen.waitFor(() => !screen.text.includes('film'));
    screen.resize(80, 24);
    await screen.waitFor(() => screen.text === before, 'the screen as it was');
  });
});
