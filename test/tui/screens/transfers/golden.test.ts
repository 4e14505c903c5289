import { describe } from '@jest/globals';
import { goldenScreens } from '../golden.ts';
import { details, run, snapshot } from './scene.ts';

const scene = { snapshot, answers: { details } };

describe('golden screens of transfers', () => {
  goldenScreens({
    name: 'downloads',
    scene,
    shows: /debian-13/,
    play(tui) {
      tui.press('Esc', '2');
      run(tui);
      tui.press('j', 'Space', 'Space', 'g');
      run(tui, 3);
    },
  });

  goldenScreens({
    name: 'uploads',
    scene,
    shows: /sparrow/,
    play(tui) {
      tui.press('Esc', '2', ']');
      run(tui);
    },
  });

  goldenScreens({ name: 'done', scene, shows: /lecture-07/, play: (tui) => tui.press('Esc', '2', ']', ']') });
  goldenScreens({ name: 'failed', scene, shows: /gone\.mkv/, play: (tui) => tui.press('Esc', '2', '[') });

  goldenScreens({
    name: 'details',
    scene,
    shows: /kestrel/,
    play(tui) {
      tui.press('Esc', '2', 'Enter');
      run(tui);
    },
  });

  goldenScreens({
    name: 'details-tree',
    scene,
    shows: /0001/,
    play(tui) {
      tui.press('Esc', '2', ...Array<string>(8).fill('j'), 'Enter');
      run(tui);
    },
  });

  goldenScreens({
    name: 'downloads-empty',
    scene: {},
    shows: /Nothing is being downloaded/,
    play: (tui) => tui.press('Esc', '2'),
  });

  goldenScreens({
    name: 'downloads-delete',
    scene,
    shows: /DELETE/,
    play: (tui) => tui.press('Esc', '2', 'Ctrl+A', 'D'),
  });
});
