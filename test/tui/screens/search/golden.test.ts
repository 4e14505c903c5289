import { describe } from '@jest/globals';
import { goldenScreens } from '../golden.ts';
import { answering, online, results } from './scene.ts';
import { typed } from '../../open-tui.ts';

const scene = { snapshot: online, answers: { search: answering(results) } };

describe('golden screens of searching', () => {
  goldenScreens({ name: 'search-first', scene, shows: /online|tracker/, play: () => undefined });

  goldenScreens({
    name: 'search',
    scene,
    shows: /debian-13/,
    play(tui) {
      tui.press('/', ...typed('debian'), 'Enter');
      tui.clock.advance(1_000);
      tui.press('j', 'Space', 'Space', 'g');
      tui.clock.advance(1_000);
    },
  });

  goldenScreens({
    name: 'search-query',
    scene,
    shows: /deb/,
    play: (tui) => tui.press('/', ...typed('deb'), 'Space', ...typed('ty'), 'Tab'),
  });

  goldenScreens({
    name: 'search-nothing',
    scene: { snapshot: online, answers: { search: answering([]) } },
    shows: /Nothing found/,
    play(tui) {
      tui.press('/', ...typed('blue'), 'Space', ...typed('ext:iso'), 'Enter');
      tui.clock.advance(1_000);
    },
  });

  goldenScreens({
    name: 'search-refused',
    scene,
    shows: /Expected a type/,
    play: (tui) => tui.press('/', ...typed('x'), 'Space', ...typed('type:nonsense'), 'Enter'),
  });

  goldenScreens({
    name: 'saved',
    scene,
    shows: /deb/,
    play(tui) {
      tui.press('/', ...typed('deb'), 'Enter');
      tui.clock.advance(1_000);
      tui.press('w', "'");
      tui.clock.advance(10_000);
    },
  });
});
