import { describe, expect, test } from '@jest/globals';
import { defaultLimits, type EngineSnapshot } from '../../../src/core/engine/engine-api.ts';
import { maxUploadSlots } from '../../../src/core/limits/uploads.ts';
import { readMouse } from '../../../src/tui/app/mouse.ts';
import { currentScreen } from '../../../src/tui/model/ui-state.ts';
import { defaultSettings } from '../../../src/tui/model/settings.ts';
import { downloadView, engineSnapshot, trackerView, uploadView } from '../../helpers/views.ts';
import { lineText } from '../../../src/tui/text/segments.ts';
import { ManualClock } from '../manual-clock.ts';
import { keyPress, openController, type TuiScene } from '../open-tui.ts';

const mebi = 1024 * 1024;
const running = downloadView({ name: 'debian.iso', sizeBytes: 1000 * mebi, doneBytes: 0 });
const snapshot: Partial<EngineSnapshot> = {
  downloads: [
    running,
    downloadView({ transfer: 2, name: 'film.mkv', queueIndex: 2, state: 'paused' }),
    downloadView({ transfer: 3, name: 'song.ogg', queueIndex: 3, state: 'queued' }),
  ],
  trackers: [trackerView({ peers: 41, latencyMs: 12 })],
};

function open(scene: TuiScene = { snapshot }) {
  const tui = openController(scene);
  tui.press('Alt+2');
  return tui;
}

describe('frames', () => {
  test('are not made while nothing changes', () => {
    const { controller, clock } = open({ snapshot: { downloads: [] } });
    clock.advance(120_000);
    const frame = controller.frame();
    let drawn = 0;
    controller.subscribe(() => {
      drawn += 1;
    });
    clock.advance(600_000);
    expect(drawn).toBe(0);
    expect(controller.frame()).toBe(frame);
    expect(clock.timers).toBe(0);
  });

  test('come at most ten times a second, whatever the engine says', () => {
    const { controller, engine, clock } = open();
    let drawn = 0;
    controller.subscribe(() => {
      drawn += 1;
    });
    for (let step = 1; step <= 1000; step++) {
      clock.advance(1);
      const doneBytes = step * mebi;
      engine.emit({ type: 'download', download: { ...running, doneBytes, fetchedBytes: doneBytes } });
    }
    expect(drawn).toBeGreaterThan(3);
    expect(drawn).toBeLessThanOrEqual(11);
  });

  test('keep what looks the same as the same objects', () => {
    const { controller, engine, clock } = open();
    clock.advance(1000);
    const before = controller.frame().lines;
    engine.emit({ type: 'download', download: { ...running, doneBytes: 500 * mebi, fetchedBytes: mebi } });
    clock.advance(100);
    const after = controller.frame().lines;
    const changed = after.filter((line, at) => line !== before[at]);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThan(6);
  });

  test('show speeds that are averages of what has come, and figures twice a second', () => {
    const { engine, clock, text } = open();
    const figures = new Set<string>();
    for (let step = 1; step <= 200; step++) {
      clock.advance(100);
      const doneBytes = step * mebi;
      engine.emit({ type: 'download', download: { ...running, doneBytes, fetchedBytes: doneBytes } });
      const percent = /(\d+)%/.exec(text())?.[1];
      if (percent !== undefined && step <= 100) figures.add(percent);
    }
    expect(text()).toMatch(/(?:9\.\d\d|10\.\d)M\/s/);
    expect(figures.size).toBeLessThanOrEqual(21);
    clock.advance(60_000);
    expect(text()).toContain('now - ');
  });

  test('are slower where painting is slow, and fast again afterwards', () => {
    const { controller, clock } = open();
    const { pace } = controller;
    for (let paint = 0; paint < 40; paint++) pace.painted(30, clock.now());
    expect(pace.intervalMs(clock.now())).toBe(200);
    clock.advance(2000);
    pace.written(80, clock.now());
    expect(pace.intervalMs(clock.now())).toBe(500);
    clock.advance(11_000);
    expect(pace.intervalMs(clock.now())).toBe(200);
    clock.advance(11_000);
    expect(pace.intervalMs(clock.now())).toBe(100);
    clock.advance(61_000);
    expect(pace.intervalMs(clock.now())).toBe(500);
  });
});

describe('the mouse', () => {
  test('is nothing to us until it is switched on; then it moves, chooses and opens', () => {
    const { controller, press, session } = open();
    controller.mouse(readMouse('\u001b[<65;5;5M'));
    expect(session.screens.get('downloads').lists[0].view.index).toBe(0);
    press('m');
    const { view } = session.screens.get('downloads').lists[0];
    controller.mouse(readMouse('\u001b[<65;5;5M'));
    expect(view.index).toBe(2);
    controller.mouse(readMouse('\u001b[<64;5;5M\u001b[<0;5;5m'));
    expect(view.index).toBe(0);
    controller.mouse(readMouse('\u001b[<0;10;5M\u001b[<0;10;5m'));
    expect(view.index).toBe(1);
    controller.mouse(readMouse('\u001b[<0;10;5M'));
    expect(currentScreen(session.ui)).toBe('details');
    press('Esc');
    controller.mouse(readMouse('\u001b[<0;5;1M'));
    expect(session.ui.tab).toBe('search');
    controller.mouse(readMouse('\u001b[<0;500;900M\u001b[<3;1;1M garbage'));
    expect(session.ui.tab).toBe('search');
  });
});

describe('quitting', () => {
  test('asks while work is running and names it; Enter stays', () => {
    const { press, text, ends } = open();
    press('q');
    expect(text()).toContain('1 download is running, 1 waits.');
    expect(text()).toContain('debian.iso');
    expect(text()).toContain('song.ogg');
    press('Enter');
    expect(ends).toEqual([]);
    expect(text()).not.toContain('Quit?');
  });

  test('tells how it is now for as long as it asks', () => {
    const { press, text, engine, clock } = open();
    press('q');
    expect(text()).toContain('1 download is running, 1 waits.');
    engine.emit({ type: 'download', download: { ...running, state: 'done', doneBytes: 1000 * mebi } });
    clock.advance(600);
    expect(text()).toContain('1 waits.');
    expect(text()).not.toContain('is running');
    expect(text()).not.toMatch(/debian\.iso +0%/);
    engine.emit({ type: 'removed', transfers: [3] });
    clock.advance(600);
    expect(text()).toContain('Nothing is under way any more.');
  });

  test('ends as it is told', () => {
    for (const [key, kind] of [
      ['q', 'stop'],
      ['b', 'background'],
      ['w', 'stop-when-done'],
    ] as const) {
      const { press, ends, engine } = open();
      press('q', key);
      expect(ends).toEqual([{ kind }]);
      expect(engine.asked('stop')).toEqual(kind === 'stop-when-done' ? [{ type: 'stop', when: 'idle' }] : []);
    }
  });

  test('takes back that the engine stops when it is done', () => {
    const { press, text, engine, ends } = open({ snapshot: { ...snapshot, stopsWhenIdle: true } });
    press('q');
    expect(text()).toContain('It stops by itself when its downloads are done.');
    press('k');
    expect(engine.asked('stay')).toEqual([{ type: 'stay' }]);
    expect(ends).toEqual([]);
    engine.emit({ type: 'stops-when-idle', stopsWhenIdle: false });
    press('q');
    expect(text()).toContain('w when done');
  });

  test('leaves an engine alone that was there before', () => {
    const { press, ends } = open({ snapshot: { downloads: [] }, config: { isAttached: true } });
    press('q');
    expect(ends).toEqual([{ kind: 'detached' }]);
  });

  test('offers no background where there is none', () => {
    const { press, text } = open({ snapshot, config: { canBackground: false } });
    press('q');
    expect(text()).not.toContain('background');
  });

  test('asks where nothing runs but files are shared, not where the peer goes on without us', () => {
    const share = {
      folder: '/music',
      name: 'music',
      state: 'watching',
      files: 3,
      bytes: 9,
      hashing: { files: 0, bytes: 0 },
      scannedMs: 0,
      problem: undefined,
    } as const;
    const sharing = { downloads: [], shares: [share] };
    const { press, text, ends } = open({ snapshot: sharing });
    press('q');
    expect(text()).toContain('You share 3 files that others can find.');
    expect(text()).not.toContain('when done');
    press('q');
    expect(ends).toEqual([{ kind: 'stop' }]);
    const attached = open({ snapshot: sharing, config: { isAttached: true } });
    attached.press('q');
    expect(attached.ends).toEqual([{ kind: 'detached' }]);
  });

  test('is at once when nothing runs, and with Ctrl-C twice', () => {
    const idle = open({ snapshot: { downloads: [] } });
    idle.press('q');
    expect(idle.ends).toEqual([{ kind: 'stop' }]);
    const busy = open();
    busy.press('Ctrl+C');
    expect(busy.ends).toEqual([]);
    busy.clock.advance(3000);
    busy.press('Ctrl+C');
    expect(busy.ends).toEqual([]);
    busy.clock.advance(1000);
    busy.press('Ctrl+C');
    expect(busy.ends).toEqual([{ kind: 'stop' }]);
  });
});

describe('Esc', () => {
  test('ends a range, then the filter, then the marks, then leaves, and never quits', () => {
    const { press, type, text, session, ends } = open();
    press('f');
    type('m');
    press('Enter', 'Space', 'g', 'v', 'j');
    expect(text()).toContain('range');
    press('Esc');
    expect(text()).not.toContain('range');
    expect(text()).toContain('filter: m');
    press('Esc');
    expect(text()).not.toContain('filter: m');
    expect(text()).toContain('marked');
    press('Esc');
    expect(text()).not.toContain('marked');
    press('!', 'Esc', 'Esc', 'Esc');
    expect(session.ui.layers).toEqual([]);
    expect(ends).toEqual([]);
  });
});

describe('the first view', () => {
  const work = (changes: Partial<EngineSnapshot>) => ({ snapshot: changes, config: { isAttached: true } });

  test('of a peer that was at work meanwhile is its downloads, or who gets something of it', () => {
    const shown = (scene: TuiScene) => currentScreen(openController(scene).session.ui);
    expect(shown(work(snapshot))).toBe('downloads');
    expect(shown(work({ downloads: [], uploads: [uploadView({})] }))).toBe('uploads');
    expect(shown(work({ downloads: [{ ...running, state: 'done' }] }))).toBe('search');
    expect(shown({ snapshot })).toBe('search');
  });

  test('is not taken away from who has pressed a key already, nor later', () => {
    const { session, press, engine } = openController(work({ downloads: [] }));
    press('3');
    engine.emit({ type: 'resync', snapshot: engineSnapshot(snapshot) });
    expect(currentScreen(session.ui)).toBe('shares');
  });
});

describe('messages', () => {
  test('are listed, but not why a key did nothing', () => {
    const { press, text, session } = open();
    press('+', 'r');
    expect(text()).toContain('[i] Nothing to try again');
    expect(session.ui.toasts.history).toEqual([]);
    press('t');
    expect(text()).toContain('Looking for more sources');
    press('!');
    expect(text()).toContain('Looking for more sources');
    expect(text()).not.toContain('Nothing to try again');
  });

  test('that were opened with their key are left with Esc for what was there before', () => {
    const { press, session } = open();
    press('Enter');
    expect(currentScreen(session.ui)).toBe('details');
    press('!');
    expect(currentScreen(session.ui)).toBe('messages');
    press('Esc');
    expect(currentScreen(session.ui)).toBe('details');
    press('5', ']');
    expect(currentScreen(session.ui)).toBe('messages');
    press('Esc');
    expect(currentScreen(session.ui)).toBe('log');
    press('Esc');
    expect(currentScreen(session.ui)).toBe('log');
    press('1', '!', '2', '5', 'Esc');
    expect(currentScreen(session.ui)).toBe('search');
  });
});

describe('the filter', () => {
  test('acts while it is typed, keeps its text when it is left, and its history', () => {
    const { press, type, text, ports } = open();
    press('f');
    type('film');
    expect(text()).toContain('film.mkv');
    expect(text()).not.toContain('debian.iso');
    press('Enter');
    expect(ports.calls).toContainEqual(['saveHistory', 'filter downloads', ['film']]);
    press('f', 'Ctrl+U');
    expect(text()).toContain('debian.iso');
    press('Up');
    expect(text()).not.toContain('debian.iso');
    press('Esc');
    expect(text()).toContain('filter: film (1 of 3)');
  });

  test('says so when nothing matches', () => {
    const { press, type, text } = open();
    press('f');
    type('zzz');
    expect(text()).toContain('Nothing here matches "zzz"');
  });
});

describe('a filter over very many rows', () => {
  /** Each look at it takes a while, as if all that is done between two looks did. */
  class SlowClock extends ManualClock {
    #lookedAt = 0;

    override readonly now = (): number => 1_000 + this.#lookedAt++ / 4;
  }

  test('shows a page of what matches at once, then all of it, and few frames between', () => {
    const clock = new SlowClock();
    const downloads = Array.from({ length: 60_000 }, (_, at) =>
      downloadView({
        transfer: at + 1,
        queueIndex: at + 1,
        name: `${at < 40_000 ? 'film' : 'song'} ${at}`,
        state: 'paused',
      }),
    );
    const { controller, engine, session } = openController({ snapshot: { downloads }, clock });
    const settled = (): void => clock.settle();
    for (const key of ['2', 'f']) controller.press([keyPress(key)]);
    settled();
    expect(engine.asked('snapshot')).toHaveLength(1);
    const rows = (): readonly string[] =>
      controller
        .frame()
        .lines.map(lineText)
        .filter((line) => /^[> ] (?:film|song) \d/.test(line));
    let frames = 0;
    controller.subscribe(() => {
      frames += 1;
    });
    controller.press([keyPress('o')]);
    expect(frames).toBe(1);
    expect(rows().length).toBeGreaterThan(8);
    expect(rows().every((row) => row.includes('song'))).toBe(true);
    settled();
    expect(session.focusedList(session.screens.get('downloads')).view.length).toBe(20_000);
    expect(frames).toBeLessThan(6);
  });
});

describe('the program', () => {
  test('sorts by a menu of letters, and backwards by the same letter', () => {
    const { press, text } = open();
    press('s', 'n');
    expect(text()).toContain('sort: name');
    expect(text().indexOf('debian')).toBeLessThan(text().indexOf('song'));
    press('s', 'n');
    expect(text().indexOf('debian')).toBeGreaterThan(text().indexOf('song'));
    press('S');
    expect(text().indexOf('debian')).toBeLessThan(text().indexOf('song'));
  });

  test('changes settings at once and keeps them', () => {
    const { press, text, ports, session, terminal } = open();
    press(',', 'Tab', 'Right', 'Right');
    expect(session.glyphs.name).toBe('ascii');
    expect(text()).toContain('+- Settings');
    press('Tab', 'Right');
    expect(terminal).toContain('mouse true');
    const saved = ports.calls.filter(([name]) => name === 'saveSettings').at(-1);
    expect(saved).toEqual(['saveSettings', { ...defaultSettings, glyphs: 'ascii', mouse: true }]);
    press('Esc', 'T');
    expect(session.theme).toBe('light');
  });

  test('shows what is chosen in the settings of the smallest terminal too', () => {
    const { press, text } = openController({ columns: 40, rows: 10 });
    press(',');
    expect(text()).toMatch(/Theme +\[dark\]/);
    expect(text()).toMatch(/Notify when.* +\[off\]/);
    press('Right', 'Right');
    expect(text()).toMatch(/Theme +\[high-contrast\]/);
  });

  test('keeps a theme that the environment chose out of the settings, and one that was chosen by hand', () => {
    const { press, ports, session } = open({ env: { NO_COLOR: '1', LANG: 'C.UTF-8' } });
    const kept = (): unknown => ports.calls.findLast(([name]) => name === 'saveSettings')?.[1];
    expect(session.theme).toBe('mono');
    press(',', 'Tab', 'Tab', 'Right');
    expect(kept()).toMatchObject({ theme: undefined, mouse: true });
    press('Shift+Tab', 'Shift+Tab', 'Right');
    expect([session.theme, kept()]).toMatchObject(['dark', { theme: 'dark' }]);
    press('Tab', 'Tab', 'Right');
    expect([session.theme, kept()]).toMatchObject(['dark', { theme: 'dark', mouse: false }]);
  });

  test('shows what the system says without what would move the cursor', async () => {
    const { controller, text, clock } = open();
    const task = () => Promise.reject(new Error('no such file: /a\u001b[2J\nb'));
    controller.perform([{ type: 'run', task }]);
    await new Promise(setImmediate);
    clock.advance(500);
    expect(text()).toContain('no such file: /a␛[2J␊b');
  });

  test('sets limits, and refuses what is none with a reason', () => {
    const { press, type, text, engine } = open();
    press('B');
    type('fast');
    press('Enter', 'Enter', 'Enter', 'Enter', 'Enter');
    expect(text()).toContain('is not a speed');
    expect(engine.asked('set-limits')).toEqual([]);
    press('Ctrl+U');
    type('2M');
    press('Tab', 'Tab', 'Tab', 'Tab', 'Enter');
    expect(engine.asked('set-limits')[0]?.limits).toMatchObject({
      downloadBytesPerSecond: 2 * mebi,
      uploadBytesPerSecond: 0,
    });
  });

  test('says all of why a limit is refused in the smallest terminal, beside all fields', () => {
    const { press, type, text } = open({ columns: 40, rows: 10 });
    press('B');
    type('quick');
    press('Enter', 'Enter', 'Enter', 'Enter', 'Enter');
    expect(text()).toMatch(/"quick" is not a speed: write +\S\s+\S +500K, 2M or 0/);
    for (const label of ['Limits', 'Download ', 'Upload ', 'Private networks exempt', 'Set'])
      expect(text()).toContain(label);
  });

  test('leaves limits as they are that nobody has changed, and takes no more than the engine does', () => {
    const limits = { ...defaultLimits, uploadBytesPerSecond: 1_234_567 };
    const { press, type, text, engine } = open({ snapshot: { limits } });
    press('B', 'Tab', 'Tab', 'Tab', 'Ctrl+U');
    type(String(maxUploadSlots + 1));
    press('Tab', 'Enter');
    expect(text()).toContain(`Write a number from 1 to ${maxUploadSlots}`);
    press('Ctrl+U');
    type('3');
    press('Tab', 'Tab', 'Enter');
    expect(engine.asked('set-limits')[0]?.limits).toEqual({ ...limits, uploadSlots: 3 });
  });

  test('shows messages for a while, merges equal ones, and keeps errors until a key', () => {
    const { controller, clock, text, press } = open();
    controller.perform([
      { type: 'toast', level: 'info', text: 'queued' },
      { type: 'toast', level: 'info', text: 'queued' },
    ]);
    clock.advance(200);
    expect(text()).toContain('queued (2 times)');
    clock.advance(5000);
    expect(text()).not.toContain('queued (2');
    controller.perform([{ type: 'toast', level: 'error', text: 'the disk is full' }]);
    clock.advance(100_000);
    expect(text()).toContain('the disk is full');
    expect(text()).toContain('Log !1');
    press('j');
    expect(text()).not.toContain('the disk is full');
    press('!');
    expect(text()).toContain('the disk is full');
    expect(text()).toContain('queued (2 times)');
    expect(text()).not.toContain('Log !1');
  });

  test('filters its help by typing', () => {
    const { press, type, text } = open();
    press('?');
    expect(text()).toContain('Keys: Downloads');
    type('prio');
    expect(text()).toContain('raise priority');
    expect(text()).not.toContain('one row down');
    press('Esc');
    expect(text()).not.toContain('Keys: Downloads');
  });

  test('tells of questions that got no answer, and goes on', () => {
    const { controller, clock, text } = open();
    controller.perform([{ type: 'ask', question: { type: 'peers' }, answered: () => [] }]);
    clock.advance(30_100);
    expect(text()).toContain('No answer to peers within 30 s');
  });

  test('shows what a task outside has failed with', async () => {
    const { controller, clock, text } = open();
    controller.perform([
      {
        type: 'run',
        task: async () => {
          throw new Error('no such folder');
        },
      },
    ]);
    await Promise.resolve();
    clock.advance(200);
    expect(text()).toContain('no such folder');
  });

  test('takes a key table of the profile, and says what is wrong with it', () => {
    const changed = open({
      snapshot,
      config: { settings: { ...defaultSettings, keys: { theme: ['Ctrl+T'] } } },
    });
    changed.press('Ctrl+T');
    expect(changed.session.theme).toBe('light');
    const wrong = openController({ config: { settings: { ...defaultSettings, keys: { theme: ['q'] } } } });
    expect(wrong.text()).toContain('q would do both theme and quit');
    wrong.press('Esc', 'T');
    expect(wrong.session.theme).toBe('light');
  });

  test('has no colours where they are not wanted', () => {
    const { session } = openController({ env: { LANG: 'C.UTF-8', TERM: 'xterm', NO_COLOR: '1' } });
    expect(session.theme).toBe('mono');
  });
});
