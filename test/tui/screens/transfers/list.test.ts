import { describe, expect, test } from '@jest/globals';
import { lineWidth } from '../../../../src/tui/text/segments.ts';
import { openController } from '../../open-tui.ts';
import { goldenWallMs } from '../golden.ts';
import { details, run, snapshot } from './scene.ts';

function open(columns = 160, rows = 48) {
  const tui = openController({ snapshot, answers: { details }, columns, rows, wallMs: goldenWallMs });
  tui.press('Esc', '2');
  return tui;
}

const names = (tui: ReturnType<typeof open>): string => tui.lines().slice(3, 15).join('\n');

describe('the list of downloads', () => {
  test('counts down to the next attempt by itself, and draws nothing when nothing counts', () => {
    const tui = open(200, 24);
    expect(names(tui)).toContain('retry in 3m42s (3): crane did not answer');
    tui.clock.advance(10_000);
    expect(names(tui)).toMatch(/retry in 3m3[12]s \(3\)/);
    const quiet = openController({ snapshot: { downloads: [] }, columns: 80, rows: 24 });
    quiet.press('Esc', '2');
    quiet.clock.advance(10_000);
    const frame = quiet.controller.frame();
    quiet.clock.advance(120_000);
    expect(quiet.controller.frame()).toBe(frame);
  });

  test.each([
    ['ext:iso', 1],
    ['type:video', 1],
    ['size:>10g', 2],
    ['size:<100m', 2],
    ['state:wait', 3],
    ['is:error', 2],
    ['日本語', 1],
    ['!ext:iso !state:wait', 8],
  ])('filtered by %s shows %i', (filter, count) => {
    const tui = open();
    tui.press('f');
    tui.type(filter);
    tui.press('Enter');
    expect(tui.text()).toContain(`(${count} of 12)`);
  });

  test.each([
    ['n', 'archive-1999.tar'],
    ['z', 'osm-planet-extract.pbf'],
    ['s', 'debian-13.1-amd64-dvd.iso'],
    ['e', 'kernel-src-6.12.tar.zst'],
    ['o', 'debian-13.1-amd64-dvd.iso'],
    ['p', 'dataset-part-0007.parquet'],
  ])('sorted by %s begins with %s', (letter, first) => {
    const tui = open();
    run(tui, 5);
    tui.press('s', letter);
    tui.clock.advance(2_000);
    expect(tui.lines()[3]).toContain(first);
  });

  test('gives the keys to the sources beside it by Tab, where there is room for them', () => {
    const tui = open();
    tui.clock.advance(1_000);
    tui.press('j', 'k');
    tui.clock.advance(1_000);
    tui.press('Tab', 'j');
    expect(tui.text()).toMatch(/│>  ?wren/);
    tui.press('b');
    expect(tui.session.ui.opened.transfers).toEqual(['browse']);
    const small = open(80, 24);
    small.press('Tab', 'j');
    expect(small.lines()[4]).toMatch(/^>/);
  });

  test('asks for no details while the strip is hidden', () => {
    const tui = open(80, 24);
    tui.press('i');
    tui.clock.advance(1_000);
    const before = tui.engine.asked('details').length;
    run(tui, 5);
    expect(tui.engine.asked('details').length).toBe(before);
    tui.press('i');
    run(tui, 3);
    expect(tui.engine.asked('details').length).toBeGreaterThan(before);
  });

  test('counts what each view has', () => {
    expect(open().lines()[1]).toMatch(/\[Downloads 12\] +Uploads 4 +Done 2 +Failed 2/);
  });

  test('is drawn at any size, each line as wide as the terminal', () => {
    for (const [columns, rows] of [[1, 1], [7, 3], [19, 30], [20, 4], [33, 9], [60, 15], [79, 16], [100, 20], [139, 60], [140, 40], [300, 80]] as const)
      for (const keys of [[], [']'], [']', ']'], ['['], ['Enter'], ['G', 'Enter'], ['D']]) {
        const tui = open(columns, rows);
        tui.press(...keys);
        tui.clock.advance(1_000);
        const { lines } = tui.controller.frame();
        expect(lines).toHaveLength(rows);
        expect(tui.lines().every((line) => !/[\p{Cc}\u202e\u200b]/u.test(line))).toBe(true);
        expect(lines.every((line) => lineWidth(line) === columns)).toBe(true);
      }
  }); // prettier-ignore
});
