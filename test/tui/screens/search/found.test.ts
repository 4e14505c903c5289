import { expect, test } from '@jest/globals';
import { Found, type FoundRow } from '../../../../src/tui/screens/search/found.ts';
import { ResultList } from '../../../../src/tui/screens/search/result-list.ts';
import { LocalCopies } from '../../../../src/tui/screens/search/local-copies.ts';
import { downloadView } from '../../../helpers/views.ts';
import { idOf, result } from './scene.ts';

/** Counts how often it is asked. */
class CountedCopies extends LocalCopies {
  asked = 0;

  override stateOf(...args: Parameters<LocalCopies['stateOf']>): ReturnType<LocalCopies['stateOf']> {
    this.asked += 1;
    return super.stateOf(...args);
  }
}

test('while a download goes on, only the results it is about are looked at', () => {
  const copies = new CountedCopies();
  const found = new Found();
  const many = Array.from({ length: 200 }, (_, at) => result(at, `film ${at}`, 5, 1));
  const twin = result(7, 'film 7', 6, 1);
  found.show(new ResultList([...many, twin]), copies, false);
  found.refresh(copies);
  copies.asked = 0;
  copies.noteDownload(downloadView({ id: idOf(7), name: 'film 7', sizeBytes: 100, doneBytes: 40 }));
  found.refresh(copies);
  expect(copies.asked).toBe(2);
  const locals = [...found.rows()].flatMap(({ local }: FoundRow) => (local.kind === 'none' ? [] : [local]));
  expect(locals).toMatchObject([{ percent: 40 }, { percent: 40 }]);
  found.refresh(copies);
  expect(copies.asked).toBe(2);
  // Something of that name is here now: that may be said of any of them.
  copies.noteDownload(downloadView({ id: idOf(250), name: 'film 8', state: 'done' }));
  found.refresh(copies);
  expect([...found.rows()].filter(({ local }) => local.kind === 'differs')).toHaveLength(1);
});

test('results that waited say what is known of local copies now, not when they came', () => {
  const copies = new LocalCopies();
  const found = new Found();
  found.show(new ResultList([result(1, 'film 1', 5, 1)]), copies, false);
  found.show(new ResultList([result(1, 'film 1', 5, 1), result(2, 'film 2', 5, 1)]), copies, true);
  copies.noteDownload(downloadView({ id: idOf(2), name: 'film 2', sizeBytes: 100, doneBytes: 40 }));
  found.refresh(copies);
  found.merge(copies);
  const locals = [...found.rows()].map(({ local }: FoundRow) => local);
  expect(locals).toMatchObject([{ kind: 'none' }, { percent: 40 }]);
});
