import { describe, expect, test } from '@jest/globals';
import type { EngineSnapshot } from '../../../src/core/engine/engine-api.ts';
import { bindKeys } from '../../../src/tui/keys/bindings.ts';
import { modes, screenNames, type Mode, type ScreenName } from '../../../src/tui/keys/places.ts';
import { lineWidth } from '../../../src/tui/text/segments.ts';
import { downloadView, trackerView, uploadView } from '../../helpers/views.ts';
import { openController } from '../open-tui.ts';

const snapshot: Partial<EngineSnapshot> = {
  downloads: [
    downloadView({ name: '日本語ファイル.epub' }),
    downloadView({ transfer: 2, name: 'gone.iso', state: 'failed', queueIndex: undefined }),
    downloadView({
      transfer: 3,
      name: 'here.iso',
      state: 'done',
      queueIndex: undefined,
      path: '/out/here.iso',
    }),
    downloadView({ transfer: 4, name: '\u001b[2Jevil\u202e.exe', state: 'paused', queueIndex: 2 }),
  ],
  uploads: [uploadView()],
  trackers: [trackerView({ peers: 3 })],
};

/** Opens what gives the keys a meaning of their own. */
const openers: Readonly<Record<Mode, readonly string[]>> = {
  list: [],
  input: ['f'],
  dialog: [','],
  menu: ['s'],
  help: ['?'],
};

/** What lies over a screen, and how little room there can be, is the same for all of them: one is enough. */
const sizesOf = (name: ScreenName): readonly (readonly [number, number])[] =>
  name === 'downloads'
    ? [
        [160, 48],
        [80, 24],
        [40, 10],
        [12, 3],
      ]
    : [[100, 30]];

function bindings() {
  const bound = bindKeys({});
  if (!bound.ok) throw new Error(bound.problem.message);
  return bound.value;
}

const keysOf = (mode: Mode, screen: ScreenName): readonly string[] =>
  bindings()
    .holding(mode, screen)
    .filter(({ action }) => action !== 'quit' && action !== 'force-quit')
    .flatMap(({ keys }) => keys);

describe.each(screenNames)('on the screen %s', (name) => {
  test.each(sizesOf(name))('every key in every mode leaves a whole frame of %i by %i', (columns, rows) => {
    for (const mode of name === 'downloads' ? modes : (['list'] as const)) {
      const { controller, press, ends, lines, clock } = openController({ columns, rows, snapshot });
      const goTo = (): void => {
        for (let layers = 0; layers < 5; layers++) press('Esc');
        controller.perform([{ type: 'open', screen: name }]);
        press('Esc', 'Esc');
      };
      for (const key of keysOf(mode, name)) {
        goTo();
        press(...openers[mode], key);
        clock.advance(600);
        expect(ends).toEqual([]);
        expect(lines().length).toBe(rows);
        expect(controller.frame().lines.map(lineWidth)).toEqual(Array.from({ length: rows }, () => columns));
        // eslint-disable-next-line no-control-regex -- that is what is looked for
        expect(lines().join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
        const { cursor } = controller.frame();
        if (cursor !== undefined) {
          expect(cursor.x).toBeLessThan(columns);
          expect(cursor.y).toBeLessThan(rows);
        }
      }
      controller.close();
    }
  });
});
