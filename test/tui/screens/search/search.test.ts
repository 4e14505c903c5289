import { describe, expect, test } from '@jest/globals';
import type { SearchResult } from '../../../../src/core/catalogue.ts';
import type { EngineCommand, EngineEvent } from '../../../../src/core/engine/engine-api.ts';
import { savedSearchEveryMs, searchFreshMs } from '../../../../src/core/limits/screen.ts';
import { SavedSearches } from '../../../../src/tui/screens/search/saved-searches.ts';
import { downloadView } from '../../../helpers/views.ts';
import { openController, type TuiScene, typed } from '../../open-tui.ts';
import { answering, idOf, online, result, results, source } from './scene.ts';

const open = (scene: TuiScene = {}) =>
  openController({ snapshot: online, ...scene, answers: { search: answering(results), ...scene.answers } });

/** Types a query and searches for it. */
function search(tui: ReturnType<typeof open>, query: string): void {
  tui.press('/');
  tui.press('Ctrl+U', ...Array.from(query, (letter) => (letter === ' ' ? 'Space' : letter)), 'Enter');
  tui.clock.advance(1_000);
}

const taken = <Tui extends ReturnType<typeof open>>({ engine }: Tui) =>
  engine.asked('download').map(({ target }) => (target.kind === 'content' ? target.id : target.path));

describe('searching', () => {
  test('asks once, at Enter, and shows who has what', () => {
    const tui = open();
    tui.press('/', 'd', 'e', 'b');
    expect(tui.engine.asked('search')).toEqual([]);
    tui.press('Enter');
    tui.clock.advance(1_000);
    expect(tui.engine.asked('search').map(({ query }) => query)).toEqual(['deb']);
    expect(tui.text()).toContain('debian-13.1-amd64-netinst.iso');
    expect(tui.text()).toContain('5 results');
    expect(tui.text()).toContain('! photo⟨RLO⟩gpj.debian.exe');
  });

  test('two of the same name are told apart by where they lie, beside them or of the one under the cursor', () => {
    const wide = open({ columns: 120, rows: 40 });
    search(wide, 'debian');
    expect(wide.text()).toMatch(/debian-13\.1-amd64-dvd\.iso +\/Linux\/ISO\//);
    expect(wide.text()).toMatch(/debian-13\.1-amd64-dvd\.iso +! \/mirror.* it lies\//);
    const normal = open();
    search(normal, 'debian');
    expect(normal.text()).toMatch(/^ in \/Linux\/ISO\/ +seen as: DEBIAN13\.ISO/m);
    normal.press('G');
    expect(normal.text()).toMatch(/^ in \/mirror\/a much longer way\/to where⟨RLO⟩ it lies\//m);
  });

  test('results are filtered by where they lie', () => {
    const tui = open();
    search(tui, 'debian');
    tui.press('f');
    tui.type('in:linux');
    expect(tui.text()).toContain('filter: in:linux');
    expect(tui.text()).toContain('debian-13.1-amd64-dvd.iso');
    expect(tui.text()).not.toContain('netinst');
  });

  test('a query that makes no sense is not sent, and it is said where it is wrong', () => {
    const tui = open();
    search(tui, 'x type:nonsense');
    expect(tui.engine.asked('search')).toEqual([]);
    expect(tui.text()).toContain('at character 3');
    expect(tui.text()).toMatch(/Enter searches for {2}x *\n/);
    tui.press('Enter');
    expect(tui.engine.asked('search')).toMatchObject([{ query: 'x' }]);
  });

  test('where no tracker could be asked, Enter asks for the same again', () => {
    const problem = { code: 'unreachable', message: 'No tracker answers' } as const;
    const tui = openController({
      snapshot: online,
      answers: {
        search: ({ requestId }) => [
          { type: 'answer-search', requestId, answer: { ok: false, problem }, last: true, trackers: { asked: 1, answered: 0 } },
        ],
      },
    }); // prettier-ignore
    search(tui, 'moby ext:pdf');
    expect(tui.text()).toContain('Enter tries again');
    expect(tui.text()).toContain('Enter try again');
    tui.clock.advance(searchFreshMs);
    tui.press('Enter');
    expect(tui.engine.asked('search').map(({ query }) => query)).toEqual(['moby ext:pdf', 'moby ext:pdf']);
  });

  test('where a type is called otherwise than here, Enter searches for the one that is meant', () => {
    const tui = open();
    search(tui, 'x type:movie');
    expect(tui.engine.asked('search')).toEqual([]);
    expect(tui.text()).toContain('did you mean type:video?');
    expect(tui.text()).toMatch(/Enter searches for {2}x type:video *\n/);
    expect(tui.text()).toContain('Enter search for that');
    tui.press('Enter');
    expect(tui.engine.asked('search')).toMatchObject([{ query: 'x type:video' }]);
  });

  test('the same query within a few seconds shows the answer it had, with its age', () => {
    const tui = open();
    search(tui, 'deb');
    search(tui, 'deb');
    expect(tui.engine.asked('search').length).toBe(1);
    expect(tui.text()).toMatch(/5 results, \d+s old/);
    tui.clock.advance(searchFreshMs);
    search(tui, 'deb');
    expect(tui.engine.asked('search').length).toBe(2);
  });

  test('a content id and a link are looked up, not searched for', () => {
    const tui = open();
    search(tui, idOf(7));
    search(tui, `shoal:${idOf(8)}`);
    expect(tui.engine.asked('search')).toEqual([]);
    expect(tui.engine.asked('find-name').map(({ name }) => name)).toEqual([idOf(7), idOf(8)]);
  });

  test('Enter gets the result under the cursor, from the sources it has', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('j', 'Enter');
    expect(tui.engine.asked('download')).toMatchObject([
      {
        target: { kind: 'content', id: idOf(2), sources: [source(0), source(1), source(2), source(3)] },
        outDir: '/home/me/Downloads',
      },
    ]);
    expect(tui.text()).toContain('queued, 755M. Press 2 to watch.');
  });

  test('Enter gets all that are marked, and takes the marks away', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('Space', 'Space', 'Enter');
    expect(taken(tui)).toEqual([idOf(1), idOf(2)]);
    expect(tui.text()).not.toContain('marked');
  });

  test('what is here or on its way is said and not fetched again', () => {
    const tui = open({
      snapshot: {
        ...online,
        downloads: [downloadView({ id: idOf(2), state: 'done' }), downloadView({ transfer: 2, id: idOf(3), doneBytes: 510 })],
      },
      answers: {
        shared: ({ requestId }) => [
          {
            type: 'answer-shared',
            requestId,
            answer: { ok: true, value: [{ id: idOf(9), path: '/me/debian-13.1-amd64-dvd.iso', sizeBytes: 1 }] },
          },
        ],
      },
    }); // prettier-ignore
    search(tui, 'deb');
    expect(tui.text()).toMatch(/netinst.iso.* have/);
    expect(tui.text()).toMatch(/epub.* 51%/);
    expect(tui.text()).toMatch(/dvd.iso.* differs/);
    tui.press('j', 'Enter');
    expect(taken(tui)).toEqual([]);
    expect(tui.text()).toContain('You have it already');
  });

  test('more than the disk has room for is asked about, and Enter means no', () => {
    const tui = open({
      snapshot: { ...online, disk: { folder: '/home/me/Downloads', freeBytes: 1_000_000 } },
    });
    search(tui, 'deb');
    tui.press('Enter');
    expect(tui.text()).toContain('More than the disk has room for');
    tui.press('Enter');
    expect(taken(tui)).toEqual([]);
    tui.press('Enter', 'y');
    expect(taken(tui)).toEqual([idOf(1)]);
  });

  test('marks stay when the disk has no room and the answer is no, and go with a yes', () => {
    const tui = open({
      snapshot: { ...online, disk: { folder: '/home/me/Downloads', freeBytes: 1_000_000 } },
    });
    search(tui, 'deb');
    tui.press('Space', 'Space', 'Enter', 'Esc');
    const marks = () => tui.session.screens.get('search').lists[0].view.marks.size;
    expect(marks()).toBe(2);
    tui.press('Enter', 'y');
    expect(taken(tui)).toHaveLength(2);
    expect(marks()).toBe(0);
  });

  test('results that come while the reader is among them wait for a key', () => {
    const tui = open({ answers: { search: () => [] } });
    search(tui, 'deb');
    const [{ requestId } = { requestId: 0 }] = tui.engine.asked('search');
    const answer = (count: number, last: boolean): void => {
      const trackers = { asked: 2, answered: last ? 2 : 1 };
      const value = results.slice(0, count);
      tui.engine.emit({ type: 'answer-search', requestId, answer: { ok: true, value }, last, trackers });
      tui.clock.advance(2_000);
    };
    answer(2, false);
    tui.press('j');
    answer(4, true);
    expect(tui.text()).toContain('+2 new, . to merge');
    expect(tui.text()).not.toContain('epub');
    tui.press('.');
    tui.clock.advance(2_000);
    expect(tui.text()).toContain('epub');
    expect(tui.text()).toMatch(/> debian-13.1-amd64-netinst.iso/);
  });

  test('an answer to an earlier question changes nothing', () => {
    const tui = open({ answers: { search: () => [] } });
    search(tui, 'first');
    search(tui, 'second');
    const [{ requestId } = { requestId: 0 }] = tui.engine.asked('search');
    const trackers = { asked: 1, answered: 1 };
    tui.engine.emit({
      type: 'answer-search',
      requestId,
      answer: { ok: true, value: results },
      last: true,
      trackers,
    });
    tui.clock.advance(1_000);
    expect(tui.text()).not.toContain('netinst');
  });

  test('of the result under the cursor it says who has it, and who is to be called for it', () => {
    const found = result(7, 'whale.iso', 1, 3);
    const sources = found.sources.map((each, at) => ({ ...each, reachable: [true, false, undefined][at] }));
    const tui = open({ answers: { search: answering([{ ...found, sources }]) } });
    search(tui, 'whale');
    expect(tui.text()).toMatch(/: ann {2}bob \(by call\) {2}cleo/);
  });

  test('where nothing was found it says why, and Enter asks for less', () => {
    const tui = open({ answers: { search: answering((query) => (query === 'blue' ? results : [])) } });
    search(tui, 'blue ext:iso');
    expect(tui.text()).toContain('Nothing found for blue ext:iso');
    expect(tui.text()).toContain('Enter searches for  blue');
    tui.press('Enter');
    tui.clock.advance(1_000);
    expect(tui.engine.asked('search').map(({ query }) => query)).toEqual(['blue ext:iso', 'blue']);
    expect(tui.text()).toContain('netinst');
  });

  test('where something else may have been meant, Enter searches for that', () => {
    const tui = open({
      answers: {
        search: (asked) => {
          const [answer] = answering(asked.query === 'debian' ? results : [])(asked);
          return [{ ...answer, end: { suggestion: 'debian' } } as EngineEvent];
        },
      },
    });
    search(tui, 'debain iso');
    expect(tui.text()).toContain('Did you mean this?');
    expect(tui.text()).toContain('Enter searches for  debian');
    tui.press('Enter');
    tui.clock.advance(1_000);
    expect(tui.engine.asked('search').map(({ query }) => query)).toEqual(['debain iso', 'debian']);
    expect(tui.text()).toContain('netinst');
  });

  test('a part of the catalogue that did not answer is the reason given', () => {
    const tui = open({
      answers: {
        search: (asked) => answering([])(asked).map((answer) => ({ ...answer, end: { isPartial: true } })),
      },
    });
    search(tui, 'deb');
    expect(tui.text()).toContain('A part of the catalogue did not answer');
  });

  describe('page by page', () => {
    const names = ['one', 'two', 'three', 'four', 'five'].map((name, at) =>
      result(at + 1, `${name}.iso`, 1, 1),
    );
    const pages: Record<string, readonly [readonly SearchResult[], string | undefined]> = {
      '': [names.slice(0, 2), 'a'],
      a: [names.slice(1, 4), 'b'],
      b: [names.slice(4), undefined],
    };
    const paged = (asked: Extract<EngineCommand, { readonly type: 'search' }>) => {
      const [found, cursor] = pages[asked.cursor ?? ''] ?? [[], undefined];
      return answering(found)(asked).map((answer) => ({ ...answer, end: { cursor } }));
    };
    const cursors = (tui: ReturnType<typeof open>) => tui.engine.asked('search').map(({ cursor }) => cursor);

    test('whoever comes to the end gets the next page, and a content is there once', () => {
      const tui = open({ answers: { search: paged } });
      search(tui, 'iso');
      expect(tui.text()).toContain('2 results, more at the end');
      expect(tui.text()).not.toContain('three');
      tui.press('j');
      tui.clock.advance(2_000);
      expect(tui.text()).toContain('4 results, more at the end');
      expect(tui.text()).toMatch(/> two.iso[^]*three.iso[^]*four.iso/);
      expect(cursors(tui)).toEqual([undefined, 'a']);
      tui.press('G');
      tui.clock.advance(2_000);
      expect(tui.text()).toContain('5 results');
      expect(tui.text()).not.toContain('at the end');
      tui.press('G');
      tui.clock.advance(2_000);
      expect(cursors(tui)).toEqual([undefined, 'a', 'b']);
    });

    test('a page that does not come leaves what is there, and is asked for again at the next visit', () => {
      const problem = { code: 'timeout', message: 'Too slow' } as const;
      let works = false;
      const tui = open({
        answers: {
          search: (asked) =>
            asked.cursor === undefined || works
              ? paged(asked)
              : answering([])(asked).map(
                  (answer) => ({ ...answer, answer: { ok: false, problem } }) as EngineEvent,
                ),
        },
      });
      search(tui, 'iso');
      tui.press('j');
      tui.clock.advance(2_000);
      expect(tui.text()).toContain('Too slow');
      expect(tui.text()).toContain('2 results, more at the end');
      works = true;
      tui.clock.advance(5_000);
      expect(cursors(tui)).toEqual([undefined, 'a']);
      tui.press('k');
      tui.clock.advance(2_000);
      tui.press('j');
      tui.clock.advance(2_000);
      expect(tui.text()).toContain('4 results');
    });

    test('the pages of one search are not those of the next', () => {
      const tui = open({ answers: { search: paged } });
      search(tui, 'iso');
      tui.press('j');
      tui.clock.advance(2_000);
      search(tui, 'img');
      expect(tui.text()).toContain('2 results, more at the end');
      expect(tui.text()).not.toContain('three');
    });

    test('nothing more is asked for among what a filter shows', () => {
      const tui = open({ answers: { search: paged } });
      search(tui, 'iso');
      tui.press('f', ...typed('two'), 'Enter');
      tui.clock.advance(2_000);
      expect(cursors(tui)).toEqual([undefined]);
    });
  });

  test('a tracker that cannot be asked is the reason given', () => {
    const tui = open({
      answers: {
        search: ({ requestId }) => [
          {
            type: 'answer-search',
            requestId,
            answer: { ok: false, problem: { code: 'unreachable', message: 'No tracker\u001b[2J answers' } },
            last: true,
            trackers: { asked: 1, answered: 0 },
          },
        ],
      },
    });
    search(tui, 'deb');
    expect(tui.text()).toContain('No tracker␛[2J answers');
  });

  test('f filters within what was found', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('f', ...typed('ext:iso'), 'Space', ...typed('size:>1g'), 'Enter');
    tui.clock.advance(1_000);
    expect(tui.text()).toContain('(2 of 5)');
    expect(tui.text()).not.toContain('netinst');
  });

  test('what is written and left with Esc is there again', () => {
    const tui = open();
    tui.press('/', 'a', 'b', 'Esc', '/', 'c', 'Enter');
    expect(tui.engine.asked('search').map(({ query }) => query)).toEqual(['abc']);
  });

  test('the query of before gives way to what is typed, and is edited after a key that moves', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('/');
    expect(tui.controller.frame().lines.flat()).toContainEqual({ text: 'deb', role: 'input', inverse: true });
    tui.press('x', 'y', 'Enter');
    tui.press('/', 'End', 'z');
    expect(tui.controller.frame().lines.flat()).not.toContainEqual(
      expect.objectContaining({ inverse: true, role: 'input' }),
    );
    tui.press('Enter');
    expect(tui.engine.asked('search').map(({ query }) => query)).toEqual(['deb', 'xy', 'xyz']);
  });

  test('the start of a word that is too short is told from words that nobody shares', () => {
    const tui = open({ answers: { search: answering([]) } });
    search(tui, 'f*');
    expect(tui.text()).toContain('f* is too short: two letters are needed before the *.');
  });

  test('the query is remembered, and comes back with the arrow', () => {
    const tui = open();
    search(tui, 'first');
    search(tui, 'second');
    tui.press('/', 'Ctrl+U', 'Up', 'Up', 'Enter');
    tui.clock.advance(searchFreshMs);
    expect(tui.ports.calls).toContainEqual(['saveHistory', 'search', ['first', 'second']]);
    expect(tui.text()).toContain(' / first');
  });

  test('b browses the one that has it, and asks which one of several', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('b');
    expect(tui.text()).toContain('a  ann');
    tui.press('b');
    expect(tui.engine.asked('browse')).toMatchObject([{ peer: source(1).peer, path: '/' }]);
  });

  test('a asks who has it now', () => {
    const tui = open({
      answers: {
        'find-name': ({ requestId }) => [
          { type: 'answer-find-name', requestId, answer: { ok: true, value: [result(1, 'x', 3_984_588_800, 14)] } },
        ],
      },
    }); // prettier-ignore
    search(tui, 'deb');
    tui.press('a');
    tui.clock.advance(1_000);
    expect(tui.text()).toContain('14 sources online');
    expect(tui.text()).toMatch(/dvd.iso +3.71G +14/);
  });

  test('y copies the id, Y a link', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('j', 'y', 'Y');
    expect(tui.terminal).toEqual([
      `copy ${idOf(2)}`,
      `copy shoal:${idOf(2)}?name=debian-13.1-amd64-netinst.iso&size=791674880`,
    ]);
  });
});

describe('a saved search', () => {
  const first = results.slice(0, 1);

  test('is repeated, and tells of what is new', async () => {
    let known = first;
    const tui = open({ answers: { search: answering(() => known) } });
    await Promise.resolve();
    search(tui, 'deb');
    tui.press('w');
    known = results.slice(0, 3);
    tui.clock.advance(savedSearchEveryMs + 1_000);
    expect(tui.engine.asked('search').length).toBe(2);
    expect(tui.text()).toContain("2 new results for deb (' shows saved searches)");
    tui.press("'");
    expect(tui.text()).toMatch(/> deb +2 +3/);
  });

  test('is kept with the profile and comes back; what makes no sense in it is left out', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('w');
    const [[, data] = []] = [...tui.ports.stored];
    expect(data).toMatchObject([{ query: 'deb', fresh: [] }]);
    const saved = new SavedSearches();
    saved.load([...(data as object[]), { query: 7 }, null, { query: '' }, { query: 'odd', known: ['x'] }]);
    expect([...saved.table.rows()]).toMatchObject([
      { query: 'deb', known: results.map(({ id }) => id) },
      { query: 'odd', known: [] },
    ]);
  });

  test('d forgets it', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('w', "'", 'd');
    expect(tui.ports.stored.get('saved-searches')).toEqual([]);
    expect(tui.text()).toContain('No search is saved');
  });

  test('is looked at by Enter, and nothing of it is new any more', () => {
    const tui = open();
    search(tui, 'deb');
    tui.press('w');
    search(tui, 'other');
    tui.press("'", 'Enter');
    tui.clock.advance(1_000);
    expect(tui.text()).toContain(' / deb');
  });
});
