import { describe, expect, test } from '@jest/globals';
import type { EngineCommand } from '../../../../src/core/engine/engine-api.ts';
import { openController } from '../../open-tui.ts';
import { details, downloads, idOf, peerOf, snapshot } from './scene.ts';

/** The list of downloads, in the order of the queue; the cursor is on the first. */
function open(...keys: readonly string[]) {
  const tui = openController({ snapshot, answers: { details } });
  tui.press('Esc', '2', ...keys);
  return tui;
}

/** What the engine was told, its questions aside. */
const told = ({ engine }: ReturnType<typeof open>): readonly EngineCommand[] =>
  engine.commands.filter(({ type }) => type !== 'snapshot' && type !== 'details');

const all = downloads.filter(({ state }) => state !== 'done' && state !== 'failed' && state !== 'cancelled');
const numbers = (views: readonly { readonly transfer: number }[]): readonly number[] =>
  views.map(({ transfer }) => transfer);
/** As the list shows them: by queue, those without a place last. */
const listed = numbers([...all].toSorted((a, b) => (a.queueIndex ?? Infinity) - (b.queueIndex ?? Infinity)));

describe('the line of keys', () => {
  const keys = (tui: ReturnType<typeof open>): string => tui.lines().at(-1)?.trim() ?? '';

  test('says what the key for pausing would do', () => {
    expect(keys(open())).toContain('p pause ');
    expect(keys(open('G'))).toContain('p resume ');
    expect(keys(open('G', 'Enter'))).toContain('p resume ');
    expect(keys(open('G', 'Space'))).toContain('p pause/resume ');
  });

  test('offers nothing that needs a download where there is none', () => {
    const tui = openController();
    tui.press('Esc', '2');
    expect(keys(tui)).toBe('/ search  ? help  q quit');
    tui.press('?');
    expect(keys(tui)).not.toContain('/ search');
  });
});

describe('a key acts on the download under the cursor', () => {
  test.each([
    ['p', { type: 'pause', transfers: [1] }],
    ['t', { type: 'find-sources', transfers: [1] }],
    ['a', { type: 'find-sources', transfers: [1] }],
    ['+', { type: 'prioritise', transfers: [1], priority: 'high' }],
    ['=', { type: 'prioritise', transfers: [1], priority: 'high' }],
    ['-', { type: 'prioritise', transfers: [1], priority: 'low' }],
    ['J', { type: 'move', transfers: [1], to: 'down' }],
    ['K', { type: 'move', transfers: [1], to: 'up' }],
    ['u', { type: 'order-pieces', transfers: [1], order: 'sequential' }],
  ])('%s', (key, command) => {
    const tui = open(key);
    expect(told(tui)).toEqual([command]);
  });

  test('u takes one that comes from the front back to rarest first', () => {
    expect(told(open('j', 'j', 'j', 'u'))).toEqual([
      { type: 'order-pieces', transfers: [4], order: 'rarest' },
    ]);
  });

  test('p lets a paused one go on', () => {
    expect(told(open('G', 'p'))).toEqual([{ type: 'resume', transfers: [10] }]);
  });

  test('r tries one that waits again, and says so when there is nothing to try', () => {
    expect(told(open('j', 'j', 'j', 'j', 'j', 'j', 'r'))).toEqual([{ type: 'retry', transfers: [7] }]);
    const tui = open('r');
    expect(told(tui)).toEqual([]);
    expect(tui.text()).toContain('Nothing to try again');
  });

  test('a priority that is as high as it goes stays', () => {
    const tui = open('j', '+');
    expect(told(tui)).toEqual([]);
    expect(tui.text()).toContain('as high as it goes');
  });
});

describe('a key acts on all that are marked', () => {
  test.each([
    ['p', [{ type: 'pause', transfers: [1, 2] }]],
    ['t', [{ type: 'find-sources', transfers: [1, 2] }]],
    ['J', [{ type: 'move', transfers: [1, 2], to: 'down' }]],
    ['-', [
      { type: 'prioritise', transfers: [1], priority: 'low' },
      { type: 'prioritise', transfers: [2], priority: 'normal' },
    ]],
    ['u', [{ type: 'order-pieces', transfers: [1, 2], order: 'sequential' }]],
  ])('%s', (key, commands) => {
    expect(told(open('Space', 'Space', key))).toEqual(commands);
  }); // prettier-ignore

  test('and is said once, for how many', () => {
    expect(open('Space', 'Space', 'p').text()).toContain('Paused: 2 downloads');
  });
});

describe('a key acts on all there are', () => {
  test('P pauses those that run; those that are paused go on when nothing runs', () => {
    const tui = open('P');
    expect(told(tui)).toEqual([
      { type: 'pause', transfers: numbers(all).filter((transfer) => transfer !== 10) },
    ]);
    const paused = all.map((view) => ({ ...view, state: 'paused' as const }));
    const other = openController({ snapshot: { downloads: paused } });
    other.press('Esc', '2', 'P');
    expect(told(other)).toEqual([{ type: 'resume', transfers: numbers(paused) }]);
  });

  test('R tries those that failed again', () => {
    expect(told(open('R'))).toEqual([{ type: 'retry', transfers: [15] }]);
    expect(told(open('[', 'R'))).toEqual([{ type: 'retry', transfers: [15] }]);
  });

  test('c clears what is done; what failed only after a question', () => {
    expect(told(open('c'))).toEqual([{ type: 'remove', transfers: [13, 14], deletesData: false }]);
    const tui = open('[', 'c');
    expect(told(tui)).toEqual([]);
    expect(tui.text()).toContain('gone.mkv');
    tui.press('y');
    expect(told(tui)).toEqual([{ type: 'remove', transfers: [15, 16], deletesData: false }]);
  });
});

describe('what takes something away asks first, and Enter means no', () => {
  test.each([
    ['x', 'Cancel 1 download?', { type: 'cancel', transfers: [1] }],
    ['d', 'Take 1 download off the list?', { type: 'remove', transfers: [1], deletesData: false }],
    ['D', 'DELETE 1 download from the disk?', { type: 'remove', transfers: [1], deletesData: true }],
  ])('%s', (key, question, command) => {
    const tui = open(key);
    expect(tui.text()).toContain(question);
    expect(tui.text()).toContain('debian-13.1-amd64-dvd.iso');
    tui.press('Enter');
    expect(tui.text()).not.toContain(question);
    tui.press(key, 'Esc');
    expect(told(tui)).toEqual([]);
    tui.press(key, 'y');
    expect(told(tui)).toEqual([command]);
  });

  test('D names every file up to six, and how many more', () => {
    const tui = open('Ctrl+A', 'D');
    expect(tui.text()).toContain('DELETE 12 downloads from the disk?');
    expect(tui.text()).toContain('! photo⟨RLO⟩gpj.exe');
    expect(tui.text()).toContain('and 6 others');
    tui.press('y');
    expect(told(tui)).toEqual([{ type: 'remove', transfers: listed, deletesData: true }]);
  });

  test('not when little would be lost: x with less than 10 MiB here, d of what is done', () => {
    expect(told(open('j', 'j', 'j', 'j', 'j', 'x'))).toEqual([{ type: 'cancel', transfers: [6] }]);
    expect(told(open(']', ']', 'd'))).toEqual([{ type: 'remove', transfers: [13], deletesData: false }]);
    const done = open(']', ']', 'D');
    expect(told(done)).toEqual([]);
    done.press('y');
    expect(told(done)).toEqual([{ type: 'remove', transfers: [13], deletesData: true }]);
  });
});

describe('a limit', () => {
  test('is written as a rate, and refused when it is none', () => {
    const tui = open('l');
    expect(tui.text()).toContain('Speeds as 500K or 2M each second; empty or 0 is no limit.');
    expect(tui.text()).toContain('How fast may it come');
    tui.type('much');
    tui.press('Enter');
    expect(tui.text()).toContain('"much" is not a speed');
    tui.press('Ctrl+U');
    tui.type('2M');
    tui.press('Enter');
    expect(told(tui)).toEqual([{ type: 'limit', transfers: [1], bytesPerSecond: 2 * 1024 * 1024 }]);
    expect(tui.text()).toContain('At most 2.00M/s');
  });

  test('shows what there is, and nothing takes it away', () => {
    const tui = open('j', 'j', 'l');
    expect(tui.text()).toContain('2MiB');
    tui.press('Ctrl+U', 'Enter');
    expect(told(tui)).toEqual([{ type: 'limit', transfers: [3], bytesPerSecond: 0 }]);
  });
});

describe('a limit of an upload', () => {
  const uploadsOf = (...keys: readonly string[]) => open(']', ...keys);

  test('is written as a rate, for the peer under the cursor', () => {
    const tui = uploadsOf('l');
    expect(tui.text()).toContain('How fast may it go at most to');
    tui.type('640K');
    tui.press('Enter');
    const [command, ...others] = told(tui);
    expect(others).toEqual([]);
    expect(command).toEqual({
      type: 'limit-uploads',
      uploads: [expect.any(Number)],
      bytesPerSecond: 655_360,
    });
    expect(tui.text()).toContain('At most 640K/s');
  });
});

describe('a download is taken elsewhere', () => {
  test('y copies its id, Y a link to it, of all that are marked', () => {
    const one = open('y');
    expect(one.terminal).toEqual([`copy ${idOf(1)}`]);
    const two = open('Space', 'Space', 'Y');
    expect(two.terminal).toEqual([
      `copy shoal:${idOf(1)}?name=debian-13.1-amd64-dvd.iso&size=${downloads[0]?.sizeBytes}\n` +
        `shoal:${idOf(2)}?name=kernel-src-6.12.tar.zst&size=${downloads[1]?.sizeBytes}`,
    ]);
    const tree = open(...Array<string>(8).fill('j'), 'y');
    expect(tree.terminal).toEqual([]);
    expect(tree.text()).toContain('A folder has no id');
  });

  test('o opens the file that is done, and the folder of one that is not', async () => {
    const done = open(']', ']', 'o');
    expect(done.ports.calls).toContainEqual(['openPath', '/home/me/Downloads/lecture-07.webm']);
    expect(open('o').ports.calls).toContainEqual(['openPath', '/home/me/Downloads']);
  });

  test('b browses the peer that gives most of it', () => {
    const tui = open('b');
    expect(tui.engine.asked('details').length).toBeGreaterThan(0);
    expect(tui.session.ui.opened.transfers).toEqual(['browse']);
  });
});

describe('the details of one download', () => {
  test('act on it, and are left with e or Esc', () => {
    const tui = open('j', 'Enter');
    expect(tui.text()).toContain('kernel-src-6.12.tar.zst  98.1%');
    tui.press('p', 'l', 'Esc', 'J');
    expect(told(tui)).toEqual([
      { type: 'pause', transfers: [2] },
      { type: 'move', transfers: [2], to: 'down' },
    ]);
    tui.press('e');
    expect(tui.session.ui.opened.transfers).toEqual([]);
    tui.press('e');
    expect(tui.session.ui.opened.transfers).toEqual(['details']);
    tui.press('Esc');
    expect(tui.session.ui.opened.transfers).toEqual([]);
  });

  test('block the source under the cursor after a question, and browse it', () => {
    const tui = open('Enter');
    tui.clock.advance(1_000);
    tui.press('j', 'X');
    expect(tui.text()).toContain('Block wren?');
    tui.press('y');
    expect(told(tui)).toEqual([{ type: 'block', peer: peerOf(52), name: 'wren' }]);
    tui.press('b');
    expect(tui.session.ui.opened.transfers).toEqual(['details', 'browse']);
  });

  test('say so when the download is gone', () => {
    const tui = open('Enter');
    tui.engine.emit({ type: 'removed', transfers: [1] });
    tui.clock.advance(500);
    expect(tui.text()).toContain('not on the list any more');
    tui.press('p', 'D', 'b', 'X');
    expect(told(tui)).toEqual([]);
  });
});

describe('uploads', () => {
  test('show who gets what, and open the download that they are a part of', () => {
    const tui = open(']');
    expect(tui.text()).toMatch(/sparrow +debian-13/);
    tui.press('Enter');
    expect(tui.text()).toContain('debian-13.1-amd64-dvd.iso  62.9%');
  });

  test('Enter tells more of one that is of a shared file', () => {
    const tui = open(']', 'j', 'Enter');
    expect(tui.text()).toContain('! rob⟨ZWSP⟩in');
    expect(tui.text()).toMatch(/│ +file +lecture-07\.webm/);
    tui.press('Enter');
    expect(tui.session.ui.layers).toEqual([]);
  });

  test('x ends connections, X blocks after a question, y copies the id, b browses', () => {
    const tui = open(']', 'Space', 'Space', 'x');
    expect(told(tui)).toEqual([
      { type: 'disconnect', peer: peerOf(31) },
      { type: 'disconnect', peer: peerOf(32) },
    ]);
    tui.press('g', 'X', 'y', 'y');
    expect(told(tui).at(-1)).toEqual({ type: 'block', peer: peerOf(31), name: 'sparrow' });
    expect(tui.terminal).toEqual([`copy ${idOf(1)}`]);
    tui.press('b');
    expect(tui.session.ui.opened.transfers).toEqual(['browse']);
  });
});

describe('an empty list', () => {
  test.each([
    [[], 'Nothing is being downloaded', '/'],
    [[']'], 'Nobody downloads from you', '3'],
    [[']', ']'], 'Nothing has been completed', '/'],
    [['['], 'Nothing has failed', '!'],
  ])('after %j says why and which key is next', (keys, words, next) => {
    const tui = openController();
    tui.press('Esc', '2', ...keys);
    expect(tui.text()).toContain(words);
    expect(tui.text()).toMatch(new RegExp(`^  ${next === '/' ? '/' : next} `, 'm'));
    tui.press('p', 'x', 'r', 'd', 'D', 'c', 'y', 'o', 'Enter', 'b', 'l');
    expect(told(tui)).toEqual([]);
  });
});

test('what was paused a moment ago is told of as it is: nobody sends, at no speed', () => {
  const tui = openController({ snapshot, answers: { details } });
  tui.press('Esc', '2');
  const [first] = downloads;
  if (first === undefined) throw new Error('no download');
  for (let second = 1; second <= 4; second += 1) {
    const fetchedBytes = second * 1024 * 1024;
    tui.engine.emit({ type: 'download', download: { ...first, fetchedBytes } });
    tui.clock.advance(1_000);
  }
  expect(tui.text()).toMatch(/speed .*now +\d+K\/s/);
  const paused = { ...first, state: 'paused' as const, sources: 0, fetchedBytes: 4 * 1024 * 1024 };
  tui.engine.emit({ type: 'download', download: paused });
  tui.clock.advance(300);
  expect(tui.text()).toMatch(/state +paused by you/);
  expect(tui.text()).toMatch(/speed .*now +- /);
  expect(tui.text()).toMatch(/from +nobody just now, 14 sources known/);
});

test('what came in this run is said of a download that has stood still for long', () => {
  const [first, ...others] = downloads;
  if (first === undefined) throw new Error('no download');
  const still = { ...first, state: 'paused' as const, fetchedBytes: 8 * 1024 * 1024, sentBytes: 0 };
  const tui = openController({
    snapshot: { ...snapshot, downloads: [still, ...others] },
    answers: { details },
    columns: 160,
    rows: 48,
  });
  tui.press('Esc', '2');
  const text = tui.text();
  expect(text).toMatch(/down +8\.00?M in this run/);
  expect(text).toMatch(/up +nothing in this run/);
});
