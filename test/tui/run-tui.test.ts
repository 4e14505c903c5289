import { describe, expect, test } from '@jest/globals';
import { downloadView } from '../helpers/views.ts';
import { openController, openTui } from './open-tui.ts';

describe('the TUI', () => {
  test('draws what the engine has, moves by keys and ends as the user says', async () => {
    const { screen, ended } = openTui({
      snapshot: {
        downloads: [downloadView({ name: 'debian.iso' }), downloadView({ transfer: 2, name: 'film.mkv' })],
      },
    });
    await screen.waitFor('Search');
    screen.press('2');
    await screen.waitFor('film.mkv');
    screen.press('q');
    await screen.waitFor('Quit?');
    screen.press('q');
    expect(await ended).toEqual({ kind: 'stop' });
    await screen.close();
  });
});

test('a frame has the size of the terminal', () => {
  const { lines, press, text } = openController({ snapshot: { downloads: [downloadView()] } });
  press('2');
  expect(text()).toContain('file-1');
  expect(lines().length).toBe(24);
  expect(lines().every((line) => line.length === 80)).toBe(true);
});
