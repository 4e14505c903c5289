import { describe } from '@jest/globals';
import { goldenScreens } from '../golden.ts';
import { answers, snapshot } from './scene.ts';
import { typed } from '../../open-tui.ts';

const scene = { snapshot, answers };

describe('golden screens of peers', () => {
  goldenScreens({
    name: 'peers',
    scene,
    shows: /kestrel/,
    play(tui) {
      tui.press('4');
      tui.clock.advance(2_000);
      tui.press('A');
    },
  });

  goldenScreens({
    name: 'peer-details',
    scene,
    shows: /kestrel/,
    play(tui) {
      tui.press('4');
      tui.clock.advance(2_000);
      tui.press('f', ...typed('kest'), 'Enter', 'Enter');
    },
  });

  goldenScreens({
    name: 'browse',
    scene,
    shows: /blue moon/,
    play(tui) {
      tui.press('4');
      tui.clock.advance(2_000);
      tui.press('b');
      tui.clock.advance(2_000);
      tui.press('Right');
      tui.clock.advance(2_000);
    },
  });

  goldenScreens({
    name: 'blocked',
    scene,
    shows: /guy/,
    play(tui) {
      tui.press('4', ']');
      tui.clock.advance(1_000);
    },
  });
});
