import { describe, expect, test } from '@jest/globals';
import type { ListEntry } from '../../../../src/core/catalogue.ts';
import type { ContentId } from '../../../../src/core/ids.ts';
import { peersEveryMs } from '../../../../src/core/limits/screen.ts';
import { unreachableTracker } from '../../../../src/core/tracker/tracker-words.ts';
import { openController, typed } from '../../open-tui.ts';
import { trackerView } from '../../../helpers/views.ts';
import { answers, peerId, snapshot } from './scene.ts';

/** The peers by their files, most first: the cursor is on kestrel. */
function open(...keys: readonly string[]) {
  const tui = openController({ snapshot, answers });
  tui.press('4', 's', 'f');
  tui.clock.advance(2_000);
  tui.press('g', ...keys);
  return tui;
}

const told = ({ engine }: ReturnType<typeof open>) =>
  engine.commands.filter(({ type }) => type === 'block' || type === 'unblock' || type === 'disconnect');

describe('who is online', () => {
  test('is listed with what each shares and gets, and asked again now and then', () => {
    const tui = open();
    expect(tui.text()).toMatch(/> kestrel .* 1,204,341 /);
    expect(tui.text()).toMatch(/me .* you/);
    expect(tui.text()).toMatch(/! bad⟨RLO⟩guy␛\[2J .* blocked/);
    const before = tui.engine.asked('peers').length;
    tui.clock.advance(peersEveryMs * 2);
    expect(tui.engine.asked('peers').length).toBeGreaterThan(before);
  });

  test('stands below the trackers: how each is, why not, and when it is tried again', () => {
    const text = open().text();
    expect(text).toMatch(/hub-a:7000 +ok 12ms +57 other peers online/);
    expect(text).toMatch(/hub-b:7000 +unreachable .*nobody answers/);
  });

  test('says all of why a tracker cannot be reached, and names it once', () => {
    const place = { host: '127.0.0.1', port: 5777 };
    const problem = {
      code: 'unreachable',
      message: unreachableTracker(place, 'nothing listens there'),
    } as const;
    for (const columns of [60, 80, 120]) {
      const tui = openController({
        columns,
        snapshot: { trackers: [trackerView({ ...place, state: 'waiting', problem })] },
      });
      for (const key of ['1', '4']) {
        tui.press(key);
        tui.clock.advance(2_000);
        const words = tui.text().split(/\s+/).join(' ');
        expect(words).toContain('nothing listens there. Check its address and that it runs (shoal tracker)');
        expect(words.split('127.0.0.1:5777')).toHaveLength(2);
      }
    }
  });

  test('stands below what is to be done when others cannot reach us, and that they can', () => {
    const tui = open();
    const reach = { isReachable: false, host: '192.0.2.7', port: 40_001 };
    const tell = (isReachable: boolean): void =>
      tui.engine.emit({
        type: 'tracker',
        tracker: trackerView({ host: 'hub-a', port: 7000, reach: { ...reach, isReachable } }),
      });
    expect(tui.text()).not.toContain('reach you');
    tell(false);
    tui.clock.advance(2_000);
    expect(tui.text()).toContain('Others cannot reach you at 192.0.2.7:40001: open or forward port 40001');
    expect(tui.text()).toContain('not reachable');
    tell(true);
    tui.clock.advance(2_000);
    expect(tui.text()).toContain('others can reach you');
    expect(tui.text()).not.toContain('not reachable');
  });

  test('says that the list is incomplete for as long as it is', () => {
    let isPartial = true;
    const tui = openController({
      snapshot,
      answers: {
        ...answers,
        peers: (asked) => answers.peers(asked).map((event) => (isPartial ? { ...event, isPartial } : event)),
      },
    });
    tui.press('4');
    tui.clock.advance(2_000);
    expect(tui.text()).toContain('The list is incomplete');
    isPartial = false;
    tui.clock.advance(peersEveryMs * 2);
    expect(tui.text()).not.toContain('The list is incomplete');
  });

  test('addresses are shown only when asked for', () => {
    const tui = open();
    expect(tui.text()).not.toContain('192.0.2.1');
    tui.press('A');
    expect(tui.text()).toContain('192.0.2.1:4011');
  });

  test('shows at once who has been blocked', () => {
    const tui = open();
    expect(tui.text()).toMatch(/> kestrel .* (?:connected|downloading from you)/);
    tui.engine.emit({ type: 'blocked', blocked: [{ peer: peerId(11), name: 'kestrel' }] });
    tui.clock.settle();
    tui.clock.advance(100);
    expect(tui.text()).toMatch(/> kestrel .* blocked/);
  });

  test('X asks before it blocks, and Enter means no', () => {
    expect(told(open('X', 'Enter'))).toEqual([]);
    expect(told(open('X', 'y'))).toEqual([{ type: 'block', peer: peerId(11), name: 'kestrel' }]);
  });

  test('x ends the connection; of ourselves there is none', () => {
    expect(told(open('x'))).toEqual([{ type: 'disconnect', peer: peerId(11) }]);
    const tui = open('/', 'Esc', '4', 'f', ...typed('me'), 'Enter', 'x');
    expect(told(tui)).toEqual([]);
  });

  test('Enter shows the details, from which b browses', () => {
    const tui = open('Enter');
    expect(tui.text()).toContain(peerId(11));
    tui.press('b');
    expect(tui.engine.asked('browse')).toMatchObject([{ peer: peerId(11), path: '/' }]);
  });

  test('the blocked are listed and unblocked', () => {
    const tui = open(']');
    expect(tui.text()).toContain('bad⟨RLO⟩guy␛[2J');
    tui.press('Enter');
    expect(told(tui)).toEqual([{ type: 'unblock', peer: peerId(12), name: 'bad\u202eguy\u001b[2J' }]);
  });
});

describe('browsing a peer', () => {
  const browse = (...keys: readonly string[]) => {
    const tui = open('b');
    for (const key of keys) {
      tui.press(key);
      tui.clock.advance(2_000);
    }
    return tui;
  };
  /** A peer that lists these folders, and no others. */
  const browseOf = (folders: Readonly<Record<string, readonly ListEntry[]>>, ...keys: readonly string[]) => {
    const tui = openController({
      snapshot,
      answers: {
        ...answers,
        browse: ({ requestId, path }) => {
          const entries = folders[path];
          if (entries === undefined) return [];
          return [{ type: 'answer-browse', requestId, answer: { ok: true, value: entries }, last: true }];
        },
      },
    });
    tui.press('4', 's', 'f');
    tui.clock.advance(2_000);
    tui.press('g', 'b', ...keys);
    return tui;
  };
  /** What the rows show, without their sizes. */
  const names = (tui: ReturnType<typeof open>): readonly string[] =>
    tui
      .lines()
      .slice(3, 14)
      .map((line) => line.slice(2, 40).trim())
      .filter(Boolean);

  test('shows folders that open and close, folders first', () => {
    const tui = browse('Right');
    expect(names(tui)).toEqual(['▾ music/', '▸ live/', 'blue moon.mp3', '! ⟨RLO⟩gpj.exe', '▸ papers/']);
    tui.press('Left');
    tui.clock.advance(2_000);
    expect(names(tui)).toEqual(['▸ music/', '▸ papers/']);
  });

  test('asks for each folder once', () => {
    const tui = browse('Right', 'Left', 'Right');
    expect(tui.engine.asked('browse').map(({ path }) => path)).toEqual(['/', '/music/']);
  });

  test('is asked again with each b: cursor and open folders stay, what is gone goes', () => {
    const folder = (path: string) => ({ kind: 'folder', path, files: 1, sizeBytes: 9 }) as const;
    const file = (path: string) =>
      ({ kind: 'file', path, sizeBytes: 9, id: peerId(40) as string as ContentId }) as const;
    const folders: Record<string, readonly ListEntry[]> = {
      '/': [folder('/a/'), folder('/b/')],
      '/a/': [file('/a/one'), folder('/a/sub/')],
      '/a/sub/': [file('/a/sub/old')],
      '/b/': [file('/b/two')],
    };
    const tui = browseOf(folders, 'Right', 'j', 'Right', 'g');
    tui.press('G', 'Right');
    tui.press('Left');
    tui.press('g', 'j', 'j', 'j');
    tui.clock.advance(2_000);
    expect(names(tui)).toEqual(['▾ a/', '▾ sub/', 'old', 'one', '▸ b/']);
    folders['/a/'] = [file('/a/0-new'), file('/a/one')];
    folders['/b/'] = [file('/b/other')];
    const before = tui.engine.asked('browse').length;
    tui.press('Esc', 'b');
    tui.clock.advance(2_000);
    expect(names(tui)).toEqual(['▾ a/', '0-new', 'one', '▸ b/']);
    expect(
      tui.engine
        .asked('browse')
        .slice(before)
        .map(({ path }) => path),
    ).toEqual(['/', '/a/']);
    expect(tui.lines().find((line) => line.includes('one'))).toMatch(/^>/);
    tui.press('G', 'Right');
    tui.clock.advance(2_000);
    expect(names(tui)).toContain('other');
  });

  test('keeps what there was when it cannot be asked again, and says that it may be old', () => {
    let isOnline = true;
    const problem = { code: 'unreachable', message: 'kestrel has left' } as const;
    const tui = openController({
      snapshot,
      answers: {
        ...answers,
        browse: (asked) =>
          isOnline
            ? answers.browse(asked)
            : [
                {
                  type: 'answer-browse',
                  requestId: asked.requestId,
                  answer: { ok: false, problem },
                  last: true,
                },
              ],
      },
    });
    tui.press('4', 's', 'f');
    tui.clock.advance(2_000);
    tui.press('g', 'b', 'Right', 'Esc');
    isOnline = false;
    tui.press('b');
    expect(names(tui)).toContain('blue moon.mp3');
    expect(tui.text()).toContain('This list may have changed since: kestrel has left');
  });

  test('is left by the number of the tab, as by Esc', () => {
    const tui = browse('4');
    expect(tui.text()).toContain('[Online');
    tui.press('1', '4');
    expect(tui.text()).toContain('[Online');
  });

  test('what is open below a closed folder is open again with it', () => {
    const tui = browse('Right', 'j', 'Right', 'g', 'Left', 'Right');
    expect(names(tui)).toContain('one.flac');
  });

  test('Enter gets a folder as one, from where the peer is', () => {
    const tui = browse('Enter');
    expect(tui.engine.asked('download')).toMatchObject([
      { target: { kind: 'tree', path: '/music/', source: { name: 'kestrel', port: 4011 } } },
    ]);
    expect(tui.text()).toContain('1 folder queued');
  });

  test('many files are got after a question that says how many and how large, and Enter means no', () => {
    const root = { kind: 'folder', path: '/all/', files: 1_204, sizeBytes: 3_000_000_000 } as const;
    const tui = browseOf({ '/': [root, { ...root, path: '/more/', files: 2, sizeBytes: 9 }] }, 'Enter');
    expect(tui.text()).toContain('Get all of all/ from kestrel?');
    expect(tui.text()).toContain('1,204 files, 2.79G');
    tui.press('Enter');
    expect(tui.engine.asked('download')).toEqual([]);
    tui.press('Enter', 'y');
    expect(tui.engine.asked('download')).toMatchObject([{ target: { kind: 'tree', path: '/all/' } }]);
  });

  test('marks stay when the question is answered with no, and go with a yes', () => {
    const root = { kind: 'folder', path: '/all/', files: 1_204, sizeBytes: 3_000_000_000 } as const;
    const tui = browseOf({ '/': [root, { ...root, path: '/more/' }] }, 'Ctrl+A', 'Enter');
    for (const no of ['n', 'Esc', 'Enter']) {
      expect(tui.text()).toContain('Get all of 2 entries from kestrel?');
      tui.press(no);
      tui.press('Enter');
    }
    const marks = () => tui.session.screens.get('browse').lists[0].view.marks.size;
    expect(marks()).toBe(2);
    tui.press('y');
    expect(tui.engine.asked('download')).toHaveLength(2);
    expect(marks()).toBe(0);
  });

  test('a folder that is being listed is got after a question, whatever it holds', () => {
    const root = { kind: 'folder', path: '/all/', files: 3, sizeBytes: 9 } as const;
    const tui = browseOf({ '/': [root] }, 'Enter');
    expect(tui.text()).toContain('Get all of all/ from kestrel?');
    expect(tui.engine.asked('download')).toEqual([]);
  });

  test('of marked entries those within a marked folder are not asked for twice', () => {
    const tui = browse('Right', 'g', 'Space', 'Space', 'Space', 'Enter');
    expect(tui.engine.asked('download').map(({ target }) => target.kind)).toEqual(['tree']);
  });

  test('a file is got by itself, under the name it has there', () => {
    const tui = browse('Right', 'j', 'j', 'Enter');
    expect(tui.engine.asked('download')).toMatchObject([
      { target: { kind: 'content', name: 'blue moon.mp3', sources: [{ name: 'kestrel' }] } },
    ]);
  });

  test('a peer that has left is told of in words', () => {
    const tui = openController({
      snapshot,
      answers: {
        ...answers,
        browse: ({ requestId }) => [
          {
            type: 'answer-browse',
            requestId,
            answer: { ok: false, problem: { code: 'not-found', message: 'No peer of that name is online' } },
            last: true,
          },
        ],
      },
    });
    tui.press('4');
    tui.clock.advance(2_000);
    tui.press('b');
    expect(tui.text()).toContain('No peer of that name is online');
  });

  test('a single folder at the top opens by itself', () => {
    const tui = openController({
      snapshot,
      answers: {
        ...answers,
        browse: (asked) =>
          answers
            .browse(asked)
            .map((event) =>
              event.type === 'answer-browse' && asked.path === '/' && event.answer.ok
                ? { ...event, answer: { ok: true as const, value: event.answer.value.slice(0, 1) } }
                : event,
            ),
      },
    });
    tui.press('4');
    tui.clock.advance(2_000);
    tui.press('b');
    tui.clock.advance(2_000);
    expect(names(tui)).toContain('blue moon.mp3');
  });
});
