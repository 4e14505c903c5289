import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { openTui } from '../../open-tui.ts';
import { goldenSizes } from '../golden.ts';
import { details, downloads, snapshot } from './scene.ts';

/** All that drawing needs: colours, the cursor, erasing lines, the modes of a full screen, the title and keeping the last one. */
const drawing =
  /\x1b\[[\d;]*m|\x1b\[[\d;]*[A-HJK]|\x1b\[2[23];2t|\x1b\[\?(?:25|1049|2004|2026)[hl]|\x1b\][02];[^\x07\x1b]*\x07/g;

let tui: ReturnType<typeof openTui>;

function open(columns: number, rows: number): ReturnType<typeof openTui> {
  tui = openTui({ snapshot, answers: { details }, columns, rows });
  return tui;
}

afterEach(async () => {
  tui.screen.press('ctrl-c');
  tui.screen.press('ctrl-c');
  await tui.ended;
  await tui.screen.close();
});

// Drawn by the real clock, on machines that may be busy.
jest.setTimeout(120_000);

describe('transfers in a terminal', () => {
  test.each(goldenSizes)('at %i×%i are aligned, and what names try has no effect', async (columns, rows) => {
    const { screen } = open(columns, rows);
    await screen.waitFor(() => screen.emulator.frames.length > 0, 'a frame');
    screen.press('alt-2');
    await screen.waitFor('debian-13');
    for (const key of [']', ']', ']', ']', 'enter']) {
      const frames = screen.emulator.frames.length;
      screen.press(key);
      await screen.waitFor(() => screen.emulator.frames.length > frames, `a frame after ${key}`);
    }
    expect(screen.emulator.frameFaults()).toEqual([]);
    expect(screen.emulator.raw.replace(drawing, '').match(/[^\P{Cc}\r\n].{0,8}/gu) ?? []).toEqual([]);
    expect(screen.emulator.clipboard).toEqual([]);
    expect(screen.emulator.links).toEqual([]);
    expect(screen.emulator.notifications).toEqual([]);
    expect(screen.emulator.titles.every((title) => !title.includes('photo'))).toBe(true);
  });

  test('wide characters take the cells that the columns after them were given', async () => {
    const { screen } = open(80, 24);
    await screen.waitFor(() => screen.emulator.frames.length > 0, 'a frame');
    screen.press('alt-2');
    await screen.waitFor('日本語');
    const state = (text: string): number => {
      const row = screen.lines.findIndex((line) => line.includes(text));
      const cells = screen.emulator
        .styled(row)
        .flatMap(({ text: run, style }) => Array.from(run, (sign) => ({ sign, style })));
      const wide = cells.filter(({ sign }) => /[\u3000-\u9fff]/u.test(sign)).length;
      const at = cells
        .map(({ sign }) => sign)
        .join('')
        .lastIndexOf('down');
      return at + wide;
    };
    expect(state('日本語')).toBe(state('kernel-src'));
  });

  test('a terminal that is resized again and again ends like a fresh one', async () => {
    const { screen } = open(80, 24);
    await screen.waitFor(() => screen.emulator.frames.length > 0, 'a frame');
    screen.press('alt-2');
    await screen.waitFor('debian-13');
    for (let step = 0; step < 60; step++) screen.resize(20 + ((step * 37) % 160), 4 + ((step * 11) % 50));
    screen.resize(100, 30);
    await screen.waitFor(/SRC STATE/);
    await screen.waitFor('kestrel 4.10M/s');
    const stormed = screen.text;
    screen.press('ctrl-l');
    await screen.waitFor(() => screen.text === stormed, 'the same screen drawn anew');
    expect(stormed).toContain('日本語');
  });

  test('progress draws what has changed and nothing more', async () => {
    const { screen, engine } = open(80, 24);
    await screen.waitFor(() => screen.emulator.frames.length > 0, 'a frame');
    screen.press('alt-2');
    await screen.waitFor('kestrel 4.10M/s');
    screen.emulator.forgetFrames();
    const [first] = downloads;
    if (!first) throw new Error('no download in the scene');
    engine.emit({ type: 'download', download: { ...first, doneBytes: (first.sizeBytes ?? 0) * 0.9 } });
    await screen.waitFor(/debian-13.*90%/);
    for (const { bytes } of screen.emulator.frames) expect(bytes).toBeLessThan(2_000);
    expect(screen.emulator.clears).toBe(0);
    expect(screen.emulator.frameFaults()).toEqual([]);
  });
});
